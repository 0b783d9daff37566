"""What all methods of note lines hear: chroma, level and its rise, each 32 ms."""

from __future__ import annotations

import numpy as np

from mirbench.features.spectral import chroma, stft_magnitude

SR = 16_000
N_CHROMA = 12
HOP = 512
N_FFT, N_FFT_LEVEL = 4096, 1024
"""Windows (samples) of the chroma, which tells notes apart, and of the level, which tells them from
silence and from the same note again: 256 and 64 ms (our choice)."""
FLOOR_DB = -60.0
RISE_FRAMES = 2


def note_frames(signal: np.ndarray, sr: float) -> np.ndarray:
    """Square roots of 12 chroma, level and rise of the level, a row each 32 ms.

    The level is in tens of dB under the loudest frame of the line, -6 at the least; the rise is what it
    gained in two frames. A gain of the whole line changes nothing.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Sampling rate (Hz), meant to be 16,000.

    Returns
    -------
    ndarray of float32, shape (1 + n // 512, 14)
        The first twelve of silence are 0.
    """
    rows = chroma(signal, sr, n_fft=N_FFT, hop_length=HOP, framing="center")
    power = stft_magnitude(signal, sr, n_fft=N_FFT_LEVEL, hop_length=HOP, framing="center") ** 2
    total = power.sum(axis=1, dtype=np.float64)
    floor = 10 ** (FLOOR_DB / 10)
    level = np.log10(total / max(float(total.max()), 1e-20) + floor)
    before = np.concatenate([np.full(RISE_FRAMES, level[0]), level])[: len(level)]
    return np.column_stack([np.sqrt(rows), level, level - before]).astype(np.float32)
