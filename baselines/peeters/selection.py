"""Selectors of equal size to set beside IRMFSP, by name."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import (
    SelectKBest,
    SelectorMixin,
    SequentialFeatureSelector,
    mutual_info_classif,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mirbench.errors import MethodError

from .irmfsp import IRMFSP, inertia_ratios

SELECTIONS = ("irmfsp", "ratio", "mutual-information", "cfs", "sequential", "none")
PREFILTER = 2
"""The sequential search looks at this many times the features it shall take (our choice)."""


def selector(name: str, n_features: int = 20) -> Any:
    """Unfitted selector, or "passthrough".

    Parameters
    ----------
    name : {"irmfsp", "ratio", "mutual-information", "cfs", "sequential", "none"}
        "irmfsp"
            :class:`~baselines.peeters.irmfsp.IRMFSP`.
        "ratio"
            The highest inertia ratios, without projection: IRMFSP's first look.
        "mutual-information"
            The highest mutual information with the class, by nearest neighbours (scikit-learn).
        "cfs"
            :class:`CFS`, kept going up to ``n_features``.
        "sequential"
            Forward search by the recall of LDA in 3 inner folds. To be affordable it looks only at
            the ``PREFILTER * n_features`` features of highest inertia ratio.
        "none"
            All features.
    n_features : int
        Features to take; fewer where there are fewer.

    Raises
    ------
    MethodError
        An unknown name.
    """
    if name == "none":
        return "passthrough"
    if name == "irmfsp":
        return IRMFSP(n_features)
    if name == "cfs":
        return CFS(n_features)
    if name == "ratio":
        return SelectKBest(inertia_ratios, k=n_features)
    if name == "mutual-information":
        return SelectKBest(partial(mutual_info_classif, random_state=0), k=n_features)
    if name == "sequential":
        search = SequentialFeatureSelector(
            LinearDiscriminantAnalysis(),
            n_features_to_select=n_features,
            scoring="balanced_accuracy",
            cv=3,
        )
        shortlist = SelectKBest(inertia_ratios, k=PREFILTER * n_features)
        return make_pipeline(shortlist, StandardScaler(), search)
    raise MethodError(f"unknown selection {name!r}; known: {', '.join(SELECTIONS)}")


class CFS(SelectorMixin, BaseEstimator):
    """Correlation-based feature selection (Hall 1999) by forward search.

    A set of k features has the merit ``k r_cf / sqrt(k + k (k - 1) r_ff)``: ``r_cf`` is their mean
    correlation with the class, ``r_ff`` that among them. Hall measures both on features cut into
    intervals; here, our choice, the correlation with the class is the square root of the inertia
    ratio and that of two features Pearson's, without sign.

    Parameters
    ----------
    n_features : int or None
        Take that many, for comparison at equal size; None stops where the merit no longer rises.

    Attributes
    ----------
    order_ : ndarray of int
        Features in the order they were taken.
    merits_ : ndarray
        Merit of the set after each.
    support_ : ndarray of bool, shape (n_features,)
    """

    def __init__(self, n_features: int | None = 20) -> None:
        self.n_features = n_features

    def fit(self, X: np.ndarray, y: np.ndarray) -> CFS:
        """Select features of ``X``, shape (n_items, n_features), for classes ``y``."""
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        check_classification_targets(y)
        with_class = np.sqrt(inertia_ratios(X, y))
        among = _correlations(X)
        most = X.shape[1] if self.n_features is None else min(self.n_features, X.shape[1])
        order: list[int] = []
        merits: list[float] = []
        sum_class, sum_among = 0.0, np.zeros(X.shape[1])
        pairs = 0.0
        while len(order) < most:
            k = len(order) + 1
            merit = (sum_class + with_class) / np.sqrt(k + 2 * (pairs + sum_among))
            merit[order] = -np.inf
            best = int(merit.argmax())
            if self.n_features is None and merits and merit[best] <= merits[-1]:
                break
            order.append(best)
            merits.append(float(merit[best]))
            sum_class += with_class[best]
            pairs += sum_among[best]
            sum_among += among[best]
        self.order_ = np.array(order, dtype=int)
        self.merits_ = np.array(merits)
        self.support_ = np.isin(np.arange(X.shape[1]), self.order_)
        return self

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def _correlations(X: np.ndarray) -> np.ndarray:
    """Absolute correlation of each pair of columns, 0 with a constant one."""
    centred = X - X.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    units = np.divide(centred, norms, out=np.zeros_like(centred), where=norms > 0)
    return np.abs(units.T @ units)
