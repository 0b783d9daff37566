"""What one gets without listening, for targets of all kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from .heads import kind_of


class TrackPrior(BaseEstimator):
    """Shares of classes, prevalence of tags, or means of values among the training items.

    Attributes
    ----------
    kind_ : {"classes", "tags", "values"}
    answer_ : ndarray
        What every item gets.
    classes_ : ndarray of int64
        Of classes only.
    """

    def fit(self, X: np.ndarray, y: Any) -> TrackPrior:
        """Count; the items aren't heard."""
        target = np.asarray(y)
        self.kind_ = kind_of(target)
        if self.kind_ == "classes":
            self.classes_, counts = np.unique(target, return_counts=True)
            self.answer_ = counts / counts.sum()
        else:
            self.answer_ = np.atleast_1d(target.mean(axis=0))
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """The shares or prevalences, for each item."""
        return np.tile(self.answer_, (len(X), 1))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The largest class (n,), the tags that most items have (n, n_tags), or the means (n, d)."""
        rows = self.predict_proba(X)
        if self.kind_ == "classes":
            return self.classes_[rows.argmax(axis=1)]
        return (rows >= 0.5).astype(np.int64) if self.kind_ == "tags" else rows
