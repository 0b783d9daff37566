"""Protocols of metric learning: a metric learned on some classes ranks notes of others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mirbench.frames import Grid
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
from mirbench.protocols.makers import headline, with_labels
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


def _unseen(name: str, databases: Sequence[str], ways: int, splits: int, evidence: str) -> Protocol:
    items = note_table(databases)
    cells = []
    for i, novel in enumerate(class_splits(items["label"].tolist(), ways, splits)):
        inside = items["label"].isin(novel)
        ranked = tuple(one_a_group(items[inside])["id"])
        cells.append(Cell(f"split {i}", TESTED, tuple(items["id"][~inside]), {TESTED: ranked}))
    used = {i for cell in cells for ids in (cell.train, *cell.tests.values()) for i in ids}
    items = items[items["id"].isin(used)].reset_index(drop=True)
    task = with_labels(load_task("same-instrument"), items)
    return Protocol(
        name,
        "1",
        task,
        Grid(),
        items,
        tuple(cells),
        SEEDS,
        BUDGET,
        headline(task),
        evidence,
        HOW.format(same=name.rpartition("/")[2], ways=ways, splits=splits),
    )
