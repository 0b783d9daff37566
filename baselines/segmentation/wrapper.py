"""What the three segmentation strategies share: a fitted frame method inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from mirbench.frames import Segment
from mirbench.items import ragged

FLOOR = 1e-3
"""Least posterior that enters a logarithm (our choice): one frame can't say more than 1000 : 1."""


class FrameWrapper(ClassifierMixin, BaseEstimator):
    """Base of the strategies: ``base`` scores frames, the strategy cuts and labels them.

    Attributes
    ----------
    base_ : fitted frame method
    classes_ : ndarray of int64
        Codes of the score columns; may be a subset of the task's.
    """

    base: Any
    hop_s: float

    def fit(self, X: np.ndarray, y: np.ndarray) -> FrameWrapper:
        """Fit the frame method; ``y`` holds a code or a list of (start_s, end_s, code) an item."""
        self.base_ = clone(self.base).fit(X, y)
        self.classes_ = np.asarray(self.base_.classes_)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Frame scores of the method inside: object array of (n_frames, n_classes)."""
        return self.base_.predict_proba(X)


class ScoreSegmenter(FrameWrapper):
    """Base of the strategies that need the scores only, so that a stream's scores do as well."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Segments: object array of lists of (start_s, end_s, code) that cover [0, duration_s]."""
        scores = self.predict_proba(X)
        return ragged(
            self.segment(rows, item.duration_s) for item, rows in zip(X, scores, strict=True)
        )

    def segment(self, scores: np.ndarray, duration_s: float) -> list[Segment]:
        """Segments out of frame scores, shape (n_frames, n_classes), and the length in seconds."""
        raise NotImplementedError


def log_posterior(scores: np.ndarray) -> np.ndarray:
    """Natural logarithm of class probabilities, floored at ``FLOOR``."""
    return np.log(np.maximum(scores, FLOOR))
