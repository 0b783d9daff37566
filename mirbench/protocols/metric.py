"""Protocols of metric learning: a metric learned on some classes ranks notes of others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mirbench.protocols.episodes import (
    BUDGET,
    DATABASES,
    EMBEDDED,
    SEEDS,
    SPLITS,
    TESTED,
    WAYS,
    class_splits,
    note_table,
)
from mirbench.protocols.kept_items import with_labels
from mirbench.protocols.makers import protocol_over
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import load_task

HOW = (
    "The divisions of the classes of few-shot/{same}: a metric is learned from the notes of the classes "
    "fitted, and ranks notes of the {ways} others, each a query and the others its candidates; the notes of "
    "its instrument are relevant, most of them in other databases. One note of each block of neighbouring "
    "pitches is ranked, so that no near copy is a candidate and a filter by group takes nothing away. "
    "{splits} divisions say little of other instruments."
)


def instruments() -> Protocol:
    """Real notes of 5 unseen instruments, three times over."""
    return _unseen("metric/instruments", DATABASES, WAYS, SPLITS, "real")


def mini() -> Protocol:
    """Embedded notes of 4 unseen instruments, twice; a first run and no result."""
    return _unseen("metric/mini", EMBEDDED, 4, 2, "embedded")


METRIC = {"metric/instruments": instruments, "metric/mini": mini}


def one_a_group(items: pd.DataFrame) -> pd.DataFrame:
    """The middle item of each group, by its order in the table."""
    size = items.groupby("group")["group"].transform("size")
    return items[items.groupby("group").cumcount() == size // 2]


def ranking_cell(name: str, items: pd.DataFrame, novel: Sequence[str]) -> Cell:
    """A cell that trains on all other classes and ranks notes of the novel ones."""
    inside = items["label"].isin(novel)
    ranked = tuple(one_a_group(items[inside])["id"])
    return Cell(name, TESTED, tuple(items["id"][~inside]), {TESTED: ranked})


def ranking_protocol(
    name: str,
    items: pd.DataFrame,
    cells: Sequence[Cell],
    *,
    ways: int,
    evidence: str,
    seeds: Sequence[int] = SEEDS,
    more: str = "",
) -> Protocol:
    """Protocol of such cells; ``more`` ends its words."""
    used = {i for cell in cells for ids in (cell.train, *cell.tests.values()) for i in ids}
    words = HOW.format(same=name.rpartition("/")[2], ways=ways, splits=len(cells))
    return protocol_over(
        name,
        with_labels(load_task("same-instrument"), items[items["id"].isin(used)]),
        items,
        cells,
        seeds=seeds,
        budget=BUDGET,
        evidence=evidence,
        words=words + more,
    )


def _unseen(name: str, databases: Sequence[str], ways: int, splits: int, evidence: str) -> Protocol:
    items = note_table(databases)
    sets = class_splits(items["label"].tolist(), ways, splits)
    cells = [ranking_cell(f"split {i}", items, novel) for i, novel in enumerate(sets)]
    return ranking_protocol(name, items, cells, ways=ways, evidence=evidence)
