"""SWIPE': the sawtooth whose spectrum is most like the window's (Camacho and Harris 2008)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from baselines.pitch.tracker import FMAX_HZ, FMIN_HZ, Tracker, count, frames, parabola, tracker

PERIODS = 8
"""Periods of a pitch in the window that suits it best: 4 k with k = 2, a Hann window (section II.E)."""
STEPS = 48
"""Candidates an octave."""
ERBS = 0.1
"""Step of the frequency scale, in ERBs."""


def swipe(threshold: float = 0.3) -> Tracker:
    """SWIPE', after Camacho and Harris 2008.

    Square roots of magnitudes on an ERB scale, correlated with kernels of cosine lobes at the first and
    the prime harmonics, decaying as the root of 1 / f; windows of powers of two, the two nearest to eight
    periods weighted (all from memory of the paper and its published code). 48 candidates an octave from
    50 Hz to 2 kHz, the best interpolated by a parabola.

    Parameters
    ----------
    threshold : float
        Pitch strength from which a frame is voiced: our choice, fixed before any run.
    """
    return tracker(track, threshold=threshold)


swipe.family = "hand-crafted"  # type: ignore[attr-defined]
swipe.cite = "camacho2008swipe"  # type: ignore[attr-defined]


def track(signal: np.ndarray, sr: float, threshold: float = 0.3) -> np.ndarray:
    """f0 (Hz) and voicing of each 10 ms, (n, 2)."""
    pitches, strength = strengths(signal, sr)
    best = strength[:, 1:-1].argmax(axis=1) + 1
    rows = np.arange(len(strength))
    place, height = parabola(*(strength[rows, best + i] for i in (-1, 0, 1)))
    f0_hz = pitches[best] * 2.0 ** (place / STEPS)
    return np.stack([f0_hz, np.clip(height / (2 * threshold), 0, 1)], axis=1)


def strengths(signal: np.ndarray, sr: float) -> tuple[np.ndarray, np.ndarray]:
    """Candidates (Hz), shape (k,), and the strength of each at each 10 ms, shape (n, k)."""
    pitches = FMIN_HZ * 2.0 ** (np.arange(-1, STEPS * np.log2(FMAX_HZ / FMIN_HZ) + 2) / STEPS)
    ideal = np.log2(PERIODS * sr / pitches)  # exponent of the best window of each candidate
    n = count(signal)
    total = np.zeros((n, len(pitches)))
    for power in range(int(np.floor(ideal.min())), int(np.ceil(ideal.max())) + 1):
        weight = np.maximum(1 - np.abs(ideal - power), 0)
        used = weight > 0
        if not used.any():
            continue
        scale, kernel = _kernels(tuple(pitches[used]), sr)
        loud = _loudness(signal, 1 << power, sr, scale, n)
        total[:, used] += weight[used] * (loud @ kernel)
    return pitches, total


def _loudness(signal: np.ndarray, size: int, sr: float, scale: np.ndarray, n: int) -> np.ndarray:
    """Square roots of magnitudes at the frequencies ``scale``, of unit norm, (n, n_scale)."""
    at = scale * size / sr
    left = np.minimum(at.astype(int), size // 2 - 1)
    part = at - left
    windows, window = frames(signal, size, n), np.hanning(size + 1)[:-1]
    rows = []
    for i in range(0, n, 200):
        spectrum = np.abs(np.fft.rfft(windows[i : i + 200] * window, axis=1))
        rows.append(np.sqrt((1 - part) * spectrum[:, left] + part * spectrum[:, left + 1]))
    loud = np.concatenate(rows) if rows else np.zeros((0, len(scale)))
    norm = np.linalg.norm(loud, axis=1, keepdims=True)
    return loud / np.where(norm > 1e-6, norm, np.inf)


@lru_cache(maxsize=16)
def _kernels(pitches: tuple[float, ...], sr: float) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies (Hz), from a quarter of the lowest pitch on, and a kernel a column."""
    ends = _erbs(np.array([pitches[0] / 4, sr / 2]))
    scale = _hz(np.arange(ends[0], ends[1], ERBS))
    return scale, np.stack([kernel(scale, pitch) for pitch in pitches], axis=1)


def kernel(scale: np.ndarray, pitch: float) -> np.ndarray:
    """The kernel of a pitch (Hz) at frequencies (Hz): its positive part has unit norm."""
    q = scale / pitch
    found = np.zeros(len(scale))
    most = int(np.floor(scale[-1] / pitch - 0.75))
    for harmonic in [1, *_primes(most)]:
        off = np.abs(q - harmonic)
        found = np.where(off < 0.25, np.cos(2 * np.pi * q), found)
        found += np.where((off > 0.25) & (off < 0.75), np.cos(2 * np.pi * q) / 2, 0.0)
    found *= np.sqrt(1 / scale)
    return found / np.linalg.norm(found[found > 0])


def _primes(most: int) -> list[int]:
    return [n for n in range(2, most + 1) if all(n % d for d in range(2, int(n**0.5) + 1))]


def _erbs(hz: np.ndarray) -> np.ndarray:
    return 21.4 * np.log10(1 + hz / 229)


def _hz(erbs: np.ndarray) -> np.ndarray:
    return (10 ** (erbs / 21.4) - 1) * 229
