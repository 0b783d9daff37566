"""A fitted method on a whole recording where one answer is asked for: a class, tags or values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mirbench.audio import decode
from mirbench.errors import MethodError
from mirbench.items import Item, as_items
from mirbench.metrics.tagging import THRESHOLD
from mirbench.running.thresholds import probabilities, stored, thresholds_of
from mirbench.tasks import Task

KINDS = ("classes", "tags", "values")


@dataclass(frozen=True)
class Heard:
    """What a method says of a recording as a whole.

    Attributes
    ----------
    task : Task
    scores : ndarray of shape (n_labels,)
        Probabilities of classes; of tags, moved such that 0.5 is each tag's threshold; or values.
    """

    task: Task
    scores: np.ndarray

    @property
    def tags(self) -> list[tuple[str, float]]:
        """Tags that hold and their probabilities, the most probable first; none of values."""
        if self.task.kind != "tags":
            return []
        pairs = [(t, float(s)) for t, s in zip(self.task.labels, self.scores) if s >= THRESHOLD]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def __str__(self) -> str:
        if self.task.kind == "classes":
            order = np.argsort(-self.scores, kind="stable")
            return "\n".join(f"{self.task.labels[i]}\t{self.scores[i]:.2f}" for i in order)
        if self.task.kind == "tags":
            lines = [f"{tag}\t{score:.2f}" for tag, score in self.tags]
            return "\n".join(lines) or "no tag reaches its threshold"
        return "\n".join(f"{x}\t{score:.4g}" for x, score in zip(self.task.labels, self.scores))


def hear_file(
    estimator: Any, path: str | Path, task: Task, thresholds: np.ndarray | None = None
) -> Heard:
    """Class, tags or values of one file.

    Parameters
    ----------
    estimator : fitted estimator
    path : path-like
        Anything libsndfile reads.
    task : Task
        Of kind ``'classes'``, ``'tags'`` or ``'values'``, with its labels.
    thresholds : ndarray of shape (n_tags,), optional
        Of tags, see `fitted_thresholds`; 0.5 for all by default.

    Raises
    ------
    DataError
        The file can't be decoded.
    MethodError
        Another kind of task, or an answer of the wrong shape or with NaN.
    """
    if task.kind not in KINDS:
        raise MethodError(f"task {task.name} is of kind {task.kind}, not {' or '.join(KINDS)}")
    X, n = as_items([Item.from_array(*decode(path))]), len(task.labels)
    if task.kind == "tags":
        rows = probabilities(estimator, X, n)
        if thresholds is not None:
            rows = stored(rows, thresholds)
    elif task.kind == "classes":
        rows = np.zeros((1, n))
        given = np.asarray(estimator.predict_proba(X), dtype=float)
        rows[:, np.asarray(estimator.classes_)] = given
    else:
        rows = np.asarray(estimator.predict(X), dtype=float).reshape(len(X), -1)
    if rows.shape != (1, n) or not np.isfinite(rows).all():
        raise MethodError(
            f"the method gave an answer of shape {rows.shape}, or NaN, for one item and {n} labels"
        )
    return Heard(task, rows[0])


def fitted_thresholds(
    estimator: Any, X: np.ndarray, y: np.ndarray, task: Task, truth: np.ndarray | None = None
) -> Any:
    """Thresholds of tags from the training items, as a run finds them; None for others.

    ``truth`` is y with -1 for unknown tags, where the method wasn't shown that.
    """
    return thresholds_of(estimator, X, y, truth) if task.kind == "tags" else None
