"""Metrics of sounds and their videos: retrieval both ways, correspondence, localisation.

Conventions
-----------
A test set of N sounds and their N videos; each sound ranks all N videos, each video all N sounds, by the
same scores. One candidate is right. Where others score as much as the right one, its rank is each of the
tied ones with equal chance: a method that gives all pairs one score gets what chance gives.

Metrics
-------
R@k: share of queries whose right candidate is among the first k; by chance k/N. Median rank: of the right
candidate, as of grouped data (a rank r is spread over r - 0.5 to r + 0.5, so that it moves with every query;
a half off the plain median at the most where ranks are dense), ties by their mean rank; ranks over 128 are
known to 2 %. Correspondence: share of triples
(sound, its video, another video of the set) in which its video scores more, ties half; by chance 50 %.
Localisation: share of the boxes' frames in which something sounds whose nearest map in time has its peak in
the box of what sounds, so that an item counts by its boxes, however many maps a method gives; by chance the
box's share of the picture.

References
----------
Arandjelovic and Zisserman (2018), Objects that sound, ECCV, for retrieval both ways and localisation
(theirs is judged by a pixel as well); Prétet, Richard and Peeters (2021), ISMIR, for R@1, 10, 25 and median rank of music
and video (from memory).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mirbench.boxes import Boxes
from mirbench.errors import MethodError
from mirbench.metrics.metric import Counts, Metric, Value, ratio

CUTS = (1, 10, 25)
WAYS = ("sound to video", "video to sound")
CORRESPONDENCE, LOCALISATION = "correspondence", "localisation"
EXACT = 128
"""Ranks up to this are counted one by one for the median, greater ones in steps of 2 %."""
STEPS = np.unique(
    np.concatenate([np.arange(1, EXACT + 1), np.rint(EXACT * 1.02 ** np.arange(1, 460))])
)
"""Ranks that are told apart: up to about a million."""
EDGES = np.append(0.5, STEPS + 0.5)


@dataclass(frozen=True)
class Pair:
    """Truth of a sound: its video is at its own position in its test set.

    Attributes
    ----------
    test : int
        Number of the test set.
    position : int
    boxes : Boxes or None
        Where in the picture it sounds.
    duration_s : float
        Length of the video (s).
    ids : sequence of str
        Items of the test set, in order.
    """

    test: int
    position: int
    boxes: Boxes | None = None
    duration_s: float = 0.0
    ids: Sequence[str] = ()


def pair_metrics() -> list[Metric]:
    """Metrics of a task of kind ``'pairs'``."""
    found, ranks = [], [rank_counts(way) for way in range(len(WAYS))]
    for way, name in enumerate(WAYS):
        found += [
            Metric(f"R@{k} ({name})", "%", True, ranks[way], _mean(i), itemwise=False)
            for i, k in enumerate(CUTS)
        ]
        counts = median_counts(way)
        found.append(Metric(f"median rank ({name})", "", False, counts, median, itemwise=False))
    right = _mean(len(CUTS))
    found.append(Metric(CORRESPONDENCE, "%", True, ranks[0], right, itemwise=False))
    found.append(Metric(LOCALISATION, "%", True, box_counts, _share))
    return found


def places(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many others score more than the diagonal in each row, and how many as much."""
    own = np.diagonal(scores)[:, None]
    return (scores > own).sum(axis=1), (scores == own).sum(axis=1) - 1


def rank_counts(way: int) -> Counts:
    """Counts a query, (n_queries, 5): R@1, R@10, R@25 and correspondence, each 0 to 1; and 1.

    A query of a test set of one item has no other candidate: its correspondence is a half.
    """

    def one(scores: np.ndarray) -> np.ndarray:
        more, tied = places(scores)
        columns = [np.clip((k - more) / (tied + 1), 0.0, 1.0) for k in CUTS]
        others = len(scores) - 1
        less = others - more - tied
        right = ratio(less + tied / 2, np.array(others)) if others else np.full(1, 0.5)
        return np.stack([*columns, right, np.ones(len(scores))], axis=1)

    return _by_test(one, way)


def median_counts(way: int) -> Counts:
    """Of each query 1 in the column of its rank (`STEPS`), or a half in two of them, and 0 in the others."""

    def one(scores: np.ndarray) -> np.ndarray:
        more, tied = places(scores)
        counts = np.zeros((len(scores), len(STEPS)))
        for ranks in (1 + more + tied // 2, 1 + more + (tied + 1) // 2):
            column = np.clip(np.searchsorted(STEPS, ranks), 0, len(STEPS) - 1)
            counts[np.arange(len(scores)), column] += 0.5
        return counts

    return _by_test(one, way)


def median(sums: np.ndarray) -> np.ndarray:
    """Median of the ranks counted in `STEPS`, as of grouped data: a rank r is spread over r - 0.5 to
    r + 0.5."""
    heaped = np.cumsum(sums, axis=-1)
    half = heaped[..., -1:] / 2
    last, sides = len(STEPS) - 1, []
    for reached in (heaped < half - 1e-9, heaped <= half + 1e-9):
        column = np.minimum(reached.sum(axis=-1), last)[..., None]
        own = np.take_along_axis(sums, column, axis=-1)
        before = np.take_along_axis(heaped, column, axis=-1) - own
        low, high = EDGES[column], EDGES[column + 1]
        sides.append(low + (high - low) * np.clip(ratio(half - before, own), 0.0, 1.0))
    return np.where(half > 0, (sides[0] + sides[1]) / 2, np.nan)[..., 0]


def box_counts(
    truth: Sequence[Pair], outputs: Sequence[tuple[np.ndarray, np.ndarray]], task: Any, grid: Any
) -> np.ndarray:
    """Counts an item, (n_items, 2): frames of its boxes whose peak is in the box, frames that have a box; 0
    where nobody localised. Maps divide the video evenly; a frame has the map that holds its middle."""
    counts = np.zeros((len(truth), 2))
    for row, pair, (_, peaks) in zip(counts, truth, outputs):
        if pair.boxes is None or not len(peaks):
            continue
        times, boxes = _framed(pair.boxes, pair.duration_s)
        left, top, right, bottom = boxes.T
        middles = times + 0.5 / pair.boxes.rate
        nearest = np.floor(middles / max(pair.duration_s, 1e-9) * len(peaks) + 1e-6)
        maps = np.clip(nearest, 0, len(peaks) - 1).astype(int)
        x, y = np.asarray(peaks, dtype=float)[maps].T
        inside = (left <= x) & (x < right) & (top <= y) & (y < bottom)
        row[:] = inside.sum(), (right > left).sum()
    return counts


def box_share(pair: Pair) -> tuple[float, int]:
    """Share of the picture that the box takes, summed over the frames that have one, and their number."""
    if pair.boxes is None:
        return 0.0, 0
    left, top, right, bottom = _framed(pair.boxes, pair.duration_s)[1].T
    return float(((right - left) * (bottom - top)).sum()), int((right > left).sum())


def _framed(boxes: Boxes, duration_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the frames of boxes begin (s), of those within a video, and their boxes, see `Boxes.at`."""
    times = np.arange(len(boxes.corners)) / boxes.rate
    times = times[times < duration_s - 1e-6]
    return times, boxes.at(times)


def _by_test(one: Any, way: int) -> Counts:
    def counts(
        truth: Sequence[Pair],
        outputs: Sequence[tuple[np.ndarray, np.ndarray]],
        task: Any,
        grid: Any,
    ) -> np.ndarray:
        if len(truth) != len(outputs):
            raise MethodError(f"{len(outputs)} answers for {len(truth)} sounds; give one each")
        where: dict[int, list[int]] = {}
        for i, pair in enumerate(truth):
            where.setdefault(pair.test, []).append(i)
        rows: dict[int, np.ndarray] = {}
        for own in where.values():
            own.sort(key=lambda i: truth[i].position)
            lengths = {len(outputs[i][0]) for i in own}
            if lengths != {len(own)}:
                raise MethodError(
                    f"a test set of {len(own)} sounds has rows of {sorted(lengths)} scores; give a score "
                    "with each of its videos"
                )
            scores = np.stack([outputs[i][0] for i in own])
            if not np.isfinite(scores).all():
                raise MethodError(
                    "scores of sounds and videos are NaN or infinite; give finite ones"
                )
            rows |= dict(zip(own, one(scores.T if way else scores)))
        return np.stack([rows[i] for i in range(len(truth))])

    return counts


def _mean(column: int) -> Value:
    return lambda sums: 100 * ratio(sums[..., column], sums[..., -1])


def _share(sums: np.ndarray) -> np.ndarray:
    return 100 * ratio(sums[..., 0], sums[..., 1])
