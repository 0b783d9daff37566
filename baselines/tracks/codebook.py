"""Bag of frames: how often each entry of a codebook of MFCC frames is heard in a track."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cluster import MiniBatchKMeans
from sklearn.preprocessing import StandardScaler

from baselines.mfcc_svm import FLOOR, N_MFCC
from mirbench.features.spectral import mfcc

HOP = 512


def mfcc_frames(signal: np.ndarray, sr: float) -> np.ndarray:
    """20 MFCC and their slopes, the level taken out: float32, shape (n_frames, 40)."""
    level = np.sqrt(np.mean(np.square(signal, dtype=np.float64)))
    levelled = (signal * (0.1 / max(level, 1e-6))).astype(np.float32)
    return mfcc(levelled, sr, n_mfcc=N_MFCC, amin=FLOOR, deltas=1, hop_length=HOP, framing="center")


class Codebook(TransformerMixin, BaseEstimator):
    """Histogram of each item's frames over k-means clusters of training frames.

    Frames are standardised; the clusters come from ``per_item`` frames of each training item, evenly
    spaced, so that long tracks count no more. A histogram has sum 1, then the square root is taken
    (Hellinger).

    Parameters
    ----------
    k : int
        Clusters, at most as many as there are frames to learn them from.
    per_item : int
    random_state : int

    Attributes
    ----------
    scaler_ : fitted StandardScaler
    clusters_ : fitted MiniBatchKMeans
    n_frames_ : int
        Frames that the clusters were learned from.
    """

    def __init__(self, k: int = 256, per_item: int = 100, random_state: int = 0) -> None:
        self.k = k
        self.per_item = per_item
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> Codebook:
        """Learn the clusters from items' frames, each of shape (n_frames, d)."""
        few = [rows[_evenly(len(rows), self.per_item)] for rows in X]
        frames = np.concatenate(few).astype(np.float64)
        self.n_frames_ = len(frames)
        self.scaler_ = StandardScaler().fit(frames)
        self.clusters_ = MiniBatchKMeans(
            min(self.k, len(frames)), n_init=1, random_state=self.random_state
        ).fit(self.scaler_.transform(frames))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Square roots of histograms: float64, shape (n_items, n_clusters)."""
        n = self.clusters_.n_clusters
        rows = []
        for frames in X:
            heard = self.clusters_.predict(self.scaler_.transform(frames.astype(np.float64)))
            rows.append(np.sqrt(np.bincount(heard, minlength=n) / len(heard)))
        return np.array(rows)


def _evenly(n: int, wanted: int) -> np.ndarray:
    """At most ``wanted`` of ``n`` positions, evenly spaced."""
    return np.unique(np.linspace(0, n - 1, min(n, wanted)).round().astype(int))
