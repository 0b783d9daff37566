"""Timbre and harmony of a track as statistics of MFCC and chroma.

MFCC are those of `baselines.mfcc_svm.mfcc_statistics`, so that `mfcc-svm` shares their cache.
"""

from __future__ import annotations

import numpy as np

from mirbench.features.spectral import chroma, delta

N_FFT = 4096
"""Window (samples) of the chroma: 186 ms at 22,050 Hz, semitones apart from 90 Hz up (our choice)."""
HOP_S = 0.1


def chroma_statistics(signal: np.ndarray, sr: float) -> np.ndarray:
    """Mean and deviation of 12 chroma, deviation of their slopes, turned to a common key.

    All are rotated such that the strongest class of the track comes first: a crude form of the key
    normalisation of Ellis (2007), who matches templates (from memory). Frames every 0.1 s.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Sampling rate (Hz).

    Returns
    -------
    ndarray of float32, shape (36,)
        Zeros for silence.
    """
    hop = round(HOP_S * sr)
    rows = chroma(signal, sr, n_fft=N_FFT, hop_length=hop, framing="center")
    parts = [rows.mean(axis=0), rows.std(axis=0), delta(rows, width=5).std(axis=0)]
    strongest = int(np.argmax(parts[0]))
    return np.concatenate([np.roll(part, -strongest) for part in parts]).astype(np.float32)
