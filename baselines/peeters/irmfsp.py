"""IRMFSP: inertia ratio maximisation with feature space projection (Peeters 2003).

A feature is good where its classes lie apart (between-class inertia over total inertia), and adds
something only where it isn't a linear combination of those taken before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mirbench.errors import MethodError

RESIDUAL = 1e-8
"""A feature whose norm falls under this part of its own after projection is spent (our choice)."""
ROUNDING = 10
"""The same under this many roundings of its values: a constant, or a copy in single precision."""


def inertia_ratios(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Between-class over total inertia of each column (eta squared), 0 for a constant one.

    Parameters
    ----------
    X : ndarray of shape (n_items, n_features)
    y : ndarray of shape (n_items,)

    Returns
    -------
    ndarray of shape (n_features,)
        In [0, 1].
    """
    centred, floor = _centre(X)
    between, total = _inertia(centred, _indicators(y))
    ratios = np.zeros(len(total))
    return np.divide(between, total, out=ratios, where=total > floor**2)


class IRMFSP(SelectorMixin, BaseEstimator):
    """Take the feature of highest inertia ratio, project the others off it, and again.

    Peeters (2003): ``r = sum_k (N_k / N) (m_k - m)^2 / ((1 / N) sum_n (f(n) - m)^2)``; after a
    feature is taken, each of the others loses its projection on it and the ratios are computed
    again. That happens in the loop only: ``transform`` returns columns as they came in.

    Parameters
    ----------
    n_features : int
        Most features taken (20: from memory of the paper). A group counts as one.
    ratio : float
        Stop where the best ratio falls under this part of the first one (paper: 0.01).
    groups : sequence of shape (n_columns,), optional
        Columns of equal value are one vector feature (the MFCC, say), taken or left as a whole; its
        ratio is that of the traces of the two scatter matrices, so its columns should have one
        scale. Default: each column is a feature.

    Attributes
    ----------
    scores_ : ndarray of shape (n_columns,)
        Ratio before any projection, of the column's group.
    order_ : ndarray of int
        Columns in the order they were taken.
    ratios_ : ndarray, as long as ``order_``
        Ratio, after projection, at which each was taken.
    support_ : ndarray of bool, shape (n_columns,)

    Raises
    ------
    MethodError
        One class only, or ``groups`` of another length than the columns.

    Notes
    -----
    Features are centred before they are projected (the paper doesn't say). A feature that is spent
    (see ``RESIDUAL``) is never taken: the ratio of rounding errors is random.
    """

    def __init__(
        self, n_features: int = 20, ratio: float = 0.01, groups: Sequence[Any] | None = None
    ) -> None:
        self.n_features = n_features
        self.ratio = ratio
        self.groups = groups

    def fit(self, X: np.ndarray, y: np.ndarray) -> IRMFSP:
        """Select features of ``X``, shape (n_items, n_columns), for classes ``y``."""
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32], ensure_min_samples=2)
        check_classification_targets(y)
        group_of = self._groups()
        n_groups = group_of.max() + 1
        indicators = _indicators(y)
        residual, floor = _centre(X)
        least = np.bincount(group_of, floor**2)
        left = np.ones(n_groups, dtype=bool)
        taken: list[int] = []
        ratios: list[float] = []
        for _ in range(min(self.n_features, n_groups)):
            between, total = (np.bincount(group_of, v) for v in _inertia(residual, indicators))
            alive = left & (total > least)
            now = np.divide(between, total, out=np.zeros(n_groups), where=alive)
            if not taken:
                self.scores_ = now[group_of]
            best = int(now.argmax())
            if now[best] <= 0 or (ratios and now[best] < self.ratio * ratios[0]):
                break
            taken.append(best)
            ratios.append(float(now[best]))
            left[best] = False
            basis = _basis(residual[:, group_of == best], floor[group_of == best])
            residual -= basis @ (basis.T @ residual)
        columns = [np.flatnonzero(group_of == group) for group in taken]
        self.order_ = np.concatenate([np.array([], dtype=int), *columns])
        self.ratios_ = np.repeat(ratios, [len(c) for c in columns])
        self.support_ = np.isin(np.arange(X.shape[1]), self.order_)
        return self

    def _groups(self) -> np.ndarray:
        """Number of the group of each column, from 0 on."""
        d = self.n_features_in_
        names = np.arange(d) if self.groups is None else np.asarray(self.groups)
        if names.shape != (d,):
            raise MethodError(
                f"IRMFSP: groups has shape {names.shape}; give one for each of {d} columns"
            )
        return np.unique(names, return_inverse=True)[1]

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def _indicators(y: np.ndarray) -> np.ndarray:
    """Unit vectors, one a class: shape (n_items, n_classes); MethodError where there is one."""
    classes, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    if len(classes) < 2:
        raise MethodError(
            f"the inertia ratio needs two classes or more, got 1 class ({classes[0]}); "
            "train on items of several classes"
        )
    return np.eye(len(classes))[codes] / np.sqrt(counts)


def _centre(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns less their mean, and the norm under which each is spent."""
    centred = X.astype(np.float64)
    rounding = ROUNDING * np.finfo(X.dtype if X.dtype.kind == "f" else float).eps
    raw = np.linalg.norm(centred, axis=0)
    centred = centred - centred.mean(axis=0)
    return centred, np.maximum(RESIDUAL * np.linalg.norm(centred, axis=0), rounding * raw)


def _inertia(centred: np.ndarray, indicators: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between-class and total inertia of each column, times the number of items."""
    return np.sum((indicators.T @ centred) ** 2, axis=0), np.sum(centred**2, axis=0)


def _basis(columns: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """Orthonormal basis of the space of the columns that aren't spent."""
    norms = np.linalg.norm(columns, axis=0)
    units = columns[:, norms > floor] / norms[norms > floor]
    basis, sizes, _ = np.linalg.svd(units, full_matrices=False)
    return basis[:, sizes > RESIDUAL * sizes[0]]
