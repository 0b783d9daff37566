"""Frames and trailing windows: the time axis that all descriptors share.

Frames last 20 ms and don't overlap; descriptors with a memory look back over a trailing window,
cut to the past that exists at the start of a signal. Nothing looks ahead, so a stream gives the
same values as a file.
"""

import numpy as np

HOP_S = 0.02
FRAME_RATE = 50.0
SECOND = 50
"""Frames in the one-second memory."""


def hop_length(sr: float) -> int:
    """Samples in a frame: 441 at 22,050 Hz."""
    return round(HOP_S * sr)


def frames_of(signal: np.ndarray, sr: float) -> np.ndarray:
    """Whole 20-ms frames of a signal: a view of shape (n_frames, hop), without overlap."""
    hop = hop_length(sr)
    n_frames = len(signal) // hop
    return signal[: n_frames * hop].reshape(n_frames, hop)


def trailing_sum(values: np.ndarray, length: int) -> np.ndarray:
    """Sum over the last ``length`` rows, this one included.

    The sum is put together from sums over 1, 2, 4, ... rows. A running difference of cumulative
    sums would drift; here each sum depends on the rows in its window only, to the last bit.

    Parameters
    ----------
    values : ndarray of shape (n, ...)
        Summed along the first axis, in float64.
    length : int
        Rows in the window; the first ones see fewer.

    Returns
    -------
    ndarray of float64, shape (n, ...)
    """
    partial = values.astype(np.float64)
    total = np.zeros_like(partial)
    n, width, offset = len(partial), 1, 0
    while width <= length and offset < n:
        if length & width:
            total[offset:] += partial[: n - offset]
            offset += width
        if 2 * width <= length:
            longer = partial.copy()
            longer[width:] += partial[: max(n - width, 0)]
            partial = longer
        width *= 2
    return total


def trailing_count(n: int, length: int) -> np.ndarray:
    """Rows that the trailing window of each of ``n`` rows really holds: float64, shape (n,)."""
    return np.minimum(np.arange(1, n + 1), length).astype(np.float64)


def trailing_variance(values: np.ndarray, length: int = SECOND) -> np.ndarray:
    """Variance over the last ``length`` rows, in the squared unit of ``values``.

    Population variance, as Scheirer & Slaney (1997) take it over one second for features 9-13.

    Parameters
    ----------
    values : ndarray of shape (n, d)

    Returns
    -------
    ndarray of float64, shape (n, d)
        Zero in the first row, where there is no past.
    """
    values = values.astype(np.float64)
    count = trailing_count(len(values), length)[:, None]
    mean = trailing_sum(values, length) / count
    square = trailing_sum(values * values, length) / count
    return np.maximum(square - mean * mean, 0.0)
