"""What a protocol keeps of a corpus: its items with a task's truth."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.boxes import read_boxes
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.f0 import read_f0
from mirbench.corpora.lab import read_lab
from mirbench.errors import DataError, ProtocolError
from mirbench.pairs import as_label as pair_label
from mirbench.pitch import as_label
from mirbench.tasks import Task

STRATA = ("language", "sex", "style", "vocals", "has_overlap", "dynamics", "members")


def protocol_items(corpus: Corpus, task: Task) -> pd.DataFrame:
    """The part of a corpus's item table that a protocol keeps, with this task's truth.

    Raises
    ------
    ProtocolError
        The corpus lacks the task's label column, or none of its labels is one of the task's.
    """
    table = corpus.items
    kept = pd.DataFrame(
        {
            "id": table["id"],
            "corpus": corpus.name,
            "item": table["id"],
            "start_s": 0.0,
            "duration_s": table["duration_s"].astype(float),
            "degradation": "",
            "key": table["key"],
            "group": table["group"],
            "label": _truth(corpus, task),
        }
    )
    for column in (*STRATA, *(("album",) if task.kind == "ranking" else ())):
        if column in table and table[column].notna().any():
            kept[column] = table[column]
    if task.kind == "ranking" and "artist" in table:  # what the artist filter goes by
        artist = table["artist"].where(table["artist"].notna(), "").astype(str).str.strip()
        kept["group"] = artist.where(artist != "", kept["group"]).to_numpy()
    known = kept["label"].notna()
    if task.kind == "tags" and "unknown" in table:
        unknown = [_unknown(task, word) for word in table["unknown"]]
        if any(unknown):  # the column stands only where it says something
            kept["unknown"] = np.array(unknown, dtype=object)
    if task.kind == "tags":
        known &= bool((kept["label"] != "[]").any())
    if not known.any():
        where = list(task.labels) if task.kind == "values" else [label_column(corpus, task)]
        found = ", ".join(sorted({str(v) for v in table[where].to_numpy().ravel()})[:8])
        raise ProtocolError(
            f"{corpus.source or corpus.name}: no item has a label of task {task.name} "
            f"({', '.join(task.labels) or task.column}); column {', '.join(map(repr, where))} holds {found}; "
            f"{'fill it in' if task.holds_tags else 'rename the labels in the index'}"
        )
    return kept[known].reset_index(drop=True)


def label_column(corpus: Corpus, task: Task) -> str:
    """Column of a corpus that holds the task's label; ``label`` where the task's own isn't there."""
    return task.column if task.column in corpus.items else "label"


def _truth(corpus: Corpus, task: Task) -> list[str | None]:
    table = corpus.items
    if task.kind == "segments" and task.column not in table and "label" in table:
        # a clip with one label is one segment
        rows = zip(table["duration_s"], table["label"], strict=True)
        return [json.dumps([[0.0, float(d), v]]) if v in task.labels else None for d, v in rows]
    if task.kind == "values":
        return _values(corpus, task)
    column = label_column(corpus, task)
    if column not in table or (task.kind in ("segments", "f0", "pairs") and column == "label"):
        raise ProtocolError(
            f"{corpus.source or corpus.name}: no label column {task.column!r} for task {task.name}; "
            f"its index has {', '.join(corpus.items.columns)}: add or rename the column"
        )
    if task.kind == "f0":
        return [_pitch(*row) for row in zip(table["path"], table[column], table["duration_s"])]
    if task.kind == "pairs":
        return [_pair(row, task.column) for row in table.to_dict("records")]
    if task.kind != "segments":
        return [task.named(v) for v in table[column]]
    truth: list[str | None] = []
    for path, lab in zip(table["path"], table[task.column], strict=True):
        segments = read_lab(f"{str(path).rpartition('/')[0]}/{lab}")
        for _, _, label in segments:
            task.code(label)
        truth.append(json.dumps([list(s) for s in segments]))
    return truth


def _pitch(sound: str, path: object, duration_s: float) -> str | None:
    """The truth of an item, from a file named absolutely or beside its sound; None without one."""
    if not isinstance(path, str) or not path.strip():
        return None
    place = Path(sound).parent / path
    try:
        return as_label(*read_f0(place), float(duration_s))
    except DataError as error:
        said = str(error)
        raise DataError(said if str(place) in said else f"{place}: {said}") from error


def _pair(row: dict, column: str) -> str | None:
    """The truth of a sound: its video, named absolutely or beside it, and perhaps boxes; None without."""
    if not isinstance(row[column], str) or not row[column].strip():
        return None
    beside = Path(row["path"]).parent
    boxes = row.get("boxes_path")
    shown = read_boxes(beside / boxes) if isinstance(boxes, str) and boxes.strip() else None
    return pair_label(beside / row[column], 0.0, float(row["duration_s"]), shown)


def _unknown(task: Task, word: object) -> str | None:
    """The task's tags among those of ``a|b`` that nobody looked for, as JSON; None for none."""
    text = task.named(word)
    return None if text in (None, "[]") else text


def _values(corpus: Corpus, task: Task) -> list[str | None]:
    """Numbers of an item, one a label; None for an item that lacks one."""
    table = corpus.items
    missing = [label for label in task.labels if label not in table]
    if missing or not task.labels:
        raise ProtocolError(
            f"{corpus.source or corpus.name}: no column {', '.join(missing) or task.column!r} for task "
            f"{task.name}; its index has {', '.join(table.columns)}: add or rename the column"
        )
    try:
        numbers = table[list(task.labels)].replace("", np.nan).astype(float).to_numpy()
    except (TypeError, ValueError) as error:
        raise ProtocolError(
            f"{corpus.source or corpus.name}: {', '.join(task.labels)} must be numbers ({error}); "
            "mend the index"
        ) from error
    return [json.dumps(row.tolist()) if np.isfinite(row).all() else None for row in numbers]


def with_labels(task: Task, items: pd.DataFrame) -> Task:
    """The task with the labels that its items have, where it has none of its own.

    A protocol's label set has all its items' labels, tested ones too, as a published list has.
    """
    if task.labels:
        return task
    each = items["label"]
    words = {w for label in each for w in json.loads(label)} if task.holds_tags else set(each)
    return replace(task, labels=tuple(sorted(words)))
