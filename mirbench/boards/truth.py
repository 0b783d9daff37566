"""The truth of a protocol's rows, in the form that metrics take."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from mirbench.boxes import boxes_of
from mirbench.metrics.pairs import Pair
from mirbench.metrics.relevance import Catalogue, Query
from mirbench.metrics.tagging import Marks
from mirbench.tasks import Task


def truth_of(rows: pd.DataFrame, task: Task) -> list[Any]:
    """Truth of each row: a code, a list of (start_s, end_s, label), a query with its catalogue, tags
    with their test set, an array of values, a table of times and frequencies, an
    array of codes, or a sound's place among the videos of its test set.

    Parameters
    ----------
    rows : DataFrame
        ``cell``, ``test``, ``id``, ``label``, ``group`` and, where albums are known, ``album``, where
        tags aren't, ``unknown``; the rows of a test set in the protocol's order.
    task : Task
    """
    if task.kind == "segments":
        return [_segments(label) for label in rows["label"]]
    if task.kind == "f0":
        known = {label: task.target(label) for label in dict.fromkeys(rows["label"])}
        return [known[label] for label in rows["label"]]
    if task.kind == "pairs":
        return _pairs(rows)
    if task.kind == "sequence":
        return [np.array(task.target(label), dtype=np.int64) for label in rows["label"]]
    if task.kind == "values":
        return [np.array(json.loads(label), dtype=float) for label in rows["label"]]
    if task.kind == "tags":
        return _marks(rows, task)
    if task.kind != "ranking":
        return [task.code(label) for label in rows["label"]]
    albums = rows["album"] if "album" in rows else pd.Series("", index=rows.index)
    albums = albums.where(albums.notna(), "").astype(str)
    truth: list[Any] = [None] * len(rows)
    where = rows.reset_index(drop=True).groupby(["cell", "test"], sort=False).indices
    for places in where.values():
        part = rows.iloc[places]
        catalogue = Catalogue(
            part["id"].tolist(),
            part["label"].tolist(),
            part["group"].tolist(),
            albums.iloc[places].tolist(),
            task.oracle,
        )
        for position, place in enumerate(places):
            truth[place] = Query(catalogue, position)
    return truth


def _pairs(rows: pd.DataFrame) -> list[Pair]:
    truth: list[Any] = [None] * len(rows)
    labels, lengths, ids = (rows[c].tolist() for c in ("label", "duration_s", "id"))
    where = rows.reset_index(drop=True).groupby(["cell", "test"], sort=False).indices
    for test, places in enumerate(where.values()):
        own = [ids[place] for place in places]
        for position, place in enumerate(places):
            boxes = boxes_of(labels[place])
            truth[place] = Pair(test, position, boxes, float(lengths[place]), own)
    return truth


def _marks(rows: pd.DataFrame, task: Task) -> list[Marks]:
    tests = rows.groupby(["cell", "test"], sort=False).ngroup().tolist()
    unknown = rows["unknown"].tolist() if "unknown" in rows else [None] * len(rows)
    made = [
        np.array(task.target(label, gaps), dtype=np.int8)
        for label, gaps in zip(rows["label"].tolist(), unknown)
    ]
    return [
        Marks(tags, test) if tags.min() >= 0 else Marks(np.maximum(tags, 0), test, tags >= 0)
        for tags, test in zip(made, tests)
    ]


def _segments(label: str) -> list[tuple[float, float, str]]:
    return [(float(start), float(end), str(name)) for start, end, name in json.loads(label)]
