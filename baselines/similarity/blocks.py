"""A function of two sets, worked out block by block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def blockwise(
    A: Any, B: Any, function: Callable[[Any, Any], np.ndarray], bytes_each: float, block_mb: float
) -> np.ndarray:
    """``function(A, B)`` of shape (len(A), len(B)) from square blocks of at most ``block_mb`` MiB.

    Parameters
    ----------
    A, B : sequences that can be sliced
    function : callable
    bytes_each : float
        What ``function`` holds per pair.
    block_mb : float

    Returns
    -------
    ndarray of float64
    """
    out = np.empty((len(A), len(B)))
    height = int(np.clip(np.sqrt(block_mb * 2**20 / bytes_each), 1, 1024))
    for i in range(0, len(A), height):
        for j in range(0, len(B), height):
            rows, columns = slice(i, i + height), slice(j, j + height)
            out[rows, columns] = function(A[rows], B[columns])
    return out
