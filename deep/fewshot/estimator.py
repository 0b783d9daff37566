"""An encoder fitted on base classes that answers for others after a look at a support set."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from deep.fewshot.encoder import SupervisedEncoder
from mirbench.items import Item, as_items


class FewShot(SupervisedEncoder):
    """`SupervisedEncoder` with ``adapt``: what the harness calls before each episode.

    Its task has an ``adapt`` too: ``adapt(rows, codes)`` of the support (codes 0 to k - 1) gives
    ``answer(rows) -> probabilities``.
    """

    def fit(self, X: np.ndarray, y: Any = None) -> FewShot:
        """Train on the base classes, see `SupervisedEncoder.fit`."""
        super().fit(X, y)
        self._kept: dict[str, np.ndarray] = {}
        return self

    def adapt(self, X: np.ndarray, y: np.ndarray) -> Adapted:
        """An estimator of the support's classes; the encoder stays as it is.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : ndarray of int, shape (n,)
        """
        return Adapted(self).fit(X, y)

    def rows(self, X: np.ndarray) -> np.ndarray:
        """``transform``, each item once: episodes ask for the same ones again."""
        new: dict[str, Item] = {item.key: item for item in X if item.key not in self._kept}
        if new:
            found = self.transform(as_items(new.values()))
            self._kept.update(zip(new, found, strict=True))
        return np.stack([self._kept[item.key] for item in X])


class Adapted(ClassifierMixin, BaseEstimator):
    """A fitted encoder and what it made of one support set."""

    def __init__(self, encoder: FewShot) -> None:
        self.encoder = encoder

    def fit(self, X: np.ndarray, y: np.ndarray) -> Adapted:
        """Show the support to the task."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.answer_ = self.encoder.task_.adapt(self.encoder.rows(X), codes)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of the classes, (n_items, n_classes)."""
        return self.answer_(self.encoder.rows(X))
