"""GTZAN: 1,000 excerpts of 30 s, ten genres (Tzanetakis and Cook 2002)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.published import corpus_folder, readable, with_audio

TITLE = "1,000 excerpts of 30 s, ten genres, each its own group: artists aren't given"
LICENCE = "none given; recordings from CDs, radio and microphones, for research (from memory)"
HOW = (
    "get genres.tar.gz (or a copy with .wav) of the GTZAN Genre Collection (Tzanetakis, Marsyas) "
    "and unpack it there: genres/blues/blues.00000.wav"
)
FAULTS = (
    "repetitions, distortions and mislabelled excerpts (Sturm 2013); the fault-filtered lists leave "
    "70 excerpts out (Kereliuk, Sturm and Larsen 2015)",
    "artists recur within a genre and aren't named in the collection, so random folds and their "
    "intervals flatter (Sturm 2013)",
    "jazz.00054 can't be read in the common copy with .wav files and is left out there (several "
    "users; from memory)",
)
BIBTEX = r"""@article{tzanetakis2002musical,
  author  = {Tzanetakis, George and Cook, Perry},
  title   = {Musical genre classification of audio signals},
  journal = {IEEE Transactions on Speech and Audio Processing},
  volume  = {10},
  number  = {5},
  pages   = {293--302},
  year    = {2002}
}"""
GENRES = (
    *("blues", "classical", "country", "disco", "hiphop"),
    *("jazz", "metal", "pop", "reggae", "rock"),
)
PER_GENRE = 100
BROKEN = frozenset(("jazz.00054",))


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/gtzan``.

    A genre's folder is in the folder itself or in its ``genres`` or ``genres_original``; files are
    ``.wav`` or, as first published, ``.au``. Column ``genre``; the group is the excerpt.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder or a recording isn't there, or one that isn't in ``BROKEN`` can't be read.
    """
    root = corpus_folder("gtzan", HOW)
    names = [f"{genre}.{number:05d}" for genre in GENRES for number in range(PER_GENRE)]
    index = pd.DataFrame({"id": names, "path": [_place(root, name) for name in names]})
    index["genre"] = index["id"].str.partition(".")[0]
    index = readable(with_audio(index, root, HOW, partial), root, BROKEN)
    items = item_table(index, root, "gtzan")
    return Corpus(
        "gtzan",
        items.assign(group=items["id"]),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(root),
    )


def _place(root: Path, name: str) -> str:
    """Where an excerpt is below ``root``; its published path where it's nowhere."""
    genre = name.partition(".")[0]
    folders = ("genres/", "", "genres_original/", "Data/genres_original/")
    tried = [f"{f}{genre}/{name}{suffix}" for suffix in (".wav", ".au") for f in folders]
    return next((path for path in tried if (root / path).is_file()), tried[0])
