"""Shape of a spectrum: ten descriptors, taken on bins, on ERB bands and on partials."""

import numpy as np

from .frames import TINY

NAMES = (
    "centroid",
    "spread",
    "skewness",
    "kurtosis",
    "slope",
    "decrease",
    "rolloff",
    "variation",
    "flatness",
    "crest",
)

FLOOR = 1e-4
"""Least height of a bin inside the flatness, relative to the frame's highest (our choice): 80 dB
on magnitudes, else bins a codec has emptied would rule."""


def moments(heights: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Centroid, spread, skewness and kurtosis of spectra taken as densities over ``axis``.

    Peeters 2004, moments about the centroid: spread is the square root of the second, skewness and
    kurtosis (3 for a Gaussian) are the others over its third and fourth power. All 0 for a spectrum
    without height, the last two 0 for one without spread.

    Parameters
    ----------
    heights : ndarray of shape (n_frames, n_bins), not negative
    axis : ndarray of shape (n_bins,) or (n_frames, n_bins)
        Where the bins lie, in any unit.

    Returns
    -------
    ndarray of float64, shape (n_frames, 4)
        The first two in the unit of ``axis``.
    """
    scale = max(float(np.max(axis)), TINY)
    x = np.asarray(axis, dtype=np.float64) / scale
    total = np.maximum(heights.sum(axis=1, dtype=np.float64), TINY)
    if x.ndim == 1:
        raw = heights.astype(np.float64) @ np.stack([x, x**2, x**3, x**4], axis=1)
    else:
        raw = np.stack([np.einsum("ij,ij->i", heights, x**k) for k in (1, 2, 3, 4)], axis=1)
    m1, m2, m3, m4 = (raw / total[:, None]).T
    variance = np.maximum(m2 - m1**2, 0.0)
    third = m3 - 3 * m1 * m2 + 2 * m1**3
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    wide = variance > 1e-9
    safe = np.where(wide, variance, 1.0)
    return np.stack(
        [
            scale * m1,
            scale * np.sqrt(variance),
            np.where(wide, third / safe**1.5, 0.0),
            np.where(wide, fourth / safe**2, 0.0),
        ],
        axis=1,
    )


def variation(heights: np.ndarray) -> np.ndarray:
    """1 - cosine between each spectrum and the one before: shape (n_frames,).

    Peeters 2004. The first frame takes the second's value; 0 where a spectrum is silent.
    """
    norms = np.sqrt(np.einsum("ij,ij->i", heights, heights, dtype=np.float64))
    dots = np.einsum("ij,ij->i", heights[1:], heights[:-1], dtype=np.float64)
    products = norms[1:] * norms[:-1]
    change = np.where(products > TINY, 1 - dots / np.maximum(products, TINY), 0.0)
    return np.concatenate([change[:1] if len(change) else [0.0], np.maximum(change, 0.0)])


def rolloff(heights: np.ndarray, axis: np.ndarray, share: float = 0.95) -> np.ndarray:
    """Lowest place on ``axis`` below which ``share`` of the height lies; its start for silence."""
    cumulative = np.cumsum(heights, axis=1, dtype=np.float64)
    place = np.argmax(cumulative >= share * cumulative[:, -1:], axis=1)
    if np.ndim(axis) == 1:
        return axis[place]
    return axis[np.arange(len(axis)), place]


def shape(heights: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """The ten descriptors of each spectrum.

    Definitions of Peeters 2004. Slope is that of the regression of height on ``axis``, divided by
    the summed height; decrease is sum (a_k - a_1) / (k - 1) over sum a_k, both for k >= 2; flatness
    geometric over arithmetic mean, crest maximum over mean. None follows the gain; all are 0 for
    a spectrum without height.

    Parameters
    ----------
    heights : ndarray of shape (n_frames, n_bins)
    axis : ndarray of shape (n_bins,) or (n_frames, n_bins)

    Returns
    -------
    ndarray of float64, shape (n_frames, 10)
        Columns as in ``NAMES``.
    """
    n_bins = heights.shape[1]
    total = np.maximum(heights.sum(axis=1, dtype=np.float64), TINY)
    highest = heights.max(axis=1)
    x = np.asarray(axis, dtype=np.float64)
    centred = x - x.mean(axis=-1, keepdims=True)
    centred /= np.maximum(np.square(centred).sum(axis=-1, keepdims=True), TINY)
    if x.ndim == 1:
        slope = heights @ centred.astype(np.float32)
    else:
        slope = np.einsum("ij,ij->i", heights, centred)
    inverse = (1 / np.arange(1, n_bins)).astype(np.float32)
    rest = np.maximum(total - heights[:, 0], TINY)
    decrease = (heights[:, 1:] @ inverse - heights[:, 0] * inverse.sum()) / rest
    floor = np.maximum(highest * FLOOR, TINY).astype(heights.dtype)[:, None]
    flatness = np.exp(np.log(np.maximum(heights, floor)).mean(axis=1)) * n_bins / total
    sounding = highest > TINY
    return np.column_stack(
        [
            moments(heights, axis),
            slope / total,
            np.where(sounding, decrease, 0.0),
            np.where(sounding, rolloff(heights, axis), 0.0),
            variation(heights),
            np.where(sounding, flatness, 0.0),
            highest * n_bins / total,
        ]
    )
