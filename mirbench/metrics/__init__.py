"""Metrics: pure functions from (truth, outputs) to additive counts, and from sums to a value."""

from __future__ import annotations

from typing import Any

from mirbench.metrics.metric import Metric, ratio

__all__ = ["Metric", "metrics_for", "ratio"]


def metrics_for(task: Any, grid: Any) -> list[Metric]:
    """Metrics of a task, the headline ones first.

    Parameters
    ----------
    task : Task
        Its ``kind`` chooses the family: ``'classes'``, ``'tags'``, ``'values'``, ``'frames'``,
        ``'segments'``, ``'ranking'``, ``'f0'``, ``'sequence'`` or ``'pairs'``.
    grid : Grid
        Names the window metric of frame tasks (``'2.4-s error'`` for ``window_s=2.4``).

    Raises
    ------
    ValueError
        For a kind that has no metrics.
    """
    if task.kind == "classes":
        from mirbench.metrics.classification import classification_metrics

        return classification_metrics(task)
    if task.kind == "tags":
        from mirbench.metrics.tagging import tagging_metrics

        return tagging_metrics(task)
    if task.kind == "values":
        from mirbench.metrics.regression import regression_metrics

        return regression_metrics(task)
    if task.kind == "frames":
        from mirbench.metrics.frames import frame_metrics

        return frame_metrics(task, grid)
    if task.kind == "segments":
        from mirbench.metrics.segments import segment_metrics

        return segment_metrics(task)
    if task.kind == "ranking":
        from mirbench.metrics.ranking import ranking_metrics

        return ranking_metrics(task)
    if task.kind == "f0":
        from mirbench.metrics.pitch import pitch_metrics

        return pitch_metrics()
    if task.kind == "sequence":
        from mirbench.metrics.sequences import sequence_metrics

        return sequence_metrics()
    if task.kind == "pairs":
        from mirbench.metrics.pairs import pair_metrics

        return pair_metrics()
    raise ValueError(f"no metrics for tasks of kind {task.kind!r}")
