"""Metrics of frame scores for clips that hold one label.

Conventions
-----------
Scores begin at the protocol's first scored frame (``grid.first_scored``), as records store them,
already rounded to float16. All errors are percentages, pooled over frames, windows or clips: a long
clip weighs more than a short one in the frame error. Argmax ties go to the lowest code.

Metrics
-------
frame error; window error (scores averaged over non-overlapping windows of ``grid.window`` frames,
then argmax; the last partial window is left out; 2.4 s as in Scheirer & Slaney 1997, averaging
frame decisions there is from memory: averaging scores is our choice); clip error (mean score over
the scored frames); frame error of each class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mirbench.errors import MethodError
from mirbench.metrics.classification import (
    checked_codes,
    error,
    of_class,
    one_hot_confusion,
    recall,
    stack_scores,
)
from mirbench.metrics.metric import Metric


def frame_metrics(task: Any, grid: Any) -> list[Metric]:
    """Metrics for tasks of kind ``'frames'``: frame error and window error first."""
    return [
        Metric("frame error", "%", False, frame_counts, error),
        Metric(f"{grid.window_s:g}-s error", "%", False, window_counts, error),
        Metric("clip error", "%", False, clip_counts, error),
    ] + [
        Metric(f"frame error ({label})", "%", False, frame_counts, of_class(_class_errors, code))
        for code, label in enumerate(task.labels)
    ]


def frame_counts(
    truth: Sequence[int], outputs: Sequence[np.ndarray], task: Any, grid: Any = None
) -> np.ndarray:
    """Confusion counts over the scored frames of each item.

    Parameters
    ----------
    truth : sequence of int
        A code of ``task.labels`` per item.
    outputs : sequence of ndarray of shape (n_scored_frames, n_classes)
        Frame scores per item, from the first scored frame on.
    task : Task
    grid : ignored
        Here so that all counts have one signature.

    Returns
    -------
    ndarray of shape (n_items, n_classes ** 2)

    Raises
    ------
    MethodError
        If the lengths differ, a score isn't finite or an item has no scored frame.
    """
    codes, scores, lengths = _concatenate(truth, outputs, task)
    item = np.repeat(np.arange(len(codes)), lengths)
    return one_hot_confusion(codes, scores.argmax(axis=1), item, task)


def window_counts(
    truth: Sequence[int], outputs: Sequence[np.ndarray], task: Any, grid: Any
) -> np.ndarray:
    """Confusion counts over whole windows of ``grid.window`` frames; see `frame_counts`."""
    codes, scores, lengths = _concatenate(truth, outputs, task)
    n_windows = lengths // grid.window
    item = np.repeat(np.arange(len(codes)), n_windows)
    first_window = np.cumsum(n_windows) - n_windows
    within = np.arange(len(item)) - first_window[item]
    starts = (np.cumsum(lengths) - lengths)[item] + within * grid.window
    totals = _sums(scores, starts, starts + grid.window)
    return one_hot_confusion(codes, totals.argmax(axis=1), item, task)


def clip_counts(
    truth: Sequence[int], outputs: Sequence[np.ndarray], task: Any, grid: Any = None
) -> np.ndarray:
    """Confusion counts of one decision a clip, by its mean score; see `frame_counts`."""
    codes, scores, lengths = _concatenate(truth, outputs, task)
    ends = np.cumsum(lengths)
    totals = _sums(scores, ends - lengths, ends)
    return one_hot_confusion(codes, totals.argmax(axis=1), np.arange(len(codes)), task)


def _concatenate(
    truth: Sequence[int], outputs: Sequence[np.ndarray], task: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes, all frame scores in one array, frames per item."""
    codes = checked_codes(truth, len(outputs), task)
    if len(codes) == 0:
        return codes, np.zeros((0, len(task.labels))), np.zeros(0, dtype=np.int64)
    blocks = [np.asarray(output) for output in outputs]
    scores = stack_scores(blocks, len(task.labels))
    lengths = np.array([len(block) for block in blocks])
    if lengths.min() == 0:
        raise MethodError(
            f"item {int(lengths.argmin())} has no scored frame: it is too short for this protocol"
        )
    return codes, scores, lengths


def _sums(scores: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Sums of ``scores[start:end]`` for each pair; every span holds a frame.

    Even entries of ``reduceat`` are the spans, odd ones what lies between; the added row of zeros
    lets a span end at the last frame.
    """
    if len(starts) == 0:
        return np.zeros((0, scores.shape[1]))
    edges = np.stack([starts, ends], axis=1).ravel()
    padded = np.concatenate([scores, np.zeros((1, scores.shape[1]))])
    return np.add.reduceat(padded, edges, axis=0)[::2]


def _class_errors(counts: np.ndarray) -> np.ndarray:
    return 100 - recall(counts)
