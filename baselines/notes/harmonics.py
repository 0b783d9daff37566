"""Partials of a note as a description: envelope, dynamics, vibrato, and the noise between them."""

from itertools import pairwise

import numpy as np
from scipy import fft

from baselines.peeters.frames import TINY, frames_of, magnitude_of
from baselines.peeters.partials import N_PARTIALS, Partials, find_partials
from baselines.peeters.pitch import erbs, note_pitch

from .bands import HIGHEST, decibels, slopes

ORDERS = np.arange(1, N_PARTIALS + 1)
FLOOR_DB = -75.0
GRID_HZ = np.interp(
    np.linspace(erbs(150.0), erbs(9000.0), 20), erbs(np.arange(20_000.0)), np.arange(20_000.0)
)
"""Where the envelope is read: evenly spaced in ERBs."""

CLASSES = ((1, 1), (2, 2), (3, 5), (6, 10), (11, 20))
"""Partials, first to last, that are followed in time together."""

NOISE_HZ = (40, 250, 700, 1500, 3000, 6000, 10_000)
VIBRATO_HZ = (3.5, 8.5)

NAMES = (
    "f0 (log2 Hz)",
    "f0 strength",
    "log stretch",
    "stretch",
    "log f0 deviation",
    "vibrato share",
    "log vibrato energy",
    "f0 at the onset",
    *(f"partial {h}" for h in ORDERS),
    "partials under 10 kHz",
    "tristimulus 1",
    "tristimulus 2",
    "tristimulus 3",
    "odd to even, of six",
    "odd to even, of all",
    "roughness of the envelope",
    "centroid of partials",
    "spread of partials",
    "amplitude centroid of partials",
    "amplitude centroid of partials (log2 Hz)",
    "slope of partials",
    *(f"envelope at {f:.0f} Hz" for f in GRID_HZ),
    *(f"envelope cepstrum {i}" for i in range(13)),
    *(
        f"partials {low}-{high}, {what}"
        for low, high in CLASSES
        for what in ("slope", "log sd", "log peak time")
    ),
    *(f"noise {low}-{high} Hz" for low, high in pairwise(NOISE_HZ)),
    "level under f0",
    "level of partials",
)


def pitch(found: Partials, strength: float, sounding: np.ndarray) -> np.ndarray:
    """f0, inharmonicity and how f0 moves: 8 values."""
    cents = np.clip(1200 * np.log2(found.f0[sounding] / found.note_f0), -100, 100)
    later = cents[len(cents) // 7 :]
    deviation, share, energy = 0.0, 0.0, 0.0
    if len(later) > 8:
        t = np.arange(len(later))
        rest = later - np.polynomial.Polynomial.fit(t, later, 1)(t)
        power = np.square(np.abs(fft.rfft(rest * np.hanning(len(rest)), 512)))
        f = np.fft.rfftfreq(512, 1 / found.rate)
        vibrato = power[(f >= VIBRATO_HZ[0]) & (f < VIBRATO_HZ[1])].sum()
        deviation = np.log(np.percentile(np.abs(rest), 68) + 0.5)
        share = np.log((vibrato + 1) / (power[f >= 1].sum() + 10))
        energy = np.log1p(vibrato / len(rest))
    onset = np.clip(cents[:3].mean() - np.median(cents), -60, 60) if len(cents) else 0.0
    return np.array(
        [
            np.log2(found.note_f0),
            strength,
            np.log10(max(found.stretch, 1e-6)),
            1e3 * min(found.stretch, 1e-3),
            deviation,
            share,
            energy,
            onset,
        ]
    )


def envelope(levels: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """What the levels (dB) of the partials say, relative to their sum: 65 values.

    Parameters
    ----------
    levels, frequency : ndarray of shape (n,)
        Partials 1 to n, those under 10 kHz; Hz.
    """
    n = len(levels)
    all_levels = np.full(N_PARTIALS, FLOOR_DB)
    all_levels[:n] = levels
    power = 10 ** (all_levels / 10)
    share, loudness = power / power.sum(), np.sqrt(power) / np.sqrt(power).sum()
    centroid = share @ ORDERS
    six = all_levels[:6] if n >= 6 else all_levels[:2]
    middle = (levels[:-2] + levels[1:-1] + levels[2:]) / 3
    f0 = frequency[0]
    read = np.interp(np.log(GRID_HZ), np.log(frequency), levels)
    read = np.where(1.1 * frequency[-1] < GRID_HZ, np.minimum(read, -45), read)
    return np.concatenate(
        [
            all_levels,
            [n, power[0], power[1:4].sum(), power[4:].sum()],
            [
                six[::2].mean() - six[1::2].mean(),
                float(decibels(power[2::2].sum()) - decibels(power[1::2].sum())),
                np.abs(levels[1:-1] - middle).mean() if n > 2 else 0.0,
                np.log2(centroid),
                np.log2(np.sqrt(share @ np.square(ORDERS - centroid)) + 0.1),
                np.log2(loudness @ ORDERS),
                np.log2(loudness @ ORDERS * f0),
                float(slopes(levels, np.log2(ORDERS[:n]))) if n > 3 else -12.0,
            ],
            read,
            fft.dct(read, norm="ortho")[:13],
        ]
    )


def dynamics(levels: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Slope (dB/s), wavering and peak time of five classes of partials: 15 values.

    A class without partials gets what the first partial has.
    """
    values: list[np.ndarray] = []
    for low, high in CLASSES:
        if levels.shape[1] < low:
            values.append(values[0])
            continue
        track = levels[:, low - 1 : high].mean(axis=1)
        rest = track - np.polynomial.Polynomial.fit(t, track, min(2, len(t) - 1))(t)
        slope = np.clip(slopes(track, t), -80, 30)
        peak = np.log10(t[np.argmax(track)])
        values.append(np.array([slope, np.log(rest.std() + 0.1), peak]))
    return np.concatenate(values)


def noise(note: np.ndarray, sr: float, found: Partials) -> np.ndarray:
    """Level between the partials in six bands, and under f0 (dB of the whole): 7 values.

    The median of the bins that no partial reaches, times the width of the band.
    """
    f0 = found.note_f0
    length = int(2 ** np.clip(np.ceil(np.log2(6 * sr / f0)), 11, 13))
    magnitude = magnitude_of(frames_of(note, length, 512), "hann")
    energy = np.einsum("ij,ij->i", magnitude, magnitude)
    power = np.square(magnitude[energy >= 1e-3 * energy.max()]).mean(axis=0, dtype=np.float64)
    power /= max(float(power.sum()), TINY)
    bin_hz = sr / length
    f = np.arange(len(power)) * bin_hz
    orders = np.arange(1, int(1.1 * HIGHEST / f0) + 1)
    places = np.round(orders * f0 * np.sqrt(1 + found.stretch * orders**2.0) / bin_hz).astype(int)
    reach = int(np.clip(0.3 * f0 / bin_hz, 1, 4))
    near = np.add.outer(places, np.arange(-reach, reach + 1)).ravel()
    free = np.ones(len(power), dtype=bool)
    free[near[(near >= 0) & (near < len(power))]] = False
    levels = []
    for low, high in pairwise(NOISE_HZ):
        inside = (f >= low) & (f < high)
        bins = power[inside & free] if (inside & free).sum() > 2 else power[inside]
        levels.append(np.median(bins) * inside.sum() if len(bins) else 0.0)
    below = power[(f > 30) & (f < 0.75 * f0)].sum()
    return decibels(np.array([*levels, below]), -80.0)


def describe_harmonics(note: np.ndarray, sr: float) -> np.ndarray:
    """All of the above, as in ``NAMES``: float64, shape (96,)."""
    coarse, strength = note_pitch(note, sr)
    found = find_partials(note, sr, coarse)
    sounding = found.total >= 1e-3 * found.total.max()
    mean = np.sqrt(np.square(found.amplitude[sounding]).mean(axis=0))
    frequency = np.median(found.frequency[sounding], axis=0)
    n = max(int(np.searchsorted(np.maximum.accumulate(frequency), 1.1 * HIGHEST)), 1)
    relative = np.square(mean[:n]) / max(float(np.square(mean[:n]).sum()), TINY)
    levels = decibels(relative, FLOOR_DB)
    amplitude = found.amplitude[sounding, :n]
    tracks = decibels(np.square(amplitude / max(float(amplitude.max()), TINY)), -80.0)
    t = (np.flatnonzero(sounding) + 1) / found.rate
    partial_share = found.energy[sounding].sum() / max(float(found.total[sounding].sum()), TINY)
    return np.concatenate(
        [
            pitch(found, strength, sounding),
            envelope(levels, np.maximum.accumulate(frequency[:n]) + 1e-6 * ORDERS[:n]),
            dynamics(tracks, t),
            noise(note, sr, found),
            [float(decibels(np.array(partial_share), -40.0))],
        ]
    )
