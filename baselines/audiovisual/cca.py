"""Canonical correlation of sounds and pictures."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.cross_decomposition import CCA
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from mirbench.features import Extract
from mirbench.features.spectral import logmel
from mirbench.video import VideoItem

from .pictures import RATE_HZ, motion, picture_statistics

SR, MELS = 16_000, 24
MAP = 12
"""Blocks a side of a map of motion."""


def sound_statistics(signal: np.ndarray, sr: float) -> np.ndarray:
    """Numbers that tell what a sound is like, float32 of shape (3 * 24 + 3,).

    Mean, deviation and mean rise of each log-mel band over time; mean, deviation and 90th percentile of
    the level (dB).
    """
    bands = logmel(signal, sr, n_mels=MELS)
    power = np.square(signal[: len(signal) // 512 * 512].reshape(-1, 512)).mean(axis=1)
    level = 10 * np.log10(power + 1e-9) if len(power) else np.full(1, -90.0)
    rise = np.maximum(np.diff(bands, axis=0, prepend=bands[:1]), 0)
    parts = [bands.mean(axis=0), bands.std(axis=0), rise.mean(axis=0)]
    return np.concatenate([*parts, [level.mean(), level.std(), np.percentile(level, 90)]]).astype(
        np.float32
    )


class CanonicalPairs(BaseEstimator):
    """Sounds and pictures in a space where those that belong together are close.

    Each side's statistics are standardised and reduced by PCA; CCA finds directions of the greatest
    correlation over the training pairs. A pair's score is the cosine of its two points.

    Parameters
    ----------
    extract : Extract
        Gives a vector an item.
    n_principal : int
        Components that PCA keeps of each side: a fourth of the training pairs at the most, as CCA finds
        perfect correlations where it has as many numbers as pairs.
    n_canonical : int
        Directions of CCA, at the most.

    Attributes
    ----------
    sound_, picture_ : Pipeline
        Standardisation and PCA of each side.
    cca_ : CCA
    """

    def __init__(self, extract: Extract, n_principal: int = 24, n_canonical: int = 8) -> None:
        self.extract = extract
        self.n_principal = n_principal
        self.n_canonical = n_canonical

    def fit(self, X: np.ndarray, y: np.ndarray) -> CanonicalPairs:
        """Fit on items and the video of each."""
        heard, seen = self._heard(X), pictures_of(y)
        most = max(1, min(self.n_principal, len(X) // 4))
        self.sound_ = _reducer(min(most, heard.shape[1])).fit(heard)
        self.picture_ = _reducer(min(most, seen.shape[1])).fit(seen)
        self.cca_ = CCA(min(self.n_canonical, most), max_iter=2000)
        with warnings.catch_warnings():  # weak directions converge slowly, and matter little
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.cca_.fit(self.sound_.transform(heard), self.picture_.transform(seen))
        return self

    def match(self, X: np.ndarray, V: np.ndarray) -> np.ndarray:
        """Cosine of each item and each video, shape (len(X), len(V))."""
        check_is_fitted(self)
        heard = self.sound_.transform(self._heard(X))
        seen = self.picture_.transform(pictures_of(V))
        left, right = self.cca_.transform(heard, seen)
        return _unit(left) @ _unit(right).T

    def localise(self, X: np.ndarray, V: np.ndarray) -> list[np.ndarray]:
        """What moves: of each video (n_frames, 12, 12), whatever is heard."""
        return [motion_map(video) for video in V]

    def _heard(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(self.extract.transform(X), dtype=np.float64)


def pictures_of(V: Any) -> np.ndarray:
    """`picture_statistics` of each video, shape (n_videos, d)."""
    return np.stack([picture_statistics(video) for video in V])


def motion_map(video: VideoItem) -> np.ndarray:
    """Motion of blocks of a picture, shape (n_frames, 12, 12)."""
    frames, _ = video.frames(rate=RATE_HZ, size=2 * MAP)
    moved = motion(frames / 255)
    return moved.reshape(len(moved), MAP, 2, MAP, 2).mean(axis=(2, 4))


def _reducer(n: int) -> Pipeline:
    return make_pipeline(StandardScaler(), PCA(n, random_state=0))


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
