"""Mutual proximity: distances rescaled against hubs (Schnitzer et al. 2012)."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from scipy.special import ndtr
from sklearn.base import BaseEstimator, TransformerMixin, clone

from mirbench.errors import MethodError
from mirbench.neighbours import distance_of, pairwise

KINDS = ("empirical", "normal")


class MutualProximity(TransformerMixin, BaseEstimator):
    """1 minus the share of other tracks that are farther from both of a pair than they are apart.

    Transductive: the rows of `transform` hold each item's distances to all items of that call, and
    only rows of one call can be compared with each other. Memory and time of `transform` grow with
    the square of the number of items; the empirical variant's `distance` with its cube.

    Parameters
    ----------
    base : estimator
        With ``transform`` and, on it or its last step, ``distance``; without, it's Euclidean.
    variant : {"empirical", "normal"}
        Whether the share is counted, or that of independent normal distributions with the mean and
        deviation of each item's distances.
    block_mb : float
        Memory (MiB) of a block of distances.

    Attributes
    ----------
    base_ : estimator
        The fitted base.
    """

    def __init__(self, base: Any, variant: str = "empirical", block_mb: float = 256) -> None:
        self.base = base
        self.variant = variant
        self.block_mb = block_mb

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> MutualProximity:
        """Fit the base."""
        if self.variant not in KINDS:
            raise MethodError(f"variant={self.variant!r}: choose from {', '.join(KINDS)}")
        self.base_ = clone(self.base).fit(X, y)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Each item's place in the call, then its distances to all n items of the call.

        Returns
        -------
        ndarray of float32, shape (n, 1 + n)
            An item's distance to itself stands as that to its nearest: it counts nowhere.
        """
        rows = self.base_.transform(X)
        whole = getattr(self.base_, "distances", None)
        if whole is not None:
            found = np.asarray(whole(rows), dtype=np.float32)
        else:
            found = pairwise(rows, rows, distance_of(self.base_), self.block_mb)
        return proximity_rows(found)

    def distance(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """1 - mutual proximity of every pair, 0 to 1: float32, shape (len(A), len(B)).

        Parameters
        ----------
        A, B : ndarray
            Rows of one call of `transform`.

        Raises
        ------
        MethodError
            The rows are of different calls.
        """
        if A.shape[1] != B.shape[1]:
            raise MethodError("mutual proximity compares rows of one call of transform only")
        return (empirical if self.variant == "empirical" else normal)(A, B)


def proximity_rows(distances: np.ndarray) -> np.ndarray:
    """What `MutualProximity.transform` returns, from a matrix of distances (n, n)."""
    n = len(distances)
    rows = np.empty((n, 1 + n), dtype=np.float32)
    rows[:, 0] = np.arange(n)
    rows[:, 1:] = (distances + distances.T) / 2
    own = np.arange(n)
    rows[own, 1 + own] = np.inf
    nearest = rows[:, 1:].min(axis=1)
    rows[own, 1 + own] = np.where(np.isfinite(nearest), nearest, 0)
    return rows


def empirical(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """1 - (number of items farther from both) / (n - 1), from rows of `proximity_rows`."""
    out = np.empty((len(A), len(B)), dtype=np.float32)
    _empirical(np.ascontiguousarray(A), np.ascontiguousarray(B), out)
    return out


@numba.njit(nogil=True)
def _empirical(A, B, out):  # type: ignore[no-untyped-def]
    n = A.shape[1] - 1
    for i in range(len(A)):
        left = A[i, 1:]
        for j in range(len(B)):
            limit = left[int(B[j, 0])]
            right = B[j, 1:]
            count = np.int32(0)
            for k in range(n):
                count += np.int32((left[k] > limit) & (right[k] > limit))
            out[i, j] = 1 - count / max(n - 1, 1)
        # an item is at no distance from itself
        for j in range(len(B)):
            if A[i, 0] == B[j, 0]:
                out[i, j] = 0


def normal(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """1 - SF(d; mean_x, sd_x) SF(d; mean_y, sd_y), from rows of `proximity_rows`."""
    between = A[:, 1 + B[:, 0].astype(int)].astype(np.float64)
    share = np.ones_like(between)
    for rows, axis in ((A, 1), (B, 0)):
        mean, deviation = (np.expand_dims(part, axis) for part in _spread(rows))
        share *= ndtr((mean - between) / deviation)
    share[A[:, :1] == B[:, 0]] = 1
    return (1 - share).astype(np.float32)


def _spread(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation (not under a millionth of it) of each item's distances to the others."""
    n = rows.shape[1] - 1
    distances = rows[:, 1:].astype(np.float64)
    distances[np.arange(len(rows)), rows[:, 0].astype(int)] = np.nan
    if n < 2:
        return np.zeros(len(rows)), np.ones(len(rows))
    mean = np.nanmean(distances, axis=1)
    deviation = np.nanstd(distances, axis=1)
    return mean, np.maximum(deviation, 1e-6 * np.abs(mean) + np.finfo(np.float32).tiny)
