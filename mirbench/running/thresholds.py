"""Thresholds of tags: from inner validation, never from test items."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone

from mirbench.errors import MethodError
from mirbench.tuning import best_thresholds, hold_out, moved


def thresholds_of(
    estimator: BaseEstimator, X: np.ndarray, y: np.ndarray, truth: np.ndarray | None = None
) -> np.ndarray:
    """A threshold a tag, (n_tags,).

    A method that holds out part of its training items may have found them itself
    (``thresholds_``). For others a second copy is fitted on three quarters of the groups, and the
    thresholds are those of the best F1 on the last quarter; 0.5 where there is one group only.

    ``truth`` is y with -1 for unknown tags, where the method wasn't shown that: no threshold depends
    on such items, so the method's own, found as if they lacked the tag, don't count.
    """
    truth = y if truth is None else truth
    own = getattr(estimator, "thresholds_", None)
    if own is not None and np.array_equal(y, truth):
        own = np.asarray(own, dtype=float)
        if own.shape != (y.shape[1],) or not ((own >= 0) & (own <= 1)).all():
            raise MethodError(
                f"thresholds_ of shape {own.shape} for {y.shape[1]} tags; give one a tag, from 0 to 1"
            )
        return own
    held = hold_out([item.group for item in X])
    if not held.any():
        return np.full(y.shape[1], 0.5)
    trial = clone(estimator).fit(X[~held], y[~held])
    return _best(truth[held], probabilities(trial, X[held], y.shape[1]))


def _best(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Thresholds of the best F1, each over the items of which its tag is known."""
    known = truth >= 0
    if known.all():
        return best_thresholds(truth, scores)
    columns = [(rows, slice(tag, tag + 1)) for tag, rows in enumerate(known.T)]
    return np.concatenate([best_thresholds(truth[r, c], scores[r, c]) for r, c in columns])


def stored(scores: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Scores as records keep them: moved such that 0.5 is the threshold, decided as they were.

    In single precision, in which scores that lie within 6e-8 of each other may become equal.
    """
    decided = scores >= limits
    below = np.nextafter(np.float32(0.5), np.float32(0))
    rows = moved(scores, limits).astype(np.float32)
    return np.where(decided, np.maximum(rows, np.float32(0.5)), np.minimum(rows, below))


def probabilities(estimator: BaseEstimator, X: np.ndarray, n_tags: int) -> np.ndarray:
    """Probabilities of tags, (n_items, n_tags), in whatever form scikit-learn gives them.

    Some of its estimators answer with a list, one array of two columns a tag.
    """
    if not hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict(X), dtype=float)
    rows: Any = estimator.predict_proba(X)
    if isinstance(rows, list):
        classes = estimator.classes_ if hasattr(estimator, "classes_") else [[0, 1]] * len(rows)
        rows = np.stack([_of_one(r, c) for r, c in zip(rows, classes, strict=True)], axis=1)
    rows = np.asarray(rows)
    if rows.ndim != 2 or rows.shape[1] != n_tags:
        raise MethodError(f"scores of shape {rows.shape} for {n_tags} tags; give one column a tag")
    return rows


def _of_one(rows: np.ndarray, classes: Any) -> np.ndarray:
    """Probability that a tag holds; a tag that training has always or never is known."""
    if len(classes) == 1:
        return np.full(len(rows), float(classes[0]))
    return rows[:, list(classes).index(1)]
