"""Onset strength: by how much the bands of a track grow from one 10-ms frame to the next."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

from mirbench.features.spectral import mel_power

RATE = 100.0
"""Frames a second, but for the rounding of the hop to samples (our choice)."""
WINDOW_S = 0.046
N_MELS = 40
FLOOR = 1e-6
"""Floor of a mel band's power: some 50 dB under white noise at -20 dB re full scale."""
LOCAL_S = 1.0
"""Length (s) of the moving mean that is taken off (our choice)."""


def onset_strength(signal: np.ndarray, sr: float, n_bands: int = 1) -> tuple[np.ndarray, float]:
    """Onset strength of a track, or of each of its bands.

    The positive differences of 40 mel bands in dB, averaged within ``n_bands`` groups of
    neighbouring bands; what exceeds the mean of a second around it. The level is taken out first.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Sampling rate (Hz).
    n_bands : int
        Groups; 40 is a multiple of it.

    Returns
    -------
    strength : ndarray of float64, shape (n_frames, n_bands)
        At least one frame; zeros for silence.
    rate : float
        Frames a second.
    """
    level = np.sqrt(np.mean(np.square(signal, dtype=np.float64)))
    levelled = (signal * (0.1 / max(level, 1e-6))).astype(np.float32)
    hop = max(1, round(sr / RATE))
    n_fft = 2 * round(WINDOW_S * sr / 2)
    power = mel_power(
        levelled, sr, n_fft=n_fft, n_mels=N_MELS, hop_length=hop, framing="center", pad_mode="edge"
    )
    decibels = 10 * np.log10(np.maximum(power, FLOOR))
    growth = np.maximum(np.diff(decibels, axis=0, prepend=decibels[:1]), 0)
    bands = growth.reshape(len(growth), n_bands, -1).mean(axis=2, dtype=np.float64)
    rate = sr / hop
    around = uniform_filter1d(bands, round(LOCAL_S * rate), axis=0, mode="nearest")
    return np.maximum(bands - around, 0), rate
