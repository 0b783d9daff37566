"""The 4-Hz modulation energy: speech brings about four syllables a second."""

from functools import cache

import numpy as np
from librosa.filters import mel
from scipy import signal as dsp

from .spectral import N_FFT
from .windows import FRAME_RATE, SECOND, trailing_sum

N_CHANNELS = 40
SILENCE = 1e-12
"""Energy of a channel over a window below which it counts as silent (full scale = 1)."""


@cache
def mel_channels(sr: float) -> np.ndarray:
    """Weights (257, 40) from power spectrum to the energies of 40 mel-like channels up to sr/2."""
    return np.ascontiguousarray(mel(sr=sr, n_fft=N_FFT, n_mels=N_CHANNELS, norm=None).T)


def band_pass(envelopes: np.ndarray) -> np.ndarray:
    """Second-order band-pass at 4 Hz along the last axis, at 50 frames a second.

    Quality factor 1 (our choice): -3 dB at about 2.5 and 6.5 Hz; it rings for half a second.
    """
    b, a = dsp.iirpeak(4.0, 1.0, fs=FRAME_RATE)
    return dsp.lfilter(b, a, envelopes, axis=-1)


def modulation_printed(energies: np.ndarray) -> np.ndarray:
    """4-Hz modulation energy to the letter (feature 1), without a bound.

    Each channel's energy is band-passed at 4 Hz, squared and summed over the last second, then
    divided by the channel's total energy over the same second; the channels are added (Scheirer &
    Slaney 1997, from memory). The band-pass rings into pauses, where little is left to divide by,
    so the value explodes there; it also follows the level. Only digital silence is mended, to keep
    it finite.

    Parameters
    ----------
    energies : ndarray of shape (n_frames, n_channels)

    Returns
    -------
    ndarray of float64, shape (n_frames,)
    """
    slow = band_pass(energies.T.astype(np.float64)).T
    power = trailing_sum(slow * slow, SECOND)
    return np.sum(power / np.maximum(trailing_sum(energies, SECOND), SILENCE), axis=1)


def modulation_robust(energies: np.ndarray) -> np.ndarray:
    """4-Hz modulation energy that can't explode (feature 1), 0 to 40.

    Our choices: amplitude envelopes instead of energies, so that the ratio has no unit and doesn't
    depend on gain; and each channel counts at most 1, however little a pause leaves to divide by.

    Parameters
    ----------
    energies : ndarray of shape (n_frames, n_channels)

    Returns
    -------
    ndarray of float64, shape (n_frames,)
    """
    slow = band_pass(np.sqrt(energies.T.astype(np.float64))).T
    power = trailing_sum(slow * slow, SECOND)
    total = np.maximum(trailing_sum(energies, SECOND), SILENCE)
    return np.minimum(power / total, 1.0).sum(axis=1)
