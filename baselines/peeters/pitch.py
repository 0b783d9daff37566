"""f0 of a note after SWIPE' (Camacho & Harris 2008), widened to the piano's range."""

from functools import cache

import numpy as np

from .frames import TINY, frames_of, magnitude_of

LOWEST, HIGHEST = 26.0, 4435.0
"""Candidates (Hz): A0 to C8 and a semitone more. The port of Peeters' code stops at 500 Hz."""

PER_OCTAVE = 48
STEP_ERB = 0.1
VOICED = 0.1
"""Least strength of a note with a pitch (our choice); a second of white noise stays under 0.05."""

NEUTRAL_F0 = 440.0
"""What silence gets (Hz)."""


def erbs(f: np.ndarray | float) -> np.ndarray:
    """Frequency (Hz) in ERBs, SWIPE's formula."""
    return 6.44 * (np.log2(229 + np.asarray(f)) - 7.84)


def primes_to(n: int) -> list[int]:
    """1 and the primes up to n: the harmonics that SWIPE' looks at."""
    return [1, *(k for k in range(2, n + 1) if all(k % d for d in range(2, int(k**0.5) + 1)))]


@cache
def candidates() -> np.ndarray:
    """Candidate pitches (Hz), 48 an octave."""
    count = int(PER_OCTAVE * np.log2(HIGHEST / LOWEST)) + 1
    return LOWEST * 2 ** (np.arange(count) / PER_OCTAVE)


@cache
def grid(sr: float) -> np.ndarray:
    """Frequencies (Hz), evenly spaced in ERBs, at which spectra are read."""
    steps = np.arange(float(erbs(LOWEST / 4)), float(erbs(0.49 * sr)), STEP_ERB)
    return 2 ** (steps / 6.44 + 7.84) - 229


@cache
def kernels(sr: float) -> np.ndarray:
    """SWIPE' kernel of each candidate, (n_candidates, n_grid): cosine lobes at 1 and the prime
    harmonics, half-height valleys between them, decaying as the square root of frequency."""
    f, pitches = grid(sr), candidates()[:, None]
    ratio = f / pitches
    kernel = np.zeros_like(ratio)
    limit = np.maximum(np.floor(f[-1] / pitches - 0.75), 1)
    for prime in primes_to(int(limit.max())):
        distance = np.where(prime <= limit, np.abs(ratio - prime), 1.0)
        lobe = np.cos(2 * np.pi * ratio)
        kernel = np.where(distance < 0.25, lobe, kernel)
        kernel += np.where((distance >= 0.25) & (distance < 0.75), lobe / 2, 0.0)
    kernel *= np.sqrt(1 / f)
    return kernel / np.linalg.norm(np.maximum(kernel, 0), axis=1, keepdims=True)


@cache
def sizes_and_weights(sr: float) -> tuple[tuple[int, ...], np.ndarray]:
    """Window lengths, and how much each counts for each candidate (n_candidates, n_sizes).

    A Hann window of eight periods fits a candidate best; the two nearest powers of two share it.
    """
    exponents = np.arange(np.ceil(np.log2(sr / 88)), np.ceil(np.log2(sr / 2.8)) + 1)[::-1]
    place = np.log2(8 * sr / candidates())[:, None]
    place = np.clip(place, exponents.min(), exponents.max())
    return tuple(int(2**e) for e in exponents), np.maximum(1 - np.abs(place - exponents), 0)


def mean_loudness(magnitude: np.ndarray, size: int, sr: float) -> np.ndarray:
    """Square root of the magnitude, averaged over frames and read on the grid, norm 1.

    Frames weigh as much as the root of their energy, so that what is left of a note that has died
    away doesn't count.
    """
    weights = np.sqrt(np.einsum("ij,ij->i", magnitude, magnitude))
    mean = weights @ np.sqrt(magnitude)
    values = np.interp(grid(sr), np.arange(len(mean)) * sr / size, mean)
    return values / max(float(np.linalg.norm(values)), TINY)


def strongest(magnitude: np.ndarray, size: int, sr: float) -> float:
    """Frequency (Hz) of the highest bin of the mean spectrum between ``LOWEST`` and ``HIGHEST``."""
    low, high = int(np.ceil(LOWEST * size / sr)), int(HIGHEST * size / sr)
    return (low + int(np.argmax(magnitude.mean(axis=0)[low : high + 1]))) * sr / size


def note_pitch(signal: np.ndarray, sr: float) -> tuple[float, float]:
    """Pitch of a note, and how strong it is.

    SWIPE' on the note's mean loudness spectra in place of single frames' (our choice: a note has
    one pitch, and averaging takes noise out). Parabolic interpolation between candidates. Where the
    strength is under ``VOICED`` f0 is that of the strongest partial (our choice): the highest keys of
    a piano are one partial beside a loud knock.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
    sr : float

    Returns
    -------
    f0 : float
        In Hz, about 26-4435; 440 for silence.
    strength : float
        Up to about 0.9 for harmonics whose amplitudes fall as 1 / h, 0 for noise.
    """
    if not signal.any():
        return NEUTRAL_F0, 0.0
    sizes, weights = sizes_and_weights(sr)
    spectra = [magnitude_of(frames_of(signal, size, size // 2), "hann") for size in sizes]
    loudness = np.stack(
        [mean_loudness(*pair, sr) for pair in zip(spectra, sizes, strict=True)], axis=1
    )
    strength = np.sum(kernels(sr) @ loudness * weights, axis=1)
    best = int(np.argmax(strength))
    if strength[best] < VOICED:
        return strongest(spectra[0], sizes[0], sr), float(strength[best])
    shift = 0.0
    if 0 < best < len(strength) - 1:
        left, middle, right = strength[best - 1 : best + 2]
        curve = left - 2 * middle + right
        shift = 0.5 * (left - right) / curve if curve < 0 else 0.0
    return float(candidates()[best]) * 2 ** (shift / PER_OCTAVE), float(strength[best])
