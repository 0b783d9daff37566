"""Corpora that hold several of their kind, each a seed of a generator (column ``catalogue``)."""

from __future__ import annotations

import pandas as pd

from mirbench.corpora import load_corpus
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Cell
from mirbench.tasks import REST, Task


def items_of_parts(corpus: str, task: Task, part: str = "") -> pd.DataFrame:
    """A corpus's items with the column ``part``: which of its corpora; those of one alone if named."""
    loaded = load_corpus(corpus)
    items = protocol_items(loaded, task)
    parts = loaded.items.set_index("id").loc[items["id"], "catalogue"].astype(str).tolist()
    items = items.assign(part=parts)
    return items[items["part"] == part].reset_index(drop=True) if part else items


def leave_a_part_out(items: pd.DataFrame, name: str) -> list[Cell]:
    """A cell for each part: it is tested, the others train."""
    cells = []
    for part, own in items.groupby("part", sort=False):
        rest = tuple(items.loc[items["part"] != part, "id"])
        cells.append(Cell(f"{name} {part} out", REST, rest, {f"{name} {part}": tuple(own["id"])}))
    return cells
