"""Notes that Peeters' descriptors are tested on."""

from __future__ import annotations

import numpy as np

from baselines.peeters.descriptors import descriptor_names
from baselines.peeters.frames import normalised
from baselines.peeters.partials import Partials, find_partials
from baselines.peeters.pitch import note_pitch

SR = 44_100
NAMES = descriptor_names()


def hertz(midi: float) -> float:
    return float(440 * 2 ** ((midi - 69) / 12))


def tone(
    f0: float,
    amplitudes: np.ndarray | None = None,
    stretch: float = 0.0,
    seconds: float = 1.2,
    sr: float = SR,
) -> np.ndarray:
    """Partials h f0 sqrt(1 + B h^2) under 0.45 of the rate, of amplitude 1 / h if not given."""
    t = np.arange(int(seconds * sr)) / sr
    amplitudes = 1 / np.arange(1, 31) if amplitudes is None else amplitudes
    rng = np.random.default_rng(1)
    total = np.zeros_like(t)
    for h, amplitude in enumerate(amplitudes, start=1):
        f = h * f0 * np.sqrt(1 + stretch * h**2)
        if f < 0.45 * sr:
            total += amplitude * np.sin(2 * np.pi * f * t + rng.uniform(0, 2 * np.pi))
    return total.astype(np.float32)


def noise(seconds: float = 1.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(int(seconds * SR)).astype(np.float32)


def note(f0: float = 330.0, seconds: float = 1.5, seed: int = 0) -> np.ndarray:
    """A decaying note with a soft attack and some noise."""
    t = np.arange(int(seconds * SR)) / SR
    shape = np.minimum(t / 0.05, 1) * np.exp(-1.5 * t)
    samples = (tone(f0, seconds=seconds) + 0.01 * noise(seconds, seed)) * shape
    return samples.astype(np.float32)


def partials_of(samples: np.ndarray) -> Partials:
    samples = normalised(samples)
    return find_partials(samples, SR, note_pitch(samples, SR)[0])


def value(values: np.ndarray, name: str) -> float:
    return float(values[NAMES.index(name)])


def cents(f: float, true: float) -> float:
    return 1200 * abs(np.log2(f / true))
