"""Metrics of segmentations, pooled over items: sums of what :mod:`.intervals` counts.

Truth and outputs hold one list of ``(start_s, end_s, label)`` an item. Labels made of parts, like
``speech+music``, are scored as binary tracks. A pooled boundary F is that of all the items'
boundaries together, not the mean of their F. Median distances between boundaries aren't sums: they
are a function of their own, :func:`median_deviations`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mirbench.errors import DataError
from mirbench.metrics import intervals
from mirbench.metrics.metric import Counts, Metric, ratio

Labelled = Sequence[tuple[float, float, str]]


def segment_metrics(task: Any) -> list[Metric]:
    """Metrics of a task of kind ``'segments'``, the headline ones first.

    On 10-ms frames: F of each track (``speech F (10 ms)``), their mean, accuracy of the whole label,
    precision and recall. Boundaries: F, precision and recall within 0.5 s and 3 s, the recording's
    start and end left out; 0 where there are none. Events: F over all tracks, onsets within 0.5 s
    or 1 s; ``offset too`` also asks for the offset within 0.5 s or 20 % of the length.
    """

    def percent(name: str, counts: Counts, value: Callable[[np.ndarray], np.ndarray]) -> Metric:
        return Metric(name, "%", True, counts, lambda sums: 100 * value(sums))

    def per_track(name: str, value: Callable[[np.ndarray], np.ndarray]) -> list[Metric]:
        return [
            percent(f"{track} {name} (10 ms)", _frames(track), value)
            for track in intervals.tracks(task.labels)
        ]

    return [
        *per_track("F", intervals.f_measure),
        percent("macro F (10 ms)", _all_frames, _macro_f),
        percent("boundary F (0.5 s)", _boundaries(0.5), _matched_f),
        percent("event F (0.5 s)", _events(0.5, offset=False), _matched_f),
        percent("accuracy (10 ms)", _right_frames, lambda c: ratio(c[..., 0], c[..., 1])),
        percent("boundary precision (0.5 s)", _boundaries(0.5), _matched_precision),
        percent("boundary recall (0.5 s)", _boundaries(0.5), _matched_recall),
        percent("boundary F (3 s)", _boundaries(3.0), _matched_f),
        percent("event F (1 s)", _events(1.0, offset=False), _matched_f),
        percent("event F (0.5 s, offset too)", _events(0.5, offset=True), _matched_f),
        *per_track("precision", intervals.precision),
        *per_track("recall", intervals.recall),
    ]


def median_deviations(
    truth: Sequence[Labelled], outputs: Sequence[Labelled], trim: bool = True
) -> tuple[float, float]:
    """Median distance (s) from each true boundary to the nearest estimated one, and back.

    Over the boundaries of all items; an item with no boundary on one side has no distances.

    Returns
    -------
    reference_to_estimated, estimated_to_reference : float
        NaN if no item has distances.
    """
    pairs = [
        intervals.boundary_distances(_split(reference)[0], _split(estimated)[0], trim)
        for reference, estimated in zip(truth, outputs, strict=True)
    ]
    pooled = [np.concatenate([np.empty(0), *side]) for side in zip(*pairs, strict=True)]
    forth, back = (float(np.median(side)) if len(side) else np.nan for side in pooled)
    return forth, back


def _split(segments: Labelled) -> tuple[np.ndarray, list[str]]:
    times = np.array([row[:2] for row in segments], dtype=float).reshape(-1, 2)
    return times, [str(row[2]) for row in segments]


def _additive(count: Callable[..., Any]) -> Counts:
    """Counts over items from ``count(times, labels, estimated_times, estimated_labels, task)``."""

    def counts(truth: Sequence[Any], outputs: Sequence[Any], task: Any, grid: Any) -> np.ndarray:
        rows = []
        for number, (reference, estimated) in enumerate(zip(truth, outputs, strict=True)):
            try:
                rows.append(count(*_split(reference), *_split(estimated), task))
            except DataError as error:
                raise DataError(f"item {number}: {error}") from error
        return np.array(rows, dtype=float)

    return counts


def _frames(track: str) -> Counts:
    return _additive(
        lambda times, labels, found_times, found_labels, task: intervals.frame_confusion(
            times, labels, found_times, found_labels, track
        )
    )


@_additive
def _all_frames(
    times: np.ndarray,
    labels: list[str],
    found_times: np.ndarray,
    found_labels: list[str],
    task: Any,
) -> np.ndarray:
    return np.concatenate(
        [
            intervals.frame_confusion(times, labels, found_times, found_labels, track)
            for track in intervals.tracks(task.labels)
        ]
    )


@_additive
def _right_frames(
    times: np.ndarray,
    labels: list[str],
    found_times: np.ndarray,
    found_labels: list[str],
    task: Any,
) -> tuple[int, int]:
    intervals.validate(times, labels, found_times, found_labels)
    rows, found_rows = intervals.common_frames(times, found_times)
    right = np.array(labels)[rows] == np.array(found_labels)[found_rows]
    return int(right.sum()), len(right)


def _events(collar_s: float, *, offset: bool) -> Counts:
    def count(
        times: np.ndarray,
        labels: list[str],
        found_times: np.ndarray,
        found_labels: list[str],
        task: Any,
    ) -> np.ndarray:
        intervals.validate(times, labels, found_times, found_labels)
        sums = np.zeros(3)
        for track in intervals.tracks(task.labels):
            there = intervals.events(times, labels, track)
            found = intervals.events(found_times, found_labels, track)
            hits = intervals.match_events(there, found, collar_s, offset=offset)
            sums += hits, len(there), len(found)
        return sums

    return _additive(count)


def _boundaries(window_s: float) -> Counts:
    def count(
        times: np.ndarray,
        labels: list[str],
        found_times: np.ndarray,
        found_labels: list[str],
        task: Any,
    ) -> tuple[int, int, int]:
        intervals.validate(times, labels, found_times, found_labels)
        there = intervals.boundaries(times, trim=True)
        found = intervals.boundaries(found_times, trim=True)
        return intervals.match_boundaries(there, found, window_s), len(there), len(found)

    return _additive(count)


def _macro_f(c: np.ndarray) -> np.ndarray:
    """Mean F over the tracks that are in the truth or in the estimate."""
    scores = intervals.f_measure(c.reshape(*c.shape[:-1], -1, 3))
    defined = np.isfinite(scores)
    return ratio(np.where(defined, scores, 0).sum(axis=-1), defined.sum(axis=-1))


def _matched_precision(c: np.ndarray) -> np.ndarray:
    return np.nan_to_num(ratio(c[..., 0], c[..., 2]))


def _matched_recall(c: np.ndarray) -> np.ndarray:
    return np.nan_to_num(ratio(c[..., 0], c[..., 1]))


def _matched_f(c: np.ndarray) -> np.ndarray:
    return np.nan_to_num(ratio(2 * c[..., 0], c[..., 1] + c[..., 2]))
