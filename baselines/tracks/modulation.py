"""Modulation spectra of a track: the fluctuation patterns of the similarity baselines."""

from __future__ import annotations

from typing import Any

import numpy as np

from baselines.similarity.mfcc import FLOOR
from baselines.similarity.patterns import BANDS, HOP, N_FFT, bass, fluctuation_pattern, gravity
from mirbench.features.spectral import mel_power

FRONT_END: dict[str, Any] = {"n_fft": N_FFT, "hop_length": HOP, "framing": "valid"}
"""Meant for 22,050 Hz (`baselines.similarity.patterns`)."""


def modulation_pattern(signal: np.ndarray, sr: float) -> np.ndarray:
    """How strongly 12 bands fluctuate at 30 rates up to 10 Hz (Pampalk 2006, from memory).

    The level is taken out first. Bass and centre of gravity of the pattern come last.

    Returns
    -------
    ndarray of float32, shape (362,)
    """
    level = np.sqrt(np.mean(np.square(signal, dtype=np.float64)))
    levelled = (signal * (0.1 / max(level, 1e-6))).astype(np.float32)
    power = mel_power(levelled, sr, n_mels=len(BANDS), **FRONT_END)
    decibels = 10 * np.log10(np.maximum(power, FLOOR) / FLOOR)
    pattern = fluctuation_pattern(decibels, sr / HOP)
    return np.append(pattern.ravel(), [bass(pattern), gravity(pattern)]).astype(np.float32)
