"""Measuring set by set, and what is kept of it: a file a measure, a row a set and quantity."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from deep.criteria.alignment import alignment
from deep.criteria.answers import answers
from deep.criteria.codes import codes
from deep.criteria.drawn import drawn
from deep.criteria.notes import notes_of
from deep.criteria.transfer import transfer
from deep.criteria.waveforms import told, waveforms
from deep.sequences.claims import LINES
from mirbench.canonical import code_hash
from mirbench.errors import DataError
from mirbench.items import Item
from mirbench.protocols import Protocol, load_protocol
from mirbench.running.items import protocol_items

NOTES = "few-labels/embedded"
OF_NOTES = {f.__name__: f for f in (codes, waveforms, told, drawn, answers, transfer)}
MEASURES: dict[str, Callable[..., dict[str, float]]] = {**OF_NOTES, alignment.__name__: alignment}
COLUMNS = ["protocol", "set", "quantity", "value", "code"]


def protocol_of(name: str) -> str:
    """The protocol whose cells are the sets of a measure."""
    return NOTES if name in OF_NOTES else LINES


def measure(
    name: str, protocol: Protocol, items: dict[str, Item], cell: int, steps: int | None = None
) -> pd.DataFrame:
    """Rows of one set: ``protocol``, ``set``, ``quantity``, ``value``, ``code``.

    The set's number is the seed of its fits, so that sets have weights of their own.
    """
    if name in OF_NOTES:
        found = OF_NOTES[name](notes_of(protocol, items, cell), cell, steps)
    else:
        found = alignment(protocol, items, cell, steps)
    place, code = protocol.cells[cell].name, code_hash(MEASURES[name])
    rows = [(protocol.name, place, what, value, code) for what, value in found.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def measure_missing(name: str, folder: Path) -> Iterator[str]:
    """Measure the sets that a file lacks, or has from other code; the file is whole after each. Yields the
    name of the set that comes next."""
    path = folder / f"{name}.csv"
    code = code_hash(MEASURES[name])
    parts = [rows[rows["code"] == code] for rows in [read(path)]] if path.is_file() else []
    done = {place for rows in parts for place in rows["set"]}
    protocol = load_protocol(protocol_of(name))
    todo = [i for i, cell in enumerate(protocol.cells) if cell.name not in done]
    items = protocol_items(protocol) if todo else {}
    folder.mkdir(parents=True, exist_ok=True)
    for cell in todo:
        yield protocol.cells[cell].name
        parts.append(measure(name, protocol, items, cell))
        part = path.with_suffix(f".{os.getpid()}.part")
        pd.concat(parts).to_csv(part, index=False)
        part.replace(path)


def read(path: Path) -> pd.DataFrame:
    """A file of `measure_missing`.

    Raises
    ------
    DataError
        It isn't one, or holds a value that isn't finite.
    """
    try:
        table = pd.read_csv(path, dtype={"set": str, "code": str})
    except ValueError as error:
        raise DataError(
            f"{path}: no table of measures ({error}); delete it and measure again"
        ) from error
    if (
        list(table.columns) != COLUMNS
        or not pd.api.types.is_numeric_dtype(table["value"])
        or table.isna().any(axis=None)
    ):
        raise DataError(
            f"{path}: not a table of {', '.join(COLUMNS)} without gaps; delete it and measure again"
        )
    return table
