"""A fitted method on a whole file: frame scores and segments."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mirbench.apply.segments import scores_to_segments
from mirbench.audio import decode
from mirbench.errors import MethodError
from mirbench.frames import Grid, Segment
from mirbench.items import Item, as_items
from mirbench.tasks import Task


@dataclass(frozen=True)
class Applied:
    """What a method says about a recording.

    Attributes
    ----------
    path : str
    duration_s : float
    labels : tuple of str
        Label of each code and of each score column.
    segments : list of (start_s, end_s, code)
        Contiguous over [0, duration_s].
    scores : ndarray of shape (n_frames, n_labels)
        Class probabilities on the frame grid; 0 for labels the method didn't learn. No rows for a
        method that gives segments alone; one row for a method that gives one answer a recording.
    seconds : float
        Time it took, decoding included.
    """

    path: str
    duration_s: float
    labels: tuple[str, ...]
    segments: list[Segment]
    scores: np.ndarray
    seconds: float


def apply_file(
    estimator: Any,
    path: str | Path,
    task: Task,
    grid: Grid | None = None,
    *,
    median_s: float = 2.0,
    min_s: float = 1.0,
) -> Applied:
    """Apply a fitted method to one file.

    Parameters
    ----------
    estimator : fitted estimator
        Of the task's kind.
    path : path-like
        Anything libsndfile reads.
    task : Task
        Of kind ``'classes'`` (one segment over the whole), ``'frames'`` or ``'segments'``.
    grid : Grid, optional
        The method's frame grid, 20 ms by default.
    median_s, min_s : float
        Smoothing of a frame method's scores into segments, see
        :func:`mirbench.apply.segments.scores_to_segments`.

    Raises
    ------
    DataError
        The file can't be decoded.
    MethodError
        Another kind of task, or an answer of the wrong shape or with NaN.
    """
    grid = grid or Grid()
    start = time.perf_counter()
    # in memory: a recording that is labelled once stays out of the feature cache, and the time is true
    item = Item.from_array(*decode(path))
    X, duration_s = as_items([item]), item.duration_s
    classes = np.asarray(estimator.classes_)
    scores = np.empty((0, len(task.labels)))
    if task.kind == "classes":
        scores = spread(np.asarray(estimator.predict_proba(X)), classes, len(task.labels))
        segments = [(0.0, duration_s, int(scores[0].argmax()))]
    elif task.kind == "frames":
        rows = frame_scores(estimator, X, grid)
        segments = scores_to_segments(
            rows, classes, duration_s, hop_s=grid.hop_s, median_s=median_s, min_s=min_s
        )
        scores = spread(rows, classes, len(task.labels))
    elif task.kind == "segments":
        segments = estimator.predict(X)[0]
        if not isinstance(segments, list):
            raise MethodError(
                "a frame method can't segment by itself; apply it with --task speech-music"
            )
        if hasattr(estimator, "predict_proba"):
            scores = spread(frame_scores(estimator, X, grid), classes, len(task.labels))
    else:
        raise MethodError(
            f"no segments in an answer of kind {task.kind}; see mirbench.apply.whole for tags and values"
        )
    seconds = time.perf_counter() - start
    return Applied(str(path), duration_s, task.labels, segments, scores, seconds)


def frame_scores(estimator: Any, X: np.ndarray, grid: Grid) -> np.ndarray:
    """Frame scores of the one item in ``X``, checked: shape (n_frames, n_classes), finite.

    Raises
    ------
    MethodError
        Another number of rows than ``grid.n_frames(duration_s)``, or NaN.
    """
    rows = np.asarray(estimator.predict_proba(X)[0], dtype=float)
    wanted = (grid.n_frames(X[0].duration_s), len(estimator.classes_))
    if rows.shape != wanted:
        raise MethodError(
            f"the method gave scores of shape {rows.shape}, {wanted} are due: one row for each "
            f"{grid.hop_s}-s frame of {X[0].duration_s:.3f} s, one column a class"
        )
    if not np.isfinite(rows).all():
        raise MethodError("the method gave NaN or infinite scores; make it robust to silence")
    return rows


def spread(scores: np.ndarray, classes: np.ndarray, n_labels: int) -> np.ndarray:
    """Columns of ``classes`` put where a label set of ``n_labels`` has them, 0 elsewhere."""
    out = np.zeros((len(scores), n_labels))
    out[:, np.asarray(classes, dtype=int)] = scores
    return out
