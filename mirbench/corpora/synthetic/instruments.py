"""Instruments: plucked strings, sustained tones and drums, each a function returning one note.

Synthesised, for a first run and tests: no substitute for recordings of instruments.
"""

from __future__ import annotations

import numpy as np

from mirbench.corpora.synthetic.signals import (
    band,
    decay,
    fades,
    highpass,
    lookup,
    lowpass,
    phase,
    sine,
    smooth,
    steady,
    wavetable,
    white,
)


def pluck(
    hz: float, length_s: float, sr: int, rng: np.random.RandomState, brightness: float
) -> np.ndarray:
    """Plucked string (Karplus & Strong 1983), ``brightness`` in (0, 1]."""
    n, period = int(length_s * sr), max(4, int(sr / hz - 0.5))
    excitation = white(rng, period)
    width = 1 + 2 * int((1 - brightness) * period / 8)
    excitation = smooth(excitation, width) * width**0.5
    size = n + 3 * period
    string = np.zeros(size)
    string[1 : 1 + period] = excitation - float(steady(excitation.mean()))
    for at in range(1 + period, size - period, period):  # y[n] = (y[n - p] + y[n - p - 1]) / 2
        here = string[at - period - 1 : at]
        string[at : at + period] = 0.4985 * (here[1:] + here[:-1])
    # the loop holds period + 0.5 samples (the mean delays by half a one): read it in tune
    reading = 1 + np.arange(n) * ((period + 0.5) * hz / sr)
    left = np.minimum(reading.astype(np.int64), size - 2)
    tuned = string[left] + (reading - left) * (string[left + 1] - string[left])
    return tuned * fades(n, 1, sr // 50)


def tone(
    hz: float,
    length_s: float,
    sr: int,
    partials: np.ndarray,
    attack_s: float,
    release_s: float,
    vibrato: float = 0.0,
) -> np.ndarray:
    """Sustained tone with harmonic amplitudes ``partials``; those above 0.45 sr are left out."""
    n = int(length_s * sr)
    table = wavetable(partials[: max(1, int(0.45 * sr / hz))])
    track = np.full(n, hz)
    if vibrato:
        track = hz * (1 + vibrato * sine(phase(np.full(n, 5.2), sr)))
    envelope = fades(n, int(min(attack_s, 0.5 * length_s) * sr), int(release_s * sr))
    return lookup(table, phase(track, sr)) * envelope


def kick(sr: int, hz: float) -> np.ndarray:
    """Bass drum: a sine that falls from about 4 to 1 times ``hz``."""
    n = int(0.3 * sr)
    return sine(phase(hz * (1 + 3 * decay(n, sr, 0.12)), sr)) * decay(n, sr, 0.35)


def snare(sr: int, rng: np.random.RandomState, hz: float) -> np.ndarray:
    """Snare drum: band noise and a short tone."""
    n = int(0.22 * sr)
    rattle = band(white(rng, n), 2200.0, 3000.0, sr) * decay(n, sr, 0.25)
    return 0.9 * rattle + 0.5 * sine(phase(np.full(n, hz), sr)) * decay(n, sr, 0.15)


def hat(sr: int, rng: np.random.RandomState, open_s: float) -> np.ndarray:
    """Hi-hat: high-passed noise."""
    n = int(0.25 * sr)
    return 0.5 * highpass(highpass(white(rng, n), 5000.0, sr), 5000.0, sr) * decay(n, sr, open_s)


def hand_drum(sr: int, rng: np.random.RandomState, hz: float) -> np.ndarray:
    """Hand drum: three inharmonic membrane modes and a slap."""
    n = int(0.5 * sr)
    out = 0.3 * lowpass(white(rng, n), 3000.0, sr) * decay(n, sr, 0.06)
    for ratio, level, t60_s in ((1.0, 1.0, 0.6), (1.59, 0.5, 0.35), (2.14, 0.35, 0.25)):
        out += level * sine(phase(np.full(n, hz * ratio), sr)) * decay(n, sr, t60_s)
    return out
