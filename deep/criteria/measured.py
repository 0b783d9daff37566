"""Measuring set by set, and what is kept of it: a file a measure, a row a set and quantity."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from deep.criteria.alignment import alignment
from deep.criteria.answers import answers
from deep.criteria.codes import codes
from deep.criteria.drawn import drawn
from deep.criteria.notes import notes_of
from deep.criteria.transfer import transfer
from deep.criteria.waveforms import told, waveforms
from deep.sequences.claims import LINES
from mirbench.canonical import code_hash, digest
from mirbench.errors import DataError
from mirbench.home import write_atomically
from mirbench.items import Item
from mirbench.protocols import Protocol, load_protocol
from mirbench.running.items import protocol_items

NOTES = "few-labels/embedded"
OF_NOTES = {f.__name__: f for f in (codes, waveforms, told, drawn, answers, transfer)}
MEASURES: dict[str, Callable[..., dict[str, float]]] = {**OF_NOTES, alignment.__name__: alignment}
COLUMNS = ["protocol", "set", "quantity", "value", "code"]


def protocol_of(name: str) -> Protocol:
    """The protocol whose cells are the sets of a measure."""
    return load_protocol(NOTES if name in OF_NOTES else LINES)


def code_of(name: str) -> str:
    """Hash of what a measure is made by: its code and the sets."""
    return digest([code_hash(MEASURES[name]), protocol_of(name).hash])


def measure(name: str, items: dict[str, Item], cell: int, steps: int | None = None) -> pd.DataFrame:
    """Rows of one set: ``protocol``, ``set``, ``quantity``, ``value``, ``code``.

    The set's number is the seed of its fits, so that sets have weights of their own.
    """
    protocol = protocol_of(name)
    if name in OF_NOTES:
        found = OF_NOTES[name](notes_of(protocol, items, cell), cell, steps)
    else:
        found = alignment(protocol, items, cell, steps)
    place, code = protocol.cells[cell].name, code_of(name)
    rows = [(protocol.name, place, what, value, code) for what, value in found.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def measure_missing(name: str, folder: Path) -> Iterator[str]:
    """Measure the sets that a file lacks, or has from other code, and replace them one by one; the file is
    whole after each. Yields the name of the set that comes next.

    Raises
    ------
    DataError
        The file is damaged, or can't be written.
    OSError
        The folder can't be made.
    """
    path, code = folder / f"{name}.csv", code_of(name)
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK) or (path.exists() and not path.is_file()):
        raise DataError(f"{path}: can't be written; mend that or name another --folder")
    known = read(path) if path.is_file() else pd.DataFrame(columns=COLUMNS)
    done = set(known.loc[known["code"] == code, "set"])
    protocol = protocol_of(name)
    todo = [i for i, cell in enumerate(protocol.cells) if cell.name not in done]
    items = protocol_items(protocol) if todo else {}
    for cell in todo:
        place = protocol.cells[cell].name
        yield place
        new = measure(name, items, cell)
        others = known[known["set"] != place]
        known = pd.concat([others, new]) if len(others) else new
        known = known.sort_values("set", kind="stable")
        write_atomically(path, partial(known.to_csv, index=False))


def read(path: Path) -> pd.DataFrame:
    """A file of `measure_missing`; its name says of which measure.

    Raises
    ------
    DataError
        It isn't one: other columns, a value that is no finite number, a set that the protocol lacks, a
        quantity of a set twice.
    """
    mend = "delete it and measure again"
    try:
        table = pd.read_csv(path, dtype={"set": str, "code": str})
    except ValueError as error:
        raise DataError(f"{path}: no table of measures ({error}); {mend}") from error
    if list(table.columns) != COLUMNS or table.isna().any(axis=None):
        raise DataError(f"{path}: not a table of {', '.join(COLUMNS)} without gaps; {mend}")
    if table["value"].dtype.kind not in "iuf" or not np.isfinite(table["value"]).all():
        raise DataError(f"{path}: holds a value that is no finite number; {mend}")
    protocol = protocol_of(path.stem)
    if strange := {*table["set"]} - {cell.name for cell in protocol.cells}:
        raise DataError(f"{path}: {protocol.name} has no set {min(strange)!r}; {mend}")
    if set(table["protocol"]) != {protocol.name} or table.duplicated(["set", "quantity"]).any():
        raise DataError(f"{path}: rows of another protocol than {protocol.name}, or twice; {mend}")
    return table
