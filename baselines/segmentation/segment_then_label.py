"""Strategy B: find boundaries in the features, then label what lies between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from baselines.segmentation.bic import bic_boundaries
from baselines.segmentation.features import texture, timbre
from baselines.segmentation.novelty import novelty_boundaries
from baselines.segmentation.wrapper import FrameWrapper, log_posterior
from mirbench.apply.segments import join_runs
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.frames import Segment
from mirbench.items import as_items, ragged


class SegmentThenLabel(FrameWrapper):
    """Boundaries from MFCC, labels from the mean log-posterior of a frame method.

    Parameters
    ----------
    base : estimator
        Frame method: ``predict_proba(items)`` gives (n_frames, n_classes) an item.
    detector : {'novelty', 'bic'}
        Checkerboard novelty on means and standard deviations of 13 MFCC over 0.1 s, or delta-BIC
        on the 13 MFCC of block frame.
    kernel_s : float
        Half-width (s) of the checkerboard kernel (our choice: 3 s).
    threshold : float
        Least height of a novelty peak, as a multiple of the recording's mean (our choice: 1).
    penalty : float
        The lambda of the BIC.
    min_s : float
        Least distance (s) between boundaries.
    hop_s : float
        Frame period (s) of ``base``.
    features : transformer
        Gives (n_frames, d) an item on the frame grid; 13 MFCC at 22.05 kHz by default.

    Notes
    -----
    Neighbours with the same label are merged: a boundary too many is mended, a missed one isn't.
    """

    def __init__(
        self,
        base: Any,
        detector: str = "novelty",
        kernel_s: float = 3.0,
        threshold: float = 1.0,
        penalty: float = 1.0,
        min_s: float = 1.0,
        hop_s: float = 0.02,
        features: Any = None,
    ) -> None:
        self.base = base
        self.detector = detector
        self.kernel_s = kernel_s
        self.threshold = threshold
        self.penalty = penalty
        self.min_s = min_s
        self.hop_s = hop_s
        self.features = features

    def fit(self, X: np.ndarray, y: np.ndarray) -> SegmentThenLabel:
        """Fit the frame method; the boundaries need no training.

        Raises
        ------
        MethodError
            Unknown ``detector``.
        """
        if self.detector not in ("novelty", "bic"):
            raise MethodError(f"unknown detector {self.detector!r}; use 'novelty' or 'bic'")
        super().fit(X, y)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Segments: object array of lists of (start_s, end_s, code) that cover [0, duration_s]."""
        scores = self.predict_proba(X)
        return ragged(self._label(item, rows) for item, rows in zip(X, scores, strict=True))

    def _label(self, item: Any, scores: np.ndarray) -> list[Segment]:
        if len(scores) == 0:
            return [(0.0, float(item.duration_s), int(self.classes_[0]))]
        edges = self.boundaries(item)
        starts = np.r_[0, edges[(edges > 0) & (edges < len(scores))]]
        sums = np.add.reduceat(log_posterior(scores), starts, axis=0)
        lengths = np.diff(np.r_[starts, len(scores)])
        codes = self.classes_[(sums / lengths[:, None]).argmax(axis=1)]
        return join_runs(np.repeat(codes, lengths), self.hop_s, item.duration_s)

    def boundaries(self, item: Any) -> np.ndarray:
        """Frames before which a boundary lies, shape (k,), ascending."""
        features = self.features
        if features is None:
            features = Extract(timbre, kw_args={"hop_s": self.hop_s})
        rows = np.asarray(features.transform(as_items([item]))[0])
        frames = round(1 / self.hop_s)
        gap = max(round(self.min_s * frames), 1)
        if self.detector == "bic":
            return bic_boundaries(rows, min_frames=gap, grow=frames, penalty=self.penalty)
        block = max(round(0.1 * frames), 1)
        coarse = texture(rows, block)
        half = max(round(self.kernel_s * frames / block), 1)
        return block * novelty_boundaries(coarse, half, gap // block, self.threshold)
