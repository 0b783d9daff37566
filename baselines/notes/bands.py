"""ERB bands of a note: level and shape of its spectrum, and how they move."""

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import fft
from scipy.ndimage import uniform_filter1d

from baselines.peeters.frames import TINY, frames_of, magnitude_of
from baselines.peeters.pitch import erbs

N_FFT, HOP = 2048, 256
"""Hann window and hop in samples at 44.1 kHz."""

N_BANDS, N_BROAD = 40, 8
LOWEST, HIGHEST = 40.0, 10_000.0
"""Edges of the bands (Hz): above 10 kHz lies what a collection's rate or coder left of a note."""

ATTACK_S, BODY_S = 0.08, 0.1
"""The attack lasts to the first, the body begins at the second (s)."""

FLOOR_DB = -70.0
SOUNDING = 1e-5
N_CEPSTRA, N_MOVING = 20, 13
MODULATION_HZ = (2, 4, 8, 16, 40)

SHAPES = ("centroid", "spread", "flatness", "rolloff")
LATER_S = ((0.02, 0.1), (0.1, 0.25), (0.25, 0.5), (0.5, 0.9))
RISES = ((0.1, 0.9), (0.1, 0.5), (0.5, 0.9), (0.02, 0.3))

NAMES = (
    *(f"cepstrum {i}, weighted" for i in range(N_CEPSTRA)),
    *(f"cepstrum {i}, body" for i in range(N_CEPSTRA)),
    *(f"band {i}, body" for i in range(N_BANDS)),
    *(f"cepstrum {i}, attack" for i in range(N_MOVING)),
    *(f"cepstrum {i}, log sd" for i in range(N_MOVING)),
    *(f"cepstrum {i}, log sd of steps" for i in range(N_MOVING)),
    *(f"cepstrum {i}, slope" for i in range(N_MOVING)),
    *(f"log rise {low} to {high}" for low, high in RISES),
    "log peak time",
    "temporal centroid",
    "decay",
    *(f"level {start}-{stop} s" for start, stop in LATER_S),
    "unsteadiness",
    "log sd of level",
    *(f"modulation {low}-{high} Hz" for low, high in pairwise(MODULATION_HZ)),
    *(
        f"broad band {i}, {what}"
        for what in ("log peak time", "log onset", "decay", "unsteadiness")
        for i in range(N_BROAD)
    ),
    *(f"{shape}, {what}" for what in ("body", "log sd", "attack") for shape in SHAPES),
)


class Bands(NamedTuple):
    """A note's power in frames.

    Attributes
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Relative to the strongest frame.
    bands : ndarray of shape (n_frames, 40)
        Mean power of the bins of a band, on the same scale.
    energy : ndarray of shape (n_frames,)
        1 at the strongest frame.
    f, t : ndarray
        Bins (Hz), and frames (s from the onset).
    """

    power: np.ndarray
    bands: np.ndarray
    energy: np.ndarray
    f: np.ndarray
    t: np.ndarray

    @property
    def body(self) -> slice:
        """Frames from ``BODY_S`` on, or from a third of a shorter note."""
        return slice(min(int(np.searchsorted(self.t, BODY_S)), len(self.t) // 3), None)

    @property
    def attack(self) -> slice:
        """Frames up to ``ATTACK_S``."""
        return slice(0, max(int(np.searchsorted(self.t, ATTACK_S)), 1))


@cache
def triangles(sr: float, length: int) -> np.ndarray:
    """Triangular bands evenly spaced in ERBs, each of sum 1: shape (40, 1 + length // 2)."""
    edges = np.linspace(erbs(LOWEST), erbs(HIGHEST), N_BANDS + 2)
    place = erbs(np.fft.rfftfreq(length, 1 / sr))
    rise = (place - edges[:-2, None]) / (edges[1] - edges[0])
    bank = np.maximum(np.minimum(rise, 2 - rise), 0)
    nearest = np.argmin(np.abs(place - edges[1:-1, None]), axis=1)
    narrow = bank.sum(axis=1) < 0.5  # narrower than a bin: the nearest bin
    bank[narrow] = np.eye(len(place))[nearest[narrow]]
    return (bank / bank.sum(axis=1, keepdims=True)).astype(np.float32)


def bands_of(note: np.ndarray, sr: float) -> Bands:
    """Power of the frames of a note that begins with its onset.

    The first frame is centred on the onset; the last lies inside the note, and is the last within
    50 dB of the strongest.
    """
    length, hop = 2 * round(N_FFT / 2 * sr / 44_100), max(round(HOP * sr / 44_100), 1)
    frames = frames_of(np.pad(note, (length // 2, 0)), length, hop)
    power = np.square(magnitude_of(frames, "hann"), dtype=np.float64)
    energy = power.sum(axis=1)
    strongest = max(float(energy.max()), TINY)
    last = int(np.flatnonzero(energy >= SOUNDING * strongest)[-1]) if energy.any() else 0
    power, energy = power[: last + 1] / strongest, energy[: last + 1] / strongest
    t, f = np.arange(len(power)) * hop / sr, np.fft.rfftfreq(length, 1 / sr)
    return Bands(power, power @ triangles(sr, length).T, energy, f, t)


def decibels(power: np.ndarray, floor: float = -120.0) -> np.ndarray:
    """10 log10, not under ``floor`` dB."""
    return np.maximum(10 * np.log10(np.maximum(power, TINY)), floor)


def cepstra(levels: np.ndarray, n: int) -> np.ndarray:
    """Coefficients 1 to n of the orthonormal DCT along the last axis: level doesn't count."""
    return fft.dct(levels, norm="ortho", axis=-1)[..., 1 : n + 1]


def slopes(values: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Slope of each column by least squares, per second; 0 for a single row."""
    centred = t - t.mean()
    return centred @ (values - values.mean(axis=0)) / max(float(centred @ centred), TINY)


def steps_sd(values: np.ndarray) -> np.ndarray:
    """Standard deviation of the differences between rows; 0 where there are none."""
    return np.diff(values, axis=0).std(axis=0) if len(values) > 2 else np.zeros(values.shape[1:])


def spectrum(note: Bands) -> np.ndarray:
    """Cepstra and band levels relative to the frame's level, and how they move: 132 values."""
    total = np.maximum(note.bands.sum(axis=1, keepdims=True), TINY)
    levels = decibels(note.bands / total, FLOOR_DB)
    weights = np.sqrt(np.maximum(note.energy, TINY))
    body, attack = levels[note.body].mean(axis=0), levels[note.attack].mean(axis=0)
    track = cepstra(levels, N_MOVING)
    drift = slopes(track[note.body], note.t[note.body])
    return np.concatenate(
        [
            cepstra(weights @ levels / weights.sum(), N_CEPSTRA),
            cepstra(body, N_CEPSTRA),
            body,
            cepstra(attack - body, N_MOVING),
            np.log(track.std(axis=0) + 0.1),
            np.log(steps_sd(track[note.body]) + 0.05),
            np.sign(drift) * np.log1p(np.abs(drift)),
        ]
    )


def level(note: Bands) -> np.ndarray:
    """Rise, fall and modulation of the level: 17 values."""
    hop_s = note.t[1] if len(note.t) > 1 else 1.0
    envelope = np.sqrt(np.maximum(uniform_filter1d(note.energy, 5), TINY))
    peak = int(np.argmax(envelope))

    def first(part: float) -> float:
        return float(note.t[np.argmax(envelope >= part * envelope[peak])])

    loud = decibels(np.square(envelope), -100.0)
    rises = [np.log10(max(first(high) - first(low), hop_s)) for low, high in RISES]
    centroid = envelope @ note.t / (envelope.sum() * max(float(note.t[-1]), hop_s))
    starts = [min(int(start / hop_s), len(loud) - 1) for start, _ in LATER_S]
    counts = [max(int((stop - start) / hop_s), 1) for start, stop in LATER_S]
    later = [
        max(float(loud[first_frame : first_frame + count].mean()), -40.0)
        for first_frame, count in zip(starts, counts, strict=True)
    ]
    body, t = loud[note.body], note.t[note.body]
    trend = np.polynomial.Polynomial.fit(t, body, min(2, len(t) - 1))
    rest = body - trend(t)
    return np.array(
        [
            *rises,
            np.log10(max(float(note.t[peak]), hop_s)),
            centroid,
            float(slopes(loud[peak:], note.t[peak:])) if len(loud) - peak > 5 else 0.0,
            *later,
            np.log(float(steps_sd(body)) + 0.02),
            np.log(rest.std() + 0.05),
            *modulation(rest, 1 / hop_s),
        ]
    )


def modulation(rest: np.ndarray, rate: float) -> np.ndarray:
    """Log energy of a level (dB) in the four bands of ``MODULATION_HZ``; ``rate`` in Hz."""
    energy = np.square(np.abs(fft.rfft(rest * np.hanning(len(rest)), max(1024, len(rest)))))
    f = np.fft.rfftfreq(max(1024, len(rest)), 1 / rate)
    edges = np.searchsorted(f, MODULATION_HZ)
    return np.log([energy[a:b].sum() + 1e-2 for a, b in pairwise(edges)])


def broad_bands(note: Bands) -> np.ndarray:
    """When eight broad bands peak and begin, how they decay and waver: 32 values.

    A band 50 dB or more under the strongest gets what the sum of all bands gives.
    """
    hop_s = note.t[1] if len(note.t) > 1 else 1.0
    power = note.bands.reshape(len(note.t), N_BROAD, -1).sum(axis=2)
    power = np.column_stack([power, power.sum(axis=1)])
    power = uniform_filter1d(power, 5, axis=0)
    loudest = float(decibels(power[:, :-1].max()))
    levels = np.maximum(decibels(power), loudest - 60)
    weak = levels.max(axis=0) <= loudest - 50
    levels[:, weak] = levels[:, -1:]
    body = levels[note.body]
    begin = np.argmax(levels >= levels.max(axis=0) - 6, axis=0)
    values = [
        np.log10(np.maximum(note.t[np.argmax(levels, axis=0)], hop_s)),
        np.log10(note.t[begin] + 0.005),
        np.clip(slopes(body, note.t[note.body]), -80, 30),
        np.log(steps_sd(body) + 0.05),
    ]
    return np.concatenate([value[:-1] for value in values])


def shape(note: Bands) -> np.ndarray:
    """Log2 centroid and spread (Hz), log10 flatness, log2 roll-off, up to 12 kHz: 12 values."""
    inside = slice(2, int(np.searchsorted(note.f, 12_000)))
    f, power = note.f[inside], note.power[:, inside] + 1e-12
    weights = np.sqrt(power)
    weights /= weights.sum(axis=1, keepdims=True)
    centroid = weights @ f
    spread = np.sqrt(np.maximum(weights @ np.square(f) - np.square(centroid), 1))
    flatness = np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)
    summed = np.cumsum(power, axis=1)
    rolloff = f[np.argmax(summed >= 0.95 * summed[:, -1:], axis=1)]
    tracks = np.column_stack(
        [np.log2(centroid), np.log2(spread), np.log10(flatness), np.log2(rolloff)]
    )
    body = np.median(tracks[note.body], axis=0)
    return np.concatenate(
        [body, np.log(tracks.std(axis=0) + 0.01), tracks[note.attack].mean(axis=0) - body]
    )


def describe_bands(note: np.ndarray, sr: float) -> np.ndarray:
    """All of the above, as in ``NAMES``: float64, shape (193,)."""
    found = bands_of(note, sr)
    return np.concatenate([spectrum(found), level(found), broad_bands(found), shape(found)])
