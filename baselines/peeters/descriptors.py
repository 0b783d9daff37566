"""All descriptors of an isolated note: ``describe(signal, sr)`` and their names.

Tracks of frames become statistics of the whole note, as published, and energy-weighted mean and
standard deviation of its head, the first 0.8 s from the onset (our choice).

Given one second of a note that isn't louder later, its length doesn't change what is named
", first 0.8 s", ", attack", "log attack time", "attack slope" or "level after", and hardly changes f0.
"temporal centroid" and "effective duration" follow the length by definition; modulation and
vibrato want a second or two; all other statistics change so far as the note does.
"""

from functools import cache
from typing import Any

import numpy as np

from . import harmonic, partials, perceptual, shape_in_time, spectral, statistics, temporal
from .envelope import envelopes
from .frames import TINY, Tracks, frames_of, magnitude_of, normalised
from .pitch import VOICED, note_pitch
from .shape_in_time import HEAD_S

N_FFT, HOP = 1024, 256
"""Hamming window and hop in samples at 44.1 kHz (Peeters 2004; his window has 1025)."""

ATTACK_S = 0.1
"""The head of the head (our choice)."""

ALL = statistics.NAMES
FEW = ("median", "iqr", "weighted mean", "weighted sd")
SPREADS = ("iqr", "weighted sd")
"""Statistics of single tracks, of those that come as levels or vectors, and of derivatives."""

SPECTRAL_NAMES = (
    *(f"spectral {name} ({kind})" for kind in ("magnitude", "power") for name in spectral.NAMES),
    *(f"spectral {name} (ERB)" for name in spectral.NAMES),
    *perceptual.LOUDNESS_NAMES,
)
LEVEL_NAMES = ("frame energy (dB)", "loudness (dB)")
VECTOR_NAMES = (*perceptual.MFCC_NAMES, *perceptual.BARK_NAMES)
PITCH_NAMES = (
    "f0 (log2 Hz)",
    "f0 strength",
    "stretch (log10 B)",
    "f0 deviation (cents)",
    "vibrato frequency",
    "vibrato amplitude (cents)",
)


def spectral_tracks(signal: np.ndarray, sr: float) -> tuple[Tracks, Tracks, Tracks, Tracks]:
    """Tracks of the spectra: shapes (n_frames, 32), levels (2), vectors (37), derivatives (26)."""
    length, hop = 2 * round(N_FFT / 2 * sr / 44_100), max(round(HOP * sr / 44_100), 1)
    magnitude = magnitude_of(frames_of(signal, length, hop), "hamming")
    power = np.square(magnitude)
    f = np.fft.rfftfreq(length, 1 / sr)
    energy = power.sum(axis=1, dtype=np.float64)
    frame_energy = 10 * np.log10(np.maximum(energy / max(energy.max(), TINY), 1e-6))
    relative, two, loudness = perceptual.loudness(power, sr)
    cepstra = perceptual.cepstra(power, sr)
    shapes = [
        spectral.shape(magnitude, f),
        spectral.shape(power, f),
        spectral.shape(*perceptual.erb_magnitude(power, sr)),
        two,
    ]
    groups = (
        np.hstack(shapes),
        np.column_stack([frame_energy, loudness]),
        np.hstack([cepstra[:, : perceptual.N_MFCC], relative]),
        cepstra[:, perceptual.N_MFCC :],
    )
    return tuple(Tracks(values, energy, sr / hop) for values in groups)  # type: ignore[return-value]


def mean_and_sd(tracks: Tracks, onset_s: float, span_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Energy-weighted mean and sd over frames that start within ``span_s`` (s) of the onset."""
    last = len(tracks.energy) - 1
    first = min(int(np.ceil(onset_s * tracks.rate)), last)
    part = slice(first, max(int((onset_s + span_s) * tracks.rate), first + 1))
    return statistics.weighted(tracks.values[part], tracks.energy[part])


def summary(tracks: Tracks, onset_s: float, rows: tuple[str, ...]) -> np.ndarray:
    """Chosen statistics over the sounding frames, then weighted mean and sd over the head."""
    loud = statistics.active(tracks.energy)
    table = statistics.statistics(tracks.values[loud], tracks.energy[loud])
    chosen = table[[ALL.index(row) for row in rows]]
    return np.concatenate([chosen.ravel(), *mean_and_sd(tracks, onset_s, HEAD_S)])


def summary_names(tracks: tuple[str, ...], rows: tuple[str, ...]) -> list[str]:
    """Names of what :func:`summary` gives."""
    heads = [f"{row}, first {HEAD_S} s" for row in ("weighted mean", "weighted sd")]
    return [f"{track}, {row}" for row in (*rows, *heads) for track in tracks]


def pitch_values(found: partials.Partials, strength: float) -> list[float]:
    """Pitch and how it moves, as in ``PITCH_NAMES``; deviations within +-100 cents."""
    loud = statistics.active(found.total)
    cents = np.clip(1200 * np.log2(found.f0[loud] / found.note_f0), -100, 100)
    iqr = statistics.statistics(cents[:, None], found.total[loud])[ALL.index("iqr"), 0]
    log_stretch = np.log10(found.stretch + 1e-6)
    vibrato = shape_in_time.modulation(cents, found.rate)
    return [np.log2(found.note_f0), strength, log_stretch, iqr, *vibrato]


def describe(signal: np.ndarray, sr: float) -> np.ndarray:
    """Descriptors of an isolated note after Peeters (2003, 2004).

    All are finite and none follows the gain. Silence gives zeros nearly throughout, and 440 Hz of
    strength 0; so do the harmonic descriptors of a note without a pitch (strength under ``VOICED``),
    whose noisiness is 1 and whose f0 is the likeliest all the same.

    Parameters
    ----------
    signal : ndarray of shape (n,)
        One note, mono; shorter ones than a window are padded with zeros.
    sr : float
        In Hz; windows are meant for 44,100, and last as long at other rates.

    Returns
    -------
    ndarray of float32, shape (d,)
        As in :func:`descriptor_names`.

    Raises
    ------
    DataError
        If the signal is empty, not mono or not finite.

    References
    ----------
    G. Peeters, "Automatic classification of large musical instrument databases using hierarchical
    classifiers with inertia ratio maximization", AES 115, 2003.
    G. Peeters, "A large set of audio features for sound description (similarity and classification)
    in the CUIDADO project", Ircam, 2004.
    """
    note = normalised(signal)
    f0, strength = note_pitch(note, sr)
    found = partials.find_partials(note, sr, f0)
    if strength < VOICED:
        found = partials.without_pitch(found)
    slow, fast = envelopes(note, sr, f0)
    onset_s = shape_in_time.onset(fast)
    shapes, levels, vectors, derivatives = spectral_tracks(note, sr)
    values: list[Any] = [
        pitch_values(found, strength),
        shape_in_time.shape_in_time(slow, fast),
        summary(temporal.temporal(note, sr), onset_s, FEW),
        summary(shapes, onset_s, ALL),
        summary(levels, onset_s, FEW),
        summary(vectors, onset_s, FEW),
        summary(derivatives, onset_s, SPREADS),
        mean_and_sd(shapes, onset_s, ATTACK_S)[0],
        summary(harmonic.levels(found), onset_s, FEW),
        summary(harmonic.harmonic(found), onset_s, ALL),
    ]
    return np.concatenate(values).astype(np.float32)


@cache
def descriptor_names() -> tuple[str, ...]:
    """Names of the values of :func:`describe`, in order."""
    return (
        *PITCH_NAMES,
        *shape_in_time.NAMES,
        *summary_names(temporal.NAMES, FEW),
        *summary_names(SPECTRAL_NAMES, ALL),
        *summary_names(LEVEL_NAMES, FEW),
        *summary_names(VECTOR_NAMES, FEW),
        *summary_names(perceptual.DELTA_NAMES, SPREADS),
        *(f"{name}, weighted mean, attack" for name in SPECTRAL_NAMES),
        *summary_names(harmonic.LEVEL_NAMES, FEW),
        *summary_names(harmonic.NAMES, ALL),
    )
