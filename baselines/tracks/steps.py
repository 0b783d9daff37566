"""Features cut into steps that hold equally many training items, for trees on histograms."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Steps(TransformerMixin, BaseEstimator):
    """Each feature as the number of the step it falls on: whole numbers from 0 to ``n - 1``.

    Trees see the order of a feature only. scikit-learn would cut it anew for each tag, and slowly
    where items have weights.

    Parameters
    ----------
    n : int
        Steps, at most.

    Attributes
    ----------
    edges_ : ndarray of shape (n - 1, d)
        Quantiles of the training items.
    """

    def __init__(self, n: int = 32) -> None:
        self.n = n

    def fit(self, X: np.ndarray, y: object = None) -> Steps:
        """Take the quantiles of features (n_items, d)."""
        shares = np.arange(1, self.n) / self.n
        self.edges_ = np.quantile(np.asarray(X, dtype=np.float64), shares, axis=0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Steps of features: float64 of shape (n_items, d)."""
        columns = zip(np.asarray(X, dtype=np.float64).T, self.edges_.T, strict=True)
        return np.stack(
            [np.searchsorted(edges, column, side="right") for column, edges in columns], axis=1
        ).astype(np.float64)
