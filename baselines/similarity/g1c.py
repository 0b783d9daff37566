"""G1C: timbre and fluctuation patterns combined (Pampalk 2006, from memory)."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, TransformerMixin

from .blocks import blockwise
from .gaussian import gaussians, symmetric_kl

SCALE = 450.0
"""Nats over which similarity of timbre fades, from memory."""


class G1C(TransformerMixin, BaseEstimator):
    """Weighted sum of four distances, each standardised by its mean and deviation over pairs.

    ``-exp(-SKL / 450)`` between Gaussians of MFCC (this alone is G1), Euclidean distance of
    fluctuation patterns, differences of bass and of gravity.

    Parameters
    ----------
    weights : tuple of 4 floats
        Of timbre, pattern, bass, gravity.
    n_mfcc : int
        Dimensions of the Gaussian.
    n_pairs : int
        Training pairs from which means and deviations are taken.
    block_mb : float
        Memory (MiB) of `distance` besides its arguments and result.
    random_state : int or None
        Seed of the pairs.

    Attributes
    ----------
    mean_, scale_ : ndarray, shape (4,)
    """

    def __init__(
        self,
        weights: tuple[float, float, float, float] = (0.7, 0.1, 0.1, 0.1),
        n_mfcc: int = 20,
        n_pairs: int = 10_000,
        block_mb: float = 256,
        random_state: int | None = 0,
    ) -> None:
        self.weights = weights
        self.n_mfcc = n_mfcc
        self.n_pairs = n_pairs
        self.block_mb = block_mb
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None) -> G1C:
        """Mean and deviation of each distance over pairs of different rows.

        Parameters
        ----------
        X : ndarray, shape (n, p)
            Rows of `patterns.g1c_features`. Of a single row the scales are 1.
        """
        X = np.asarray(X, dtype=np.float64)
        rng = np.random.default_rng(self.random_state)
        side = min(len(X), int(np.ceil(np.sqrt(2 * self.n_pairs))) + 1)
        some = X[np.sort(rng.permutation(len(X))[:side])]
        above = np.triu_indices(side, 1)
        parts = np.stack([part[above] for part in self._parts(some, some)])
        if not parts.size:
            parts = np.zeros((4, 1))
        deviation = parts.std(axis=1)
        self.mean_ = parts.mean(axis=1)
        self.scale_ = np.where(deviation > 0, deviation, 1.0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """The rows as they are: float64, shape (n, p)."""
        return np.asarray(X, dtype=np.float64)

    def distance(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """Combined distance of every pair (may be negative): float64, shape (len(A), len(B))."""
        return blockwise(np.asarray(A), np.asarray(B), self._combined, 64, self.block_mb / 4)

    def _combined(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        parts = zip(self.weights, self._parts(A, B), self.mean_, self.scale_)
        return sum(weight * (part - mean) / scale for weight, part, mean, scale in parts)  # type: ignore[return-value]

    def _parts(self, A: np.ndarray, B: np.ndarray) -> list[np.ndarray]:
        d = self.n_mfcc
        ends = [d + d * (d + 1) // 2, A.shape[1] - 2]
        (timbre, pattern, rest), (timbre_b, pattern_b, rest_b) = (
            np.split(rows, ends, axis=1) for rows in (A, B)
        )
        return [
            -np.exp(-symmetric_kl(gaussians(timbre), gaussians(timbre_b)) / SCALE),
            cdist(pattern, pattern_b),
            np.abs(rest[:, :1] - rest_b[:, 0]),
            np.abs(rest[:, 1:] - rest_b[:, 1]),
        ]
