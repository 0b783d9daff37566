"""Frames and spectra that the descriptors share; float32 throughout, one thread."""

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import fft
from scipy.signal import get_window

from mirbench.features.framing import checked

TINY = 1e-20
"""Guards divisions; far below anything a signal of peak 1 gives."""


class Tracks(NamedTuple):
    """Descriptors of successive frames.

    Attributes
    ----------
    values : ndarray of shape (n_frames, d)
    energy : ndarray of shape (n_frames,)
        By which frames are weighted.
    rate : float
        Frames a second.
    """

    values: np.ndarray
    energy: np.ndarray
    rate: float


def normalised(signal: np.ndarray) -> np.ndarray:
    """The signal with its mean taken off and its peak at 1; silence stays zero.

    All floors of the descriptors are relative to this peak, hence none follows the gain. A signal
    whose peak is under 1e-20 is silence.

    Raises
    ------
    DataError
        If the signal is empty, not mono or not finite.
    """
    samples = checked(signal)
    samples = samples - np.mean(samples, dtype=np.float64).astype(np.float32)
    peak = np.abs(samples).max()
    return samples / peak if peak > TINY else np.zeros_like(samples)


def frames_of(signal: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Frames that start at 0, hop, 2 hop, ... and lie inside the signal: shape (n_frames, length).

    A view; a signal shorter than one frame is padded with zeros to one.
    """
    if len(signal) < length:
        signal = np.pad(signal, (0, length - len(signal)))
    return np.lib.stride_tricks.sliding_window_view(signal, length)[::hop]


@cache
def window_of(name: str, length: int) -> np.ndarray:
    """Periodic window, scaled to sum 2: a sine of amplitude a gives a peak of height a."""
    window = get_window(name, length)
    return (2 * window / window.sum()).astype(np.float32)


def magnitude_of(frames: np.ndarray, name: str) -> np.ndarray:
    """Magnitude spectra of windowed frames: float32, shape (n_frames, 1 + length // 2)."""
    return np.abs(fft.rfft(frames * window_of(name, frames.shape[1]), axis=1, workers=1))
