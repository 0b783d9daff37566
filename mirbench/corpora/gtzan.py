"""GTZAN: 1,000 excerpts of 30 s, ten genres (Tzanetakis and Cook 2002)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
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
    "50 excerpts repeat another exactly, one of them under another genre (REPEATS; column repeat_of)",
    "reggae.00086 is distorted for most of its length (DISTORTED); mislabellings aren't listed here: "
    "they are Sturm's judgement, in the tables of the paper",
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
PROTOCOLS = ("genre/gtzan-filtered", "genre/gtzan-deduplicated", "genre/gtzan-random")
REMOTES = (
    Remote(
        "genres.tar.gz",
        (
            "https://huggingface.co/datasets/marsyas/gtzan/resolve/main/data/genres.tar.gz",
            "http://opihi.cs.uvic.ca/sound/genres.tar.gz",
        ),
        # of the second address, in torchaudio's loader and a public copy of it
        "sha256:24347e0223d2ba798e0a558c4c172d9d4a19c00bb7963fe055d183dadb4ef2c6",
        unpack=".",
    ),
)
SIZE = "about 1.2 GB"
"""From memory."""
BY_HAND = ""
GENRES = (
    *("blues", "classical", "country", "disco", "hiphop"),
    *("jazz", "metal", "pop", "reggae", "rock"),
)
PER_GENRE = 100
BROKEN = frozenset(("jazz.00054",))
_REPEATED = {
    "disco": ((50, 51, 70), (55, 60, 89), (71, 74), (98, 99)),
    "hiphop": ((39, 45), (76, 78)),
    "jazz": (
        *((33, 51), (34, 53), (35, 55), (36, 58), (37, 60), (38, 62), (39, 65), (40, 67)),
        *((42, 68), (43, 69), (44, 70), (45, 71), (46, 72)),
    ),
    "metal": ((4, 13), (34, 94), (40, 61), (41, 62), (42, 63), (43, 64), (44, 65), (45, 66)),
    "pop": (
        *((15, 22), (30, 31), (45, 46), (47, 80), (52, 57), (54, 60), (56, 59), (67, 71)),
        *((87, 90),),
    ),
    "reggae": (
        *((3, 54), (5, 56), (8, 57), (10, 60), (13, 58), (41, 69), (73, 74)),
        *((80, 81, 82), (75, 91, 92)),
    ),
}
REPEATS = (
    *(
        tuple(f"{genre}.{number:05d}" for number in same)
        for genre, sets in _REPEATED.items()
        for same in sets
    ),
    ("metal.00058", "rock.00016"),
)
"""Sets of excerpts that are exactly the same (Sturm 2013, as users have written out its table; 50
repeat one before them, as the paper counts, from memory)."""
DISTORTED = frozenset(("reggae.00086",))
"""Excerpts that are mostly distortion; from the same source, which names no other."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/gtzan``.

    A genre's folder is in the folder itself or in its ``genres`` or ``genres_original``; files are
    ``.wav`` or, as first published, ``.au``. Columns ``genre`` and ``repeat_of`` (the first of its set in
    ``REPEATS``, empty for that one and all others); the group is the excerpt.

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
    first = {name: same[0] for same in REPEATS for name in same[1:]}
    index["repeat_of"] = [first.get(name, "") for name in index["id"]]
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
