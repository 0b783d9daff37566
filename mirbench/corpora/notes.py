"""Databases of isolated notes: one folder, one index, a column that names the database."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora import real_folder
from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.folder import read_index
from mirbench.errors import DataError

INSTRUMENTS = (
    *("instruments/lodo", "instruments/matrix", "instruments/random", "instruments/66-33"),
    "instruments/robustness",
    "few-labels/instruments",
    "few-labels/instruments-published",
    "few-shot/instruments",
    "metric/instruments",
)
"""Protocols of all six databases; the first is Livshin and Rodet's, train on all others."""
BLOCKS = 5
"""Blocks of neighbouring pitches that an instrument is cut into."""


def load_notes(database: str, **facts: object) -> Corpus:
    """The notes of one database under ``MIRBENCH_DATA/instruments``.

    Parameters
    ----------
    database : str
        Value of the index's column ``database``, and name of the corpus.
    **facts
        Further fields of :class:`Corpus`.

    Raises
    ------
    DataError
        The folder isn't there, or its index holds no note of the database.
    """
    return load_note_folder(real_folder("instruments"), database, database=database, **facts)


def load_note_folder(root: Path, name: str, database: str | None = None, **facts: object) -> Corpus:
    """Corpus over ``root/index.csv``, or its rows that are of one database, grouped by pitch."""
    source = root / "index.csv"
    index = read_index(source)
    if database is not None:
        if "database" not in index.columns or not (index["database"] == database).any():
            raise DataError(f"{source}: its column 'database' never says {database!r}; correct it")
        index = index[index["database"] == database]
    index = index.assign(group=pitch_blocks(index, name, source)).reset_index(drop=True)
    items = item_table(index, root, name, source=source)
    return Corpus(name, items, source=str(source), **facts)  # type: ignore[arg-type]


def pitch_blocks(index: pd.DataFrame, name: str, source: Path, blocks: int = BLOCKS) -> list[str]:
    """Group of each note: database, instrument, and which fifth of the instrument's notes by pitch.

    Neighbouring pitches of one instrument of one database are near copies of each other (often
    of one recording, resampled), so that they belong on one side of a split.

    Parameters
    ----------
    index : DataFrame
        Columns ``instrument`` and ``pitch`` (MIDI number).
    name : str
        Of the database.
    source : Path
        File to name in errors.
    blocks : int
        Contiguous blocks an instrument, of equal numbers of notes as far as they go; notes of one
        pitch are never parted.

    Raises
    ------
    DataError
        A column is missing, or a pitch is no number.
    """
    missing = {"instrument", "pitch"} - set(index.columns)
    if missing:
        raise DataError(
            f"{source}: needs a column {', '.join(sorted(missing))!r} to group notes by"
        )
    pitch = pd.to_numeric(index["pitch"], errors="coerce").to_numpy(dtype=float)
    if np.isnan(pitch).any():
        line = int(index.index[np.flatnonzero(np.isnan(pitch))[0]]) + 2
        raise DataError(f"{source}: line {line} has no MIDI number in column 'pitch'; fill it in")
    instrument = index["instrument"].to_numpy(dtype=str)
    block = np.zeros(len(index), dtype=int)
    for label in np.unique(instrument):
        own = instrument == label
        lower = (pitch[own][:, None] > pitch[own][None, :]).sum(axis=1)
        block[own] = lower * blocks // own.sum()
    return [f"{name}/{label}/pitch block {b + 1}" for label, b in zip(instrument, block)]
