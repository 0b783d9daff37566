"""Fluctuation patterns: how strongly loudness fluctuates, by band and rate (Pampalk 2006).

From memory, at 22,050 Hz: frames of 512, hop 256, 36 mel bands in dB, gathered into 12; segments of
256 frames (3 s) half overlapping; the spectrum of each band's loudness over a segment, up to 10 Hz,
weighted by the ear's fluctuation strength, greatest at 4 Hz; smoothed in both directions; median
over segments.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import correlate1d

from mirbench.features.spectral import mel_power, mfcc

from . import fitting
from .gaussian import flat
from .mfcc import FLOOR, central

N_FFT, HOP = 512, 256
BANDS = np.repeat(np.arange(12), [1, 1, 2, 2, 2, 2, 2, 2, 4, 5, 6, 7])
"""Which of the 12 bands each of 36 mel bands goes to."""
SEGMENT = 256
RATES = 30
"""Modulation bins kept: up to 10 Hz."""
_BLUR = np.array([0.05, 0.1, 0.25, 0.5, 1.0, 0.5, 0.25, 0.1, 0.05])


_FRONT_END: dict[str, Any] = {
    "n_fft": N_FFT,
    "hop_length": HOP,
    "window": "hann",
    "framing": "valid",
    "pad_mode": "constant",
    "n_mels": len(BANDS),
    "fmin": 0.0,
    "fmax": None,
    "htk": False,
    "norm": "slaney",
    "power": 2.0,
}


def g1c_features(
    signal: np.ndarray,
    sr: float,
    *,
    n_mfcc: int = 20,
    longest_s: float = 120.0,
    reg_covar: float = 1e-4,
) -> np.ndarray:
    """A Gaussian of MFCC, the fluctuation pattern, its bass and its gravity, one after the other.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Sampling rate (Hz); 22,050 for the figures above.
    n_mfcc : int
        Coefficients, c0 included.
    longest_s : float
        Length (s) of the part used, in the middle.
    reg_covar : float
        Added to the diagonal of the covariance.

    Returns
    -------
    ndarray of float64, shape (d + d (d + 1) / 2 + 12 * 30 + 2,)
        Where d is ``n_mfcc``: mean, upper triangle of the covariance, pattern, bass, gravity.
    """
    part = central(signal, sr, longest_s)
    mean, covariance = fitting.gaussian(
        mfcc(part, sr, n_mfcc=n_mfcc, amin=FLOOR, **_FRONT_END), reg_covar
    )
    decibels = 10 * np.log10(np.maximum(mel_power(part, sr, **_FRONT_END), FLOOR) / FLOOR)
    pattern = fluctuation_pattern(decibels, sr / HOP)
    parts = [flat([mean], [covariance])[0], pattern.ravel(), [bass(pattern), gravity(pattern)]]
    return np.concatenate(parts)


def fluctuation_pattern(decibels: np.ndarray, frame_rate: float) -> np.ndarray:
    """Median fluctuation pattern of a spectrogram.

    Parameters
    ----------
    decibels : ndarray, shape (n_frames, 36)
        Mel spectrogram, at least 0 dB; filled up with zeros to one segment.
    frame_rate : float
        Frames a second.

    Returns
    -------
    ndarray of float64, shape (12, 30)
    """
    gathered = np.stack([decibels[:, band == BANDS].mean(axis=1) for band in range(12)])
    missing = max(0, SEGMENT - gathered.shape[1])
    gathered = np.pad(gathered.astype(np.float64), ((0, 0), (0, missing)))
    segments = np.lib.stride_tricks.sliding_window_view(gathered, SEGMENT, axis=1)
    segments = segments[:, :: SEGMENT // 2]
    depth = np.abs(np.fft.rfft(segments, axis=-1))[..., 1 : RATES + 1]
    rate = np.arange(1, RATES + 1) * frame_rate / SEGMENT
    weighted = depth / (rate / 4 + 4 / rate)
    sharp = np.abs(np.diff(weighted, axis=-1, append=weighted[..., -1:]))
    blur = _BLUR / _BLUR.sum()
    smooth = correlate1d(correlate1d(sharp, blur, axis=0, mode="nearest"), blur, mode="nearest")
    return np.median(smooth, axis=1)


def bass(pattern: np.ndarray) -> float:
    """Sum of the two lowest bands from the third rate (1 Hz) up."""
    return float(pattern[:2, 2:].sum())


def gravity(pattern: np.ndarray) -> float:
    """Centre of gravity over rates, in bins from 1; the middle one of an empty pattern."""
    by_rate = pattern.sum(axis=0)
    rates = np.arange(1, len(by_rate) + 1)
    total = by_rate.sum()
    return float(by_rate @ rates / total) if total > 0 else float(rates.mean())
