"""Constant-Q spectra in which a change of pitch is a shift, and tones of known pitch to calibrate on."""

from __future__ import annotations

from collections.abc import Iterator

import librosa
import numpy as np

from mirbench.pitch import HOP_S

SR = 16_000
HOP_LENGTH = int(SR * HOP_S)
PER_OCTAVE = 24
SLICE, SHIFTS = 128, 8
"""Bins of a slice, and the largest shift."""
BINS = SLICE + SHIFTS
LOWEST_HZ = 50.0
"""The slices cover 50 Hz to 2.5 kHz: our choice; the paper's begin at 32.7 Hz."""
SHARPNESS = 0.5
"""Length of the filters relative to a quality of 34: short ones follow vibrato, our choice."""
FLOOR_DB, RANGE_DB = -80.0, 40.0
"""What is kept of a frame below its maximum, and what a slice shows below its own: our choice."""
KNOTS = 6
"""Points of a random equaliser, an octave apart."""


def cqt(signal: np.ndarray, sr: float) -> np.ndarray:
    """Magnitudes of each 10 ms in dB below the frame's maximum, (n, 136) of float32, -80 or more."""
    n = len(signal) // HOP_LENGTH
    short = max(0, sr - len(signal))
    found = np.abs(
        librosa.cqt(
            np.pad(np.asarray(signal, dtype=np.float32), (0, int(short))),
            sr=sr,
            hop_length=HOP_LENGTH,
            fmin=LOWEST_HZ,
            n_bins=BINS,
            bins_per_octave=PER_OCTAVE,
            filter_scale=SHARPNESS,
        )
    ).T[:n]
    peak = np.maximum(found.max(axis=1, keepdims=True), 1e-6)
    level = 20 * np.log10(np.maximum(found / peak, 1e-6))
    return np.maximum(level, FLOOR_DB).astype(np.float32)


def slices(rows: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """128 bins of each frame (n, 136) from its shift on, (n, 128): 1 at their maximum, 0 from 40 dB below."""
    cut = np.take_along_axis(rows, shifts[:, None] + np.arange(SLICE), axis=1)
    return np.clip(1 + (cut - cut.max(axis=1, keepdims=True)) / RANGE_DB, 0, 1)


def equalised(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Frames (n, 136) in dB heard through a random equaliser each: a tilt and a bend.

    Up to 12 dB an octave either way and, an octave apart, points 4 dB high or low (standard deviation).
    """
    octaves = np.arange(BINS) / PER_OCTAVE
    tilt = rng.uniform(-12, 12, (len(rows), 1)) * (octaves - octaves.mean())
    points = rng.normal(0, 4, (len(rows), KNOTS + 1))
    left = np.minimum(octaves.astype(int), KNOTS - 1)
    part = octaves - left
    bend = (1 - part) * points[:, left] + part * points[:, left + 1]
    return (rows + tilt + bend).astype(np.float32)


def tones(
    n: int, random_state: np.random.RandomState, low_hz: float = 60.0, high_hz: float = 1500.0
) -> Iterator[tuple[float, np.ndarray]]:
    """Steady tones: frequency (Hz) and half a second of sound at 16 kHz.

    Harmonics at random phases whose levels fall by 3 to 12 dB an octave, give or take 6 dB each, with a
    little noise.
    """
    t = np.arange(SR // 2) / SR
    for place in (np.arange(n) + 0.5) / n:
        hz = low_hz * (high_hz / low_hz) ** place
        k = np.arange(1, int(0.45 * SR / hz) + 1)
        slope = random_state.uniform(3, 12)
        level = -slope * np.log2(k) + random_state.uniform(-6, 6, len(k))
        phases = random_state.uniform(0, 1, len(k))
        waves = np.sin(2 * np.pi * (np.outer(t, k * hz) + phases))
        sound = waves @ (10 ** (level / 20))
        yield float(hz), sound / np.abs(sound).max() + 1e-3 * random_state.standard_normal(len(t))
