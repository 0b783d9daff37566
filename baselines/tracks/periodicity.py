"""Autocorrelation of onset strength, tempogram and tempo."""

from __future__ import annotations

import numpy as np
from scipy import fft

from .onsets import onset_strength

WINDOW_S, HOP_S = 8.0, 0.5
"""Length and hop (s) of the windows (Holzapfel & Stylianou 2011, from memory)."""
LONGEST_S = 4.0
"""Longest lag (s) of the autocorrelation as a feature (our choice): two bars at 120 BPM."""
N_LAGS = 160
TEMPI = 30.0 * 2.0 ** (np.arange(49) / 12)
"""Tempi (BPM) of the tempogram: 12 an octave, 30 to 480 (our choice)."""
SLOWEST, FASTEST = 40.0, 240.0
PREFERRED, OCTAVES = 120.0, 1.0
"""Tempo (BPM) that listeners prefer and the deviation of their preference, in octaves (Ellis 2007,
from memory; his are 120 and 0.9 to 1.4)."""


def windows_of(strength: np.ndarray, rate: float) -> np.ndarray:
    """Windows of 8 s every 0.5 s, filled up with zeros to one: shape (n_windows, n, n_bands)."""
    n, hop = round(WINDOW_S * rate), max(1, round(HOP_S * rate))
    missing = max(0, n - len(strength))
    filled = np.pad(strength, ((0, missing), (0, 0)))
    return np.lib.stride_tricks.sliding_window_view(filled, n, axis=0)[::hop].transpose(0, 2, 1)


def autocorrelations(strength: np.ndarray, rate: float) -> np.ndarray:
    """Autocorrelation of each window, 1 at lag 0; zeros for silence.

    Not divided by the number of terms: it falls to 0 at the window's end.

    Parameters
    ----------
    strength : ndarray of shape (n_frames, n_bands)
    rate : float
        Frames a second.

    Returns
    -------
    ndarray of float64, shape (n_windows, n_lags, n_bands)
        Lags of 0 to 8 s, one a frame.
    """
    windows = windows_of(strength, rate)
    n = windows.shape[1]
    spectrum = fft.rfft(windows, fft.next_fast_len(2 * n, real=True), axis=1, workers=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    values = fft.irfft(power, fft.next_fast_len(2 * n, real=True), axis=1, workers=1)[:, :n]
    peak = values[:, :1]
    return values / np.where(peak > 1e-12, peak, np.inf)


def at_lags(values: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """Linear interpolation along axis 1 of ``autocorrelations`` at fractional lags (frames)."""
    below = np.floor(lags).astype(int)
    above = np.minimum(below + 1, values.shape[1] - 1)
    part = (lags - below)[:, None]
    return (1 - part) * values[:, below] + part * values[:, above]


def onset_autocorrelation(signal: np.ndarray, sr: float) -> np.ndarray:
    """Autocorrelation of onset strength, mean over windows: lags of 25 ms to 4 s.

    Returns
    -------
    ndarray of float32, shape (160,)
        One value every 25 ms.
    """
    strength, rate = onset_strength(signal, sr)
    lags = np.arange(1, N_LAGS + 1) * LONGEST_S / N_LAGS * rate
    return at_lags(autocorrelations(strength, rate), lags).mean(axis=(0, 2)).astype(np.float32)


def tempogram(signal: np.ndarray, sr: float) -> np.ndarray:
    """Autocorrelation tempogram (Grosche et al. 2010): shape (n_windows, 49), tempi ``TEMPI``."""
    strength, rate = onset_strength(signal, sr)
    return at_lags(autocorrelations(strength, rate), 60 * rate / TEMPI)[:, :, 0]


def tempogram_statistics(signal: np.ndarray, sr: float) -> np.ndarray:
    """Mean and deviation over windows of each tempo's strength: float32, shape (98,)."""
    rows = tempogram(signal, sr)
    return np.concatenate([rows.mean(axis=0), rows.std(axis=0)]).astype(np.float32)


def tempo(signal: np.ndarray, sr: float) -> float:
    """Tempo (BPM) between 40 and 240: the lag whose mean autocorrelation, weighed, is greatest.

    Weights are Gaussian in the logarithm of tempo (Ellis 2007, from memory). The peak is refined by
    a parabola. A track without periodicity has 120 BPM. Octaves are often mistaken.
    """
    strength, rate = onset_strength(signal, sr)
    values = autocorrelations(strength, rate).mean(axis=0)[:, 0]
    lags = np.arange(int(np.ceil(60 * rate / FASTEST)), int(60 * rate / SLOWEST) + 1)
    weight = np.exp(-0.5 * (np.log2(60 * rate / lags / PREFERRED) / OCTAVES) ** 2)
    weighed = values[lags] * weight
    if weighed.max() <= 0:
        return PREFERRED
    best = int(lags[np.argmax(weighed)])
    before, peak, after = values[best - 1 : best + 2]
    bend = before - 2 * peak + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(60 * rate / (best + np.clip(shift, -0.5, 0.5)))


def log_tempo(signal: np.ndarray, sr: float) -> np.ndarray:
    """Tempo as the only feature, in octaves above 1 BPM: float32, shape (1,)."""
    return np.array([np.log2(tempo(signal, sr))], dtype=np.float32)
