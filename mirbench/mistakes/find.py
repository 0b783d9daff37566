"""A method's worst mistakes, from its record alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mirbench.boards.judge import Judge
from mirbench.errors import ProtocolError
from mirbench.metrics import Metric
from mirbench.metrics.tagging import THRESHOLD
from mirbench.tasks import UNKNOWN, Task

LISTED = 5
"""Tracks at the head of a query's list that are shown."""

MOST = 6
"""Dimensions of values that are told."""

LEAST = 1e-6
"""Probability of what is true at the least, in a cross-entropy."""

MISSED = 2
"""Relevant tracks further down that are shown with their ranks."""


@dataclass(frozen=True)
class Mistake:
    """An item that a method got wrong.

    Attributes
    ----------
    cell, test, id : str
        Where it was tested; of several wrong answers for an item the worst one.
    badness : float
        What mistakes are sorted by: the score of the wrong label, the share of wrong frames, 1 minus
        average precision, the mean cross-entropy of tags, or the root mean square of values' errors in
        standard deviations of their truth.
    truth, decided : str
    said : str
        How wrong, in words.
    scores : tuple of (label, float)
        Highest first; empty for rankings.
    frames : ndarray of int, optional
        Decided code of each scored frame.
    tracks : tuple of (id, rank, distance, relevant)
        Of a ranking: the head of the list, then relevant tracks that came later.
    """

    cell: str
    test: str
    id: str
    badness: float
    truth: str
    decided: str
    said: str
    scores: tuple[tuple[str, float], ...] = ()
    frames: np.ndarray | None = field(default=None, compare=False)
    tracks: tuple[tuple[str, int, float, bool], ...] = ()


def worst(judge: Judge, spec: str, n: int = 20) -> tuple[list[Mistake], str]:
    """The ``n`` worst mistakes over the rows that a board pools, each item once, and a sentence.

    Classes: items with a wrong decision, by the score of the wrong label. Frames: items by their
    share of wrong frames. Tags: items with a wrong decision, by cross-entropy. Values: items by their
    error. Rankings: queries by average precision. Of several seeds the lowest counts.

    Raises
    ------
    ProtocolError
        The task is of another kind.
    """
    kind = judge.protocol.task.kind
    finders = {
        "classes": _classes,
        "frames": _frames,
        "tags": _tags,
        "values": _values,
        "ranking": _ranking,
    }
    if kind not in finders:
        raise ProtocolError(
            f"protocol {judge.protocol.name}: a report is made for tasks of kind "
            f"{', '.join(finders)}, not {kind}; 'mirbench apply' draws the segments of a recording"
        )
    rows = judge.rows[judge.main]
    outputs = judge.outputs(judge.methods[spec][0])
    kept = [output for output, main in zip(outputs, judge.main) if main]
    found = list(finders[kind](judge, rows, kept))
    found.sort(key=lambda m: (-m.badness, m.id, m.cell, m.test))
    times = pd.Series([m.id for m in found]).value_counts()
    tested = rows["id"].value_counts()
    once: dict[str, Mistake] = {}
    for mistake in found:
        once.setdefault(mistake.id, mistake)
    words = {
        "classes": f"{len(found)} of {len(rows)} decisions are wrong, of {len(times)} items. "
        "Shown first: the highest score for a wrong label.",
        "frames": f"{len(times)} of {len(tested)} items have wrong frames. "
        "Shown first: the largest share of wrong frames.",
        "tags": f"{len(found)} of {len(rows)} answers have a wrong tag or lack one. "
        "Shown first: the largest mean cross-entropy of the tags' probabilities.",
        "values": "Shown first: the largest root mean square error over the dimensions, each in "
        "standard deviations of its truth.",
        "ranking": f"{len(found)} of {len(rows)} queries count and aren't perfect. "
        "Shown first: the lowest average precision.",
    }
    return list(once.values())[:n], words[kind]


def _classes(judge: Judge, rows: pd.DataFrame, outputs: list[Any]) -> Iterator[Mistake]:
    labels = judge.protocol.task.labels
    for where, scores in zip(_where(rows), outputs):
        code = int(np.argmax(scores))
        if labels[code] == where["label"]:
            continue
        said = (
            f"{where['label']} heard as {labels[code]}, with a score of {scores[code]:.3g} against "
            f"{scores[labels.index(where['label'])]:.3g}"
        )
        yield _mistake(where, float(scores[code]), labels[code], said, _ranked(labels, scores))


def _frames(judge: Judge, rows: pd.DataFrame, outputs: list[Any]) -> Iterator[Mistake]:
    labels = judge.protocol.task.labels
    for where, scores in zip(_where(rows), outputs):
        codes = np.asarray(scores).argmax(axis=1)
        wrong = codes != labels.index(where["label"])
        if not wrong.any():
            continue
        mean = np.asarray(scores, dtype=float).mean(axis=0)
        said = (
            f"{100 * wrong.mean():.1f} % of {len(codes)} scored frames are wrong; the mean score of "
            f"{where['label']} is {mean[labels.index(where['label'])]:.3g}"
        )
        decided = labels[int(np.bincount(codes, minlength=len(labels)).argmax())]
        yield _mistake(where, float(wrong.mean()), decided, said, _ranked(labels, mean), codes)


def _tags(judge: Judge, rows: pd.DataFrame, outputs: list[Any]) -> Iterator[Mistake]:
    task = judge.protocol.task
    for where, scores in zip(_where(rows), outputs):
        codes = np.array(task.target(where["label"], where.get("unknown")))
        holds, known = codes > 0, codes != UNKNOWN
        scores = np.asarray(scores, dtype=float)
        decided = (scores >= THRESHOLD) & known
        if (decided == holds).all():
            continue
        right = np.clip(np.where(holds, scores, 1 - scores), LEAST, 1)
        right[~known] = 1.0  # an answer that nobody can judge is no mistake
        wrong, missed = (in_words(task, mask) for mask in (decided & ~holds, holds & ~decided))
        said = "; ".join(f"{w}: {x}" for w, x in (("wrongly", wrong), ("missed", missed)) if x)
        order = np.argsort(right, kind="stable")
        tags = tuple((task.labels[i], float(scores[i])) for i in order)
        badness = float(-np.log(right).mean())
        yield _mistake(where, badness, in_words(task, decided) or "no tag", said, tags)


def _values(judge: Judge, rows: pd.DataFrame, outputs: list[Any]) -> Iterator[Mistake]:
    task = judge.protocol.task
    truth = np.array([task.target(label) for label in rows["label"]])
    spread = np.where(truth.std(axis=0) > 0, truth.std(axis=0), 1.0)
    for where, true, answer in zip(_where(rows), truth, np.stack(outputs).astype(float)):
        off = (answer - true) / spread
        said = ", ".join(
            f"{label} {a:.3g} for {t:.3g}"
            for label, a, t, _ in sorted(zip(task.labels, answer, true, off), key=_size)[:MOST]
        )
        scores = tuple(zip(task.labels, answer.tolist()))
        badness = float(np.sqrt((off**2).mean()))
        yield _mistake(where, badness, as_text(task, answer), said, scores)


def _size(dimension: tuple[str, float, float, float]) -> float:
    return -abs(dimension[3])


def in_words(task: Task, holds: np.ndarray) -> str:
    """Tags of a mask."""
    return ", ".join(tag for tag, here in zip(task.labels, holds) if here)


def as_text(task: Task, values: np.ndarray) -> str:
    """Values of an item, the first few."""
    named = [f"{label} {value:.3g}" for label, value in zip(task.labels, values)]
    return ", ".join(named[:MOST]) + (", …" if len(named) > MOST else "")


def truth_text(task: Task, label: str) -> str:
    """The truth of an item as it is read: tags and values stand as JSON in a protocol."""
    if task.kind == "tags":
        return ", ".join(json.loads(label)) or "no tag"
    return as_text(task, np.array(json.loads(label))) if task.kind == "values" else label


def alike(task: Task, a: str, b: str) -> bool:
    """Whether two items' truths are the same label, or share a tag; values aren't alike."""
    if task.kind == "tags":
        return not set(json.loads(a)).isdisjoint(json.loads(b))
    return task.kind != "values" and a == b


def _ranking(judge: Judge, rows: pd.DataFrame, outputs: list[Any]) -> Iterator[Mistake]:
    metric, without = _precision(judge)
    truth = [query for query, main in zip(judge.truth, judge.main) if main]
    counts = metric.counts(truth, outputs, judge.protocol.task, judge.protocol.grid)
    for where, query, (ids, distances), count in zip(_where(rows), truth, outputs, counts):
        value = float(metric.value(count))
        if not value < 100:  # NaN where nothing is relevant
            continue
        catalogue, own = query.catalogue, query.position
        relevant = catalogue.relevant(own, without)
        allowed = catalogue.allowed(own, without)[ids]
        found = [
            (catalogue.ids[i], rank, float(distance), bool(relevant[i]))
            for rank, (i, distance) in enumerate(zip(ids[allowed], distances[allowed]), start=1)
        ]
        later = [track for track in found[LISTED:] if track[3]][:MISSED]
        said = f"{metric.name} {value:.1f} %: {int(relevant.sum())} tracks are relevant, " + (
            f"the first of them has rank {next(t[1] for t in found if t[3])}"
            if any(t[3] for t in found)
            else "none is in the list"
        )
        tracks = (*found[:LISTED], *later)
        yield _mistake(where, 1 - value / 100, "", said, tracks=tracks)


def _precision(judge: Judge) -> tuple[Metric, str]:
    """Average precision, filtered as the protocol's first headline is, and what the filter leaves
    out."""
    first = judge.headline[0].name
    suffix = next((f" ({w} filter)" for w in ("artist", "album") if f"({w} filter)" in first), "")
    name = "MAP@20" if judge.protocol.task.oracle else "MAP"
    chosen = judge.metrics.get(name + suffix, judge.metrics[name])
    return chosen, suffix.strip(" ()").partition(" ")[0] if chosen.name != name else ""


def _where(rows: pd.DataFrame) -> list[dict[str, Any]]:
    names = ["cell", "test", "id", "label", *(["unknown"] if "unknown" in rows else [])]
    return [dict(zip(names, row)) for row in zip(*(rows[name].tolist() for name in names))]


def _ranked(labels: tuple[str, ...], scores: np.ndarray) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    return tuple((labels[i], float(scores[i])) for i in order)


def _mistake(
    where: dict[str, Any],
    badness: float,
    decided: str,
    said: str,
    scores: tuple[tuple[str, float], ...] = (),
    frames: np.ndarray | None = None,
    tracks: tuple[tuple[str, int, float, bool], ...] = (),
) -> Mistake:
    place = (where["cell"], where["test"], where["id"], badness, where["label"])
    return Mistake(*place, decided, said, scores, frames, tracks)
