"""Nearest neighbours under any distance: all pairs in blocks, memory bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.pipeline import Pipeline

from mirbench.errors import MethodError

Distance = Callable[[np.ndarray, np.ndarray], np.ndarray]


def distance_of(estimator: Any) -> Distance:
    """The distance that goes with what an estimator's ``transform`` returns.

    The ``distance`` method of the estimator, of a pipeline's last step, or of a search's best
    estimator; the Euclidean distance where there is none.
    """
    last = estimator
    while not hasattr(last, "distance"):
        if isinstance(last, Pipeline):
            last = last.steps[-1][1]
        elif hasattr(last, "best_estimator_"):
            last = last.best_estimator_
        else:
            return euclidean
    return last.distance


def euclidean(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Euclidean distances between rows, (len(A), len(B))."""
    return cdist(np.asarray(A, dtype=float), np.asarray(B, dtype=float))


def pairwise(A: np.ndarray, B: np.ndarray, distance: Distance, block_mb: float = 256) -> np.ndarray:
    """All distances between two sets of rows, float32 (len(A), len(B)), made block by block.

    Parameters
    ----------
    A, B : ndarray
        Rows as ``transform`` returned them.
    distance : callable
        ``distance(A, B) -> (len(A), len(B))``.
    block_mb : float
        Memory (MiB) of one block of distances; what ``distance`` itself needs comes on top.

    Raises
    ------
    MethodError
        A distance is NaN or infinite, or has another shape.
    """
    out = np.empty((len(A), len(B)), dtype=np.float32)
    for rows, block in blocks(A, B, distance, block_mb):
        out[rows] = block
    return out


def nearest(
    rows: np.ndarray,
    distance: Distance,
    k: int,
    *,
    block_mb: float = 256,
    advance: Callable[[int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` nearest other rows of each row, nearest first; ties by position.

    Parameters
    ----------
    rows : ndarray, n rows
    distance : callable
    k : int
        At most n - 1 are returned.
    block_mb : float
        As in `pairwise`.
    advance : callable, optional
        ``advance(n)`` is called as rows are done.

    Returns
    -------
    ids : ndarray of int32, shape (n, k)
        Positions in ``rows``.
    distances : ndarray of float32, shape (n, k)

    Raises
    ------
    MethodError
        As `pairwise`.
    """
    n = len(rows)
    k = max(0, min(k, n - 1))
    ids = np.empty((n, k), dtype=np.int32)
    distances = np.empty((n, k), dtype=np.float32)
    for where, block in blocks(rows, rows, distance, block_mb):
        for i, row in zip(range(where.start, where.stop), block):
            others = first(np.delete(row, i), k)
            ids[i] = others + (others >= i)
            distances[i] = row[ids[i]]
        if advance is not None:
            advance(len(block))
    return ids, distances


def first(row: np.ndarray, k: int) -> np.ndarray:
    """Positions of the ``k`` smallest values in order, ties by position."""
    if k < len(row) // 4:
        limit = np.partition(row, k - 1)[k - 1] if k else -np.inf
        close = np.flatnonzero(row <= limit)
        return close[np.argsort(row[close], kind="stable")[:k]]
    return np.argsort(row, kind="stable")[:k]


def blocks(A: np.ndarray, B: np.ndarray, distance: Distance, block_mb: float) -> Any:
    """(slice of rows of ``A``, their checked distances to all of ``B``), one after the other."""
    height = max(1, int(block_mb * 2**20 / (8 * max(1, len(B)))))
    for start in range(0, len(A), height):
        rows = slice(start, min(start + height, len(A)))
        block = np.asarray(distance(A[rows], B))
        if block.shape != (rows.stop - rows.start, len(B)):
            raise MethodError(
                f"distance gave shape {block.shape} for {rows.stop - rows.start} and {len(B)} rows; "
                "return one distance a pair"
            )
        if not (np.abs(block) <= np.finfo(np.float32).max).all():
            raise MethodError(
                "a distance is NaN, infinite or beyond single precision; the method must compare "
                "every pair"
            )
        yield rows, block
