"""pYIN: YIN under many thresholds, smoothed by a hidden Markov model (Mauch and Dixon 2014)."""

from __future__ import annotations

import librosa
import numpy as np

from baselines.pitch.tracker import FMAX_HZ, FMIN_HZ, HOP_LENGTH, Tracker, count, tracker

FRAME = 1024
"""Samples of a frame: 64 ms at 16 kHz, two periods of the lowest pitch and more."""


def pyin() -> Tracker:
    """pYIN, after Mauch and Dixon 2014, as librosa has it.

    librosa's own settings (beta prior (2, 18), a tenth of a semitone, 35.92 octaves a second), 50 Hz to 2
    kHz, frames of 64 ms. Where its states are unvoiced the frequency is that of the likeliest state.
    """
    return tracker(track)


pyin.family = "hand-crafted"  # type: ignore[attr-defined]
pyin.cite = "mauch2014pyin"  # type: ignore[attr-defined]


def track(signal: np.ndarray, sr: float) -> np.ndarray:
    """f0 (Hz) and voicing of each 10 ms, (n, 2)."""
    f0_hz, voiced, chance = librosa.pyin(
        np.asarray(signal, dtype=np.float32),
        fmin=FMIN_HZ,
        fmax=FMAX_HZ,
        sr=sr,
        frame_length=FRAME,
        hop_length=HOP_LENGTH,
        fill_na=None,
    )
    sure = np.clip(np.nan_to_num(chance), 0, 1) / 2
    voicing = np.where(voiced, 0.5 + sure, np.minimum(sure, 0.49))
    return np.stack([np.nan_to_num(f0_hz), voicing], axis=1)[: count(signal)]
