"""Gaussian MAP, k nearest neighbours and a pruned tree, for classes of few notes."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

RIDGE = 1e-6
"""Part of the mean pooled variance added to the diagonal, against features that never vary."""


class SharedGaussian(ClassifierMixin, BaseEstimator):
    """One full-covariance Gaussian per class, leaning on the covariance common to all; equal priors.

    ``(1 - shared) S_k + shared S``: S_k is the covariance of class k, S their mean weighted by
    items. Peeters (2003) estimates S_k alone (``shared=0``); a class of 20 notes in 16 dimensions
    doesn't determine it (136 numbers), hence the mix (Friedman 1989, regularised discriminant
    analysis; how much is our choice). Equal priors fit the mean-over-class recall that is reported.

    Parameters
    ----------
    shared : float
        In [0, 1]; 1 is linear discriminant analysis.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    means_ : ndarray of shape (n_classes, d)
    factors_ : ndarray of shape (n_classes, d, d)
        Lower Cholesky factors of the covariances.
    """

    def __init__(self, shared: float = 0.5) -> None:
        self.shared = shared

    def fit(self, X: np.ndarray, y: np.ndarray) -> SharedGaussian:
        """Maximum-likelihood means and covariances; a class of one item has S alone to go by."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
        self.means_ = np.stack([X[codes == k].mean(axis=0) for k in range(len(counts))])
        rest = X - self.means_[codes]
        own = np.stack([rest[codes == k].T @ rest[codes == k] for k in range(len(counts))])
        pooled = own.sum(axis=0) / len(X)
        ridge = RIDGE * (np.trace(pooled) / X.shape[1] or 1.0) * np.eye(X.shape[1])
        mixed = (1 - self.shared) * own / counts[:, None, None] + self.shared * pooled
        self.factors_ = np.linalg.cholesky(mixed + ridge)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Posteriors: shape (n, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        logs = np.empty((len(X), len(self.classes_)))
        for k, (mean, factor) in enumerate(zip(self.means_, self.factors_, strict=True)):
            white = solve_triangular(factor, (X - mean).T, lower=True)
            logs[:, k] = -0.5 * np.sum(white**2, axis=0) - np.sum(np.log(np.diag(factor)))
        return softmax(logs, axis=1)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Most probable class of each row."""
        scores = self.predict_proba(X)
        return self.classes_[scores.argmax(axis=1)]


class NearestNotes(KNeighborsClassifier):
    """``KNeighborsClassifier`` that makes do with as many neighbours as there are training items.

    A node of a tree may hold few. The constructor's parameters are scikit-learn's.
    """

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Any:
        """As in scikit-learn, ``n_neighbors`` cut to the training items."""
        check_is_fitted(self)
        known = self.n_samples_fit_ - (X is None)
        wanted = self.n_neighbors if n_neighbors is None else n_neighbors
        return super().kneighbors(X, min(wanted, known), return_distance)
