"""Descriptors of the waveform: low-energy frames and zero crossings."""

import numpy as np

from .windows import SECOND, trailing_count, trailing_sum


def rms(frames: np.ndarray) -> np.ndarray:
    """Root mean square of each frame, full scale = 1: shape (n_frames,)."""
    return np.sqrt(np.einsum("ij,ij->i", frames, frames) / frames.shape[1])


def low_energy(level: np.ndarray, length: int = SECOND) -> np.ndarray:
    """Share of quiet frames in the last second, 0 to 1 (feature 2).

    A frame is quiet when its RMS is below half the mean RMS of the window (Scheirer & Slaney 1997,
    from memory). Speech has pauses, so its share is higher. The share doesn't depend on gain.

    Parameters
    ----------
    level : ndarray of shape (n_frames,)
        RMS of each frame.
    length : int
        Frames in the window.

    Returns
    -------
    ndarray of float64, shape (n_frames,)
    """
    n = len(level)
    threshold = 0.5 * trailing_sum(level, length) / trailing_count(n, length)
    quiet = np.zeros(n, dtype=np.int32)
    for lag in range(min(length, n)):
        quiet[lag:] += level[: n - lag] < threshold[lag:]
    return quiet / trailing_count(n, length)


def zero_crossings(frames: np.ndarray) -> np.ndarray:
    """Sign changes in each 20-ms frame, a count (feature 6).

    Scheirer & Slaney 1997, from memory. Zero counts as positive, so digital silence has none.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, hop)

    Returns
    -------
    ndarray of int, shape (n_frames,)
    """
    negative = frames < 0
    return np.count_nonzero(negative[:, 1:] != negative[:, :-1], axis=1)
