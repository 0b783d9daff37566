"""TinySOL: 2,913 single notes of 14 instruments, played in the ordinary way (Cella et al. 2020)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.notes import pitch_blocks
from mirbench.corpora.pitch_names import midi_number
from mirbench.corpora.published import (
    all_listed,
    corpus_folder,
    csv_table,
    first_there,
    with_audio,
)
from mirbench.errors import DataError
from mirbench.taxonomy import canonical

TITLE = "2,913 single notes of 14 instruments, ordinary playing, grouped by blocks of neighbouring pitches"
LICENCE = "CC BY 4.0"
HOW = (
    "get TinySOL.tar.gz and TinySOL_metadata.csv (zenodo.org, record 3685367) and unpack the archive "
    "there: Winds/Flute/ordinario/Fl-ord-C4-mf-N-T14d.wav"
)
FAULTS = (
    "one player and one room an instrument: it can't be told from its player (Ircam's Studio On Line, "
    "1996 to 1999; from memory)",
    "the official five folds are balanced over instruments, pitches and dynamics, so that neighbouring "
    "pitches of one instrument are on both sides; marked as leaking here",
    "notes that weren't recorded were resampled from a neighbour (names that end in R and cents; column "
    "resampled), which may be in another fold; others were tuned (T and cents); names in mirdata's index, what the letters mean from memory",
)
BIBTEX = r"""@inproceedings{cella2020orchideasol,
  author    = {Cella, Carmine-Emanuele and Ghisi, Daniele and Lostanlen, Vincent and L{\'e}vy, Fabien and Fineberg, Joshua and Maresz, Yan},
  title     = {{OrchideaSOL}: a dataset of extended instrumental techniques for computer-aided orchestration},
  booktitle = {Proc. Int. Computer Music Conf. (ICMC)},
  year      = {2020}
}"""
PROTOCOLS = ("instruments/tinysol", "instruments/tinysol-by-pitch")
_ZENODO = "https://zenodo.org/records/3685367/files"
REMOTES = (  # sums: mirdata, mirdata/datasets/tinysol.py; lengths: a public script that tests them
    Remote(
        "TinySOL_metadata.csv",
        (f"{_ZENODO}/TinySOL_metadata.csv?download=1",),
        "md5:a86c9bb115f69e61f2f25872e397fc4a",
        317_576,
    ),
    Remote(
        "TinySOL.tar.gz",
        (f"{_ZENODO}/TinySOL.tar.gz?download=1",),
        "md5:36030a7fe389da86c3419e5ee48e3b7f",
        1_026_917_185,
        "audio",
    ),
)
BY_HAND = ""
FOLDS = ("0", "1", "2", "3", "4")
N_NOTES = 2913
FAMILIES = ("Brass", "Keyboards", "Strings", "Winds")
_PLACES = ("", "audio", "TinySOL", "audio/TinySOL")
"""Where the archive's four families of folders may lie."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/tinysol``.

    Columns ``instrument`` (a label of the task instruments), ``name`` (as published), ``pitch`` (MIDI
    number), ``dynamics``, ``fold`` (official, "0" to "4"), ``retuning`` (``N``, or T or R and cents up or
    down: tuned or resampled) and ``resampled`` ("yes" or "no"). The group is a fifth of the instrument's
    notes by pitch: see `mirbench.corpora.notes.pitch_blocks`.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, the list or a recording isn't there, or the list isn't the published one.
    """
    root = corpus_folder("tinysol", HOW)
    (source,) = first_there([root, root / "annotation"], ["TinySOL_metadata.csv"], HOW)
    index = _index(source)
    places = [root / p for p in _PLACES if any((root / p / f).is_dir() for f in FAMILIES)]
    base = places[0] if places else root
    notes = (p for family in FAMILIES for p in (base / family).rglob("*.wav"))
    all_listed(notes, set(index["id"]), source, HOW, partial)
    index = with_audio(index, base, HOW, partial)
    index = index.assign(group=pitch_blocks(index, "tinysol", source))
    return Corpus(
        "tinysol",
        item_table(index, base, "tinysol", source=source),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(source),
    )


def _index(source: Path) -> pd.DataFrame:
    # names of the columns on pitches differ by version, so those are read from the path
    told = csv_table(source, ("Path", "Fold", "Instrument (in full)"), HOW)
    if told.empty:
        raise DataError(f"{source}: lists no note; {HOW}")
    rows = []
    for path, fold, full in zip(told["Path"], told["Fold"], told["Instrument (in full)"]):
        parts = Path(path).stem.split("-")  # Fl-ord-C4-mf-N-T14d; a string in place of the N
        label = canonical(parts[0])
        pitch = midi_number(parts[2]) if len(parts) == 6 else None
        if label is None or pitch is None or fold not in FOLDS:
            raise DataError(f"{source}: {path!r} in fold {fold!r} isn't as published; {HOW}")
        rows.append(
            {
                "id": Path(path).stem,
                "path": path,
                "instrument": label,
                "name": full,
                "pitch": pitch,
                "dynamics": parts[3],
                "fold": fold,
                "retuning": parts[5],
                "resampled": "yes" if parts[5].startswith("R") else "no",
            }
        )
    return pd.DataFrame(rows)
