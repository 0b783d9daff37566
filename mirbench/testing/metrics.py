"""The contract of a metric."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from mirbench.boxes import Boxes
from mirbench.frames import Grid
from mirbench.metrics import Metric
from mirbench.metrics.pairs import Pair
from mirbench.metrics.relevance import Catalogue, Query
from mirbench.metrics.tagging import Marks
from mirbench.tasks import Task
from mirbench.testing.checks import Check, attempt


def check_metric(metric: Metric, task: Task, grid: Grid | None = None) -> list[Check]:
    """Check that a metric's counts are additive, its value sane, its direction the stated one."""
    grid = grid or Grid()
    rng = np.random.default_rng(0)
    truth, right, wrong = _answers(task, grid, rng)

    def shape() -> None:
        counts = metric.counts(truth, right, task, grid)
        if counts.ndim != 2 or len(counts) != len(truth) or not np.isfinite(counts).all():
            raise AssertionError(f"counts of shape {counts.shape}; give a finite row an item")

    def additive() -> None:
        whole = metric.counts(truth, wrong, task, grid)
        single = [
            metric.counts(truth[i : i + 1], wrong[i : i + 1], task, grid)[0]
            for i in range(len(truth))
        ]
        if not np.allclose(whole, np.stack(single)):
            raise AssertionError("an item's counts depend on the items beside it")

    def direction() -> str:
        best = metric.score(truth, right, task, grid)
        worst = metric.score(truth, wrong, task, grid)
        if not (best > worst if metric.greater_is_better else best < worst):
            raise AssertionError(f"right answers score {best:.3g}, wrong ones {worst:.3g}")
        return f"right {best:.3g}{metric.unit}, wrong {worst:.3g}{metric.unit}"

    def stacked() -> None:
        counts = metric.counts(truth, wrong, task, grid)
        sums = np.stack([counts.sum(0), counts[:4].sum(0)])
        if not np.allclose(metric.value(sums)[0], metric.value(sums[0]), equal_nan=True):
            raise AssertionError("value isn't vectorised over leading axes")

    return [
        attempt("one finite row of counts an item", shape),
        *([attempt("counts are additive", additive)] if metric.itemwise else []),
        attempt("value is vectorised", stacked),
        attempt("right answers beat wrong ones", direction),
    ]


def _answers(
    task: Task, grid: Grid, rng: np.random.Generator
) -> tuple[list[Any], list[Any], list[Any]]:
    if task.kind == "ranking":
        return _lists(task)
    if task.kind == "tags":
        return _tags(task)
    if task.kind == "f0":
        return _pitch(grid, rng)
    if task.kind == "pairs":
        return _pairs(rng)
    if task.kind == "sequence":
        return _sequences(task, rng)
    if task.kind == "values":
        truth = list(rng.normal(size=(40, len(task.labels))))
        return truth, [0.9 * t for t in truth], [-t for t in truth]
    n = len(task.labels)
    codes = [i % n for i in range(8)]
    if task.kind == "segments":
        names = task.labels[:2]
        truth = [[(0.0, 10.0, names[i % 2]), (10.0, 25.0, names[1 - i % 2])] for i in range(8)]
        wrong = [[(0.0, 14.0, names[1 - i % 2]), (14.0, 25.0, names[i % 2])] for i in range(8)]
        return truth, truth, wrong
    eye = np.eye(n)
    if task.kind == "classes":
        return codes, [eye[c] for c in codes], [eye[(c + rng.integers(1, n)) % n] for c in codes]
    frames = [np.repeat(eye[[c]], 4 * grid.window, axis=0) for c in codes]
    return codes, frames, [f[:, ::-1] if n == 2 else np.roll(f, 1, axis=1) for f in frames]


def _pitch(grid: Grid, rng: np.random.Generator) -> tuple[list[Any], list[Any], list[Any]]:
    """Eight items, half of their frames voiced; wrong answers are a third off and take turns."""
    truth, right, wrong = [], [], []
    for i in range(8):
        f0_hz = rng.uniform(100, 400, 60 + i)
        voiced = np.arange(len(f0_hz)) % 2 == 0
        times = np.arange(len(f0_hz)) * grid.hop_s
        truth.append(np.stack([times, np.where(voiced, f0_hz, 0.0)], axis=1))
        right.append(np.stack([f0_hz, voiced], axis=1))
        wrong.append(np.stack([1.25 * f0_hz, ~voiced], axis=1))
    return truth, right, wrong


def _pairs(rng: np.random.Generator) -> tuple[list[Any], list[Any], list[Any]]:
    """Two test sets of thirty pairs with a box in the middle; wrong answers turn the scores round."""
    n, middle = 30, np.full((4, 2), 0.5)
    boxes = Boxes(np.tile(np.array([2, 2, 6, 6], dtype=np.uint8), (4, 1)), 1.0, 8, 8)
    truth, right, wrong = [], [], []
    for test in range(2):
        scores = rng.uniform(0, 0.5, (n, n)) + np.eye(n)
        truth += [Pair(test, i, boxes, 4.0) for i in range(n)]
        right += [(row, middle) for row in scores]
        wrong += [(-row, middle / 4) for row in scores]
    return truth, right, wrong


def _sequences(task: Task, rng: np.random.Generator) -> tuple[list[Any], list[Any], list[Any]]:
    """Nine lines of 3 to 19 tokens; wrong answers say the next token, from the third on."""
    truth = [rng.integers(len(task.labels), size=3 + 2 * i) for i in range(9)]
    later = [np.arange(len(line)) > 1 for line in truth]
    wrong = [(line + off) % len(task.labels) for line, off in zip(truth, later)]
    return truth, truth, wrong


def _tags(task: Task) -> tuple[list[Any], list[Any], list[Any]]:
    """Forty items of two test sets, each tag on every other item or on fewer."""
    n = len(task.labels)
    tags = np.array([[i // 2 % (2 + code % 3) == 0 for code in range(n)] for i in range(40)])
    truth = [Marks(row.astype(np.int8), i % 2) for i, row in enumerate(tags)]
    return truth, list(0.1 + 0.8 * tags), list(0.9 - 0.8 * tags)


def _lists(task: Task) -> tuple[list[Any], list[Any], list[Any]]:
    """Forty queries; right lists have the relevant tracks first, wrong ones last and one hub first."""
    n = 40
    ids = [f"t{i}" for i in range(n)]
    artists = [f"a{i // 2}" for i in range(n)]
    words = [json.dumps([f"x{i % 5}", f"y{i % 7}", f"z{i % 3}"]) for i in range(n)]
    labels = words if task.oracle else [f"l{i % 5}" for i in range(n)]
    catalogue = Catalogue(ids, labels, artists, [""] * n, task.oracle)
    truth = [Query(catalogue, i) for i in range(n)]
    right, wrong = [], []
    for q in range(n):
        relevant = catalogue.relevant(q, "artist")
        others = np.array([i % n for i in range(q + 1, q + n)])
        first = others[np.argsort(~relevant[others], kind="stable")]
        right.append((first, np.arange(n - 1.0)))
        wrong.append((first[::-1][np.argsort(first[::-1] > 4, kind="stable")], np.arange(n - 1.0)))
    return truth, right, wrong
