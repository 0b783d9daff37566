"""Boundaries where the self-similarity of the features looks like a checkerboard.

J. Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000 (from memory).
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import correlate1d
from scipy.signal import find_peaks


def taper(half: int) -> np.ndarray:
    """Half of the kernel's rows: a Gaussian around the boundary, negative before it.

    The checkerboard kernel with a Gaussian taper is the outer product of this vector with itself.

    Parameters
    ----------
    half : int
        Frames on either side of the boundary; the Gaussian's standard deviation is ``half / 2``
        (our choice).

    Returns
    -------
    ndarray of shape (2 * half,)
    """
    offset = np.arange(-half, half) + 0.5
    return np.sign(offset) * np.exp(-0.5 * (offset / (half / 2)) ** 2)


def novelty(features: np.ndarray, half: int) -> np.ndarray:
    """Novelty of the point between frame ``i - 1`` and frame ``i``.

    Correlation of the kernel with the cosine self-similarity matrix along its diagonal. As the
    kernel is an outer product ``h h'``, the sum over the matrix is the squared norm of the unit
    feature vectors filtered with ``h``: no matrix is formed, time and memory are linear.

    Parameters
    ----------
    features : ndarray of shape (n, d)
    half : int
        Frames on either side; the features are mirrored at the ends.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1]: 1 where all vectors before are opposite to all vectors after.
    """
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.maximum(norms, 1e-12)
    kernel = taper(half)
    filtered = correlate1d(unit, kernel, axis=0, mode="reflect")
    return (filtered**2).sum(axis=1) / np.abs(kernel).sum() ** 2


def novelty_boundaries(
    features: np.ndarray, half: int, min_gap: int, threshold: float = 1.0
) -> np.ndarray:
    """Frames before which a boundary lies: local maxima of the novelty.

    Parameters
    ----------
    features : ndarray of shape (n, d)
        Standardised here over the recording, so that no coefficient rules the cosine.
    half : int
        See :func:`novelty`.
    min_gap : int
        Least distance between boundaries in frames; of two rivals the higher stays.
    threshold : float
        Least height, as a multiple of the recording's mean novelty (our choice): low, because a
        boundary too many is mended by labelling and a missed one isn't.

    Returns
    -------
    ndarray of int, ascending
    """
    if len(features) < 3:
        return np.empty(0, dtype=int)
    spread = features.std(axis=0)
    standard = (features - features.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    curve = novelty(standard, half)
    height = max(threshold * curve.mean(), 1e-9)
    peaks, _ = find_peaks(curve, height=height, distance=max(min_gap, 1))
    return peaks
