"""Towards Gaussian features, kept in check on other recordings: a power of each, then LDA."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.covariance import ShrunkCovariance
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.preprocessing import PowerTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from mirbench.errors import MethodError

TRANSFORMS = ("box-cox", "yeo-johnson", "none")
TAIL = 0.1
"""Values are clipped to the training range and this part of it on either side (our choice)."""
MARGIN = 0.2
"""Box-Cox needs positive values: where there are others, they are shifted up until the least lies
at this part of the range (our choice; greater than ``TAIL``)."""
FLOOR = 1e-6
"""Variance added within classes before LDA, for standardised features: those that separate the
training items perfectly don't vary within a class."""
LARGEST_POWER = 5.0
"""Powers are kept within minus and plus this (our choice): features with a small relative spread
hardly determine theirs."""


class GuardedPower(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Box-Cox or Yeo-Johnson, then mean 0 and deviation 1 (Peeters 2003: a power transform).

    Shift, power, mean and deviation come from the training items; the power by maximum likelihood
    (scikit-learn's ``PowerTransformer``). A constant feature becomes 0.

    Parameters
    ----------
    method : {"box-cox", "yeo-johnson", "none"}
        "none" only clips and standardises.

    Attributes
    ----------
    low_, high_ : ndarray of shape (n_features,)
        Limits to which values are clipped, before the shift.
    shift_, scale_ : ndarray of shape (n_features,)
        Before the power a value is shifted by the one and divided by the other: to positive values
        with a median of 1 for Box-Cox, which doesn't mind the scale; to mean 0 and deviation 1 else.
    """

    def __init__(self, method: str = "box-cox") -> None:
        self.method = method

    def fit(self, X: np.ndarray, y: Any = None) -> GuardedPower:
        """Fit on ``X``, shape (n_items, n_features).

        Raises
        ------
        MethodError
            An unknown ``method``.
        """
        if self.method not in TRANSFORMS:
            raise MethodError(f"unknown transform {self.method!r}; known: {', '.join(TRANSFORMS)}")
        X = validate_data(self, X, dtype=np.float64)
        least, greatest = X.min(axis=0), X.max(axis=0)
        spread = greatest - least
        self.varied_ = spread > 1e-12 * np.abs(X).max(axis=0)
        self.low_, self.high_ = least - TAIL * spread, greatest + TAIL * spread
        if self.method == "box-cox":
            self.shift_ = np.where(least > 0, 0.0, MARGIN * spread - least)
            self.low_ = np.where(least > 0, np.maximum(self.low_, least / 2), self.low_)
            scale = np.median(X + self.shift_, axis=0)
        else:
            self.shift_, scale = -X.mean(axis=0), X.std(axis=0)
        self.scale_ = np.where(self.varied_, scale, 1.0)
        if self.varied_.any():
            self._fit_power(X)
        return self

    def _fit_power(self, X: np.ndarray) -> None:
        values = self._prepared(X)
        self.power_ = None
        if self.method != "none":
            self.power_ = PowerTransformer(self.method, standardize=False)
            with warnings.catch_warnings():  # the search passes powers that overflow
                warnings.simplefilter("ignore", RuntimeWarning)
                self.power_.fit(values)
            self.power_.lambdas_ = np.clip(self.power_.lambdas_, -LARGEST_POWER, LARGEST_POWER)
            values = self.power_.transform(values)
        self.scaler_ = StandardScaler().fit(values)

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Transformed copy, shape (n_items, n_features)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        out = np.zeros_like(X)
        if self.varied_.any():
            values = self._prepared(X)
            if self.power_ is not None:
                values = self.power_.transform(values)
            out[:, self.varied_] = self.scaler_.transform(values)
        return out

    def _prepared(self, X: np.ndarray) -> np.ndarray:
        moved = (np.clip(X, self.low_, self.high_) + self.shift_) / self.scale_
        return moved[:, self.varied_]


def discriminant(shrinkage: float = 0.3) -> LinearDiscriminantAnalysis:
    """Linear discriminant analysis as a projection on at most n_classes - 1 dimensions.

    By eigenvalues, scikit-learn's solver that both shrinks and projects; features standardised.

    Parameters
    ----------
    shrinkage : float
        In [0, 1]: part of each class's covariance that is its mean variance on the diagonal.
    """
    return Discriminant(solver="eigen", covariance_estimator=FlooredCovariance(shrinkage=shrinkage))


class Discriminant(LinearDiscriminantAnalysis):
    """``LinearDiscriminantAnalysis`` that says what it lacks."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Discriminant:
        """As in scikit-learn.

        Raises
        ------
        MethodError
            No class has two items.
        """
        if len(X) <= len(np.unique(y)):
            raise MethodError(
                "LDA needs a class with two training items or more: add items, or use lda=False"
            )
        return super().fit(X, y)


class FlooredCovariance(ShrunkCovariance):
    """``ShrunkCovariance`` plus ``FLOOR`` on the diagonal."""

    def fit(self, X: np.ndarray, y: Any = None) -> FlooredCovariance:
        """Covariance of ``X``, shape (n_items, n_features)."""
        with warnings.catch_warnings():  # a class of one item: no variance of its own
            warnings.simplefilter("ignore", UserWarning)
            super().fit(X)
        self._set_covariance(self.covariance_ + FLOOR * np.eye(len(self.covariance_)))
        return self
