"""Metrics of one label per item, all of them functions of the confusion matrix.

Conventions
-----------
An item's confusion counts are its one-hot cell (truth, decision) of the matrix, flattened to
``n_classes ** 2``; summed over items they are the matrix. The decision is the label with the
highest score; ties go to the lowest code. Values are percentages.

Metrics
-------
balanced accuracy (mean-over-class recall, over the classes present in the truth) and its
complement, the same at each coarser level of the labels (the decision's family counts), accuracy, macro F (over classes present in truth or decisions), precision and F of the
task's positive class, recall of each class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from mirbench.errors import MethodError
from mirbench.metrics.metric import Metric, Value, ratio


def classification_metrics(task: Any) -> list[Metric]:
    """Metrics for tasks of kind ``'classes'``, balanced ones first."""
    return confusion_metrics(task, class_counts)


def confusion_metrics(task: Any, counts: Callable[..., np.ndarray]) -> list[Metric]:
    """The classification metrics over any function that answers flattened confusion counts."""
    metrics = [
        Metric("balanced accuracy", "%", True, counts, balanced_accuracy),
        Metric("balanced error", "%", False, counts, balanced_error),
        *(
            Metric(f"balanced accuracy ({name})", "%", True, counts, folded_accuracy(coarse))
            for name, coarse in task.levels.items()
        ),
        Metric("accuracy", "%", True, counts, accuracy),
        Metric("macro F", "%", True, counts, macro_f),
    ]
    if task.positive is not None:
        code = list(task.labels).index(task.positive)
        metrics += [
            Metric(f"precision ({task.positive})", "%", True, counts, of_class(precision, code)),
            Metric(f"F ({task.positive})", "%", True, counts, of_class(f_score, code)),
        ]
    return metrics + [
        Metric(f"recall ({label})", "%", True, counts, of_class(recall, code))
        for code, label in enumerate(task.labels)
    ]


def class_counts(
    truth: Sequence[int], outputs: Sequence[np.ndarray], task: Any, grid: Any = None
) -> np.ndarray:
    """Confusion counts of one score vector an item.

    Parameters
    ----------
    truth : sequence of int
        A code of ``task.labels`` per item.
    outputs : sequence of ndarray of shape (n_classes,)
        Scores per item.
    task : Task
    grid : ignored
        Here so that all counts have one signature.

    Returns
    -------
    ndarray of shape (n_items, n_classes ** 2)

    Raises
    ------
    MethodError
        If the lengths differ or a score isn't finite.
    """
    codes = checked_codes(truth, len(outputs), task)
    n_classes = len(task.labels)
    if len(codes) == 0:
        return np.zeros((0, n_classes**2))
    scores = stack_scores([np.reshape(np.asarray(o, float), (1, -1)) for o in outputs], n_classes)
    return one_hot_confusion(codes, scores.argmax(axis=1), np.arange(len(codes)), task)


def confusion_matrix(truth: Sequence[int], outputs: Sequence[np.ndarray], task: Any) -> np.ndarray:
    """Confusion matrix (n_classes, n_classes): truth in rows, decisions in columns."""
    n = len(task.labels)
    return class_counts(truth, outputs, task).sum(axis=0).reshape(n, n).astype(np.int64)


def checked_codes(truth: Sequence[int], n_outputs: int, task: Any) -> np.ndarray:
    """Truth as int64 codes, as many as there are outputs and each naming a label."""
    codes = np.asarray(truth, dtype=np.int64)
    if len(codes) != n_outputs:
        raise MethodError(
            f"{len(codes)} items in the truth but {n_outputs} outputs: "
            "a method must answer once for every item, in order"
        )
    if len(codes) and not (codes.min() >= 0 and codes.max() < len(task.labels)):
        raise MethodError(f"truth codes must lie in 0..{len(task.labels) - 1} ({task.name})")
    return codes


def stack_scores(blocks: Sequence[np.ndarray], n_classes: int) -> np.ndarray:
    """Concatenate (n_i, n_classes) scores of the items; errors name the item's position."""
    for i, block in enumerate(blocks):
        if block.ndim != 2 or block.shape[1] != n_classes:
            raise MethodError(
                f"scores of item {i} have shape {block.shape}: the task has {n_classes} classes"
            )
    scores = np.concatenate(blocks).astype(float, copy=False)
    if not np.isfinite(scores).all():
        i = next(i for i, block in enumerate(blocks) if not np.isfinite(block).all())
        raise MethodError(f"scores of item {i} hold NaN or infinity: scores must be finite")
    return scores


def one_hot_confusion(
    truth: np.ndarray, decision: np.ndarray, item: np.ndarray, task: Any
) -> np.ndarray:
    """Flattened confusion counts per item from a code ``truth[item]`` and many decisions an item.

    Parameters
    ----------
    truth : ndarray of int, shape (n_items,)
    decision, item : ndarray of int, shape (n_decisions,)
        A decision and the position of the item that it belongs to.
    """
    n = len(task.labels)
    cell = (item * n + truth[item]) * n + decision
    ones = np.ones(len(cell))
    return np.bincount(cell, ones, minlength=len(truth) * n * n).reshape(len(truth), n * n)


def _parts(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True positives, number in the truth, number decided: each (..., n_classes)."""
    counts = np.asarray(counts, dtype=float)
    n = round(counts.shape[-1] ** 0.5)
    matrix = counts.reshape(*counts.shape[:-1], n, n)
    return np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(-1), matrix.sum(-2)


def linear_recall(value: Value, truth: np.ndarray) -> tuple[np.ndarray, Value] | None:
    """Balanced accuracy or error as a weighted sum, for tests that ask for it thousands of times.

    Where methods are swapped on the same items, the numbers in the truth never change: what is left
    of mean recall is a sum of hits, each weighted by how rare its class is.

    Parameters
    ----------
    value : callable
    truth : ndarray of shape (n_classes,)
        Items of each class.

    Returns
    -------
    (weights, short) or None
        ``short(counts @ weights)`` is ``value(counts)`` up to rounding, for confusion counts of that
        truth; ``weights`` of shape (n_classes ** 2, 1). None for other values.
    """
    if value not in (balanced_accuracy, balanced_error):
        return None
    n, present = len(truth), np.count_nonzero(truth)
    weights = np.zeros((n * n, 1))
    weights[:: n + 1, 0] = 100 * ratio(np.ones(n), truth * present)
    weights[np.isnan(weights)] = 0.0
    return weights, _single if value is balanced_accuracy else _lacking


def _single(sums: np.ndarray) -> np.ndarray:
    return sums[..., 0]


def _lacking(sums: np.ndarray) -> np.ndarray:
    return 100 - sums[..., 0]


def _mean_present(values: np.ndarray) -> np.ndarray:
    present = np.isfinite(values)
    return ratio(np.where(present, values, 0.0).sum(axis=-1), present.sum(axis=-1))


def recall(counts: np.ndarray) -> np.ndarray:
    """Recall (%) of each class, (..., n_classes); NaN where the truth lacks the class."""
    hits, in_truth, _ = _parts(counts)
    return 100 * ratio(hits, in_truth)


def precision(counts: np.ndarray) -> np.ndarray:
    """Precision (%) of each class, (..., n_classes); NaN where nothing was decided so."""
    hits, _, decided = _parts(counts)
    return 100 * ratio(hits, decided)


def f_score(counts: np.ndarray) -> np.ndarray:
    """F1 (%) of each class, (..., n_classes); NaN where truth and decisions lack the class."""
    hits, in_truth, decided = _parts(counts)
    return 100 * ratio(2 * hits, in_truth + decided)


def balanced_accuracy(counts: np.ndarray) -> np.ndarray:
    """Mean recall (%) over the classes present in the truth."""
    return _mean_present(recall(counts))


def folded_accuracy(coarse: Sequence[str]) -> Value:
    """Balanced accuracy (%) after labels and decisions are folded into coarser ones.

    Parameters
    ----------
    coarse : sequence of str
        Coarse label of each label.
    """
    names = sorted(set(coarse))
    fold = np.array([[name == own for name in names] for own in coarse], dtype=float)
    return partial(_folded_accuracy, fold=fold)


def _folded_accuracy(counts: np.ndarray, fold: np.ndarray) -> np.ndarray:
    counts = np.asarray(counts, dtype=float)
    matrix = counts.reshape(*counts.shape[:-1], len(fold), len(fold))
    return balanced_accuracy((fold.T @ matrix @ fold).reshape(*counts.shape[:-1], -1))


def balanced_error(counts: np.ndarray) -> np.ndarray:
    """100 % minus balanced accuracy."""
    return 100 - balanced_accuracy(counts)


def macro_f(counts: np.ndarray) -> np.ndarray:
    """Mean F1 (%) over the classes present in truth or decisions."""
    return _mean_present(f_score(counts))


def accuracy(counts: np.ndarray) -> np.ndarray:
    """Share (%) of decisions that are right."""
    hits, in_truth, _ = _parts(counts)
    return 100 * ratio(hits.sum(-1), in_truth.sum(-1))


def error(counts: np.ndarray) -> np.ndarray:
    """Share (%) of decisions that are wrong."""
    return 100 - accuracy(counts)


def of_class(per_class: Value, code: int) -> Value:
    """The column ``code`` of a value that is (..., n_classes), as a value of its own."""
    return partial(_pick, per_class=per_class, code=code)


def _pick(counts: np.ndarray, per_class: Value, code: int) -> np.ndarray:
    return per_class(counts)[..., code]
