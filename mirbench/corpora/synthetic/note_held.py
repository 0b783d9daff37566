"""Blown and bowed notes: a wavetable that brightens with level, its noise, vibrato and attack.

Synthesised, for a first run and tests: no substitute for recordings of instruments. The spectra follow
Fletcher & Rossing, *The Physics of Musical Instruments*, and the brightening of brass Risset &
Mathews 1969 (both from memory); the numbers are our choice.
"""

from __future__ import annotations

import numpy as np

from mirbench.corpora.synthetic.signals import (
    band,
    fades,
    glide,
    highpass,
    lookup,
    lowpass,
    phase,
    sine,
    smooth,
    steady,
    to_level,
    wavetable,
    white,
)

FRAME = 100  # frames a second of what changes slowly
RELEASE_S = 0.15  # the player stops so long before the end


def reed(
    hz: float,
    force: float,
    n: int,
    sr: int,
    rng: np.random.RandomState,
    *,
    slope: float,
    even: float,
    cutoff_hz: float,
    attack_s: float,
    vibrato: float,
    breath_db: float,
) -> np.ndarray:
    """A reed on a cylinder, stopped at one end: odd partials, even ones above the tone-hole cut-off.

    Parameters
    ----------
    hz : float
        Pitch (Hz).
    force : float
        How loud, in (0, 1]: the spectrum brightens with it.
    n, sr : int
        Samples, and sampling rate (Hz).
    rng : RandomState
    slope : float
        Odd partials fall as ``k ** -slope`` when loud, faster when soft.
    even : float
        Level of even partials far below ``cutoff_hz``; above it they equal the odd ones.
    cutoff_hz : float
        Cut-off of the open tone holes (Hz).
    attack_s : float
        Rise time (s).
    vibrato : float
        Depth, as a share of the pitch.
    breath_db : float
        Level of the breath re the tone (dB).

    Returns
    -------
    ndarray of shape (n,)
    """
    k, partials = _harmonics(hz, sr)
    parity = np.where(
        k % 2 == 1, 1.0, even + (1 - even) * partials**2 / (partials**2 + cutoff_hz**2)
    )
    roll = 1 / (1 + (partials / (1.6 * cutoff_hz)) ** 3)  # little radiates above the cut-off
    bright = steady(parity * roll * k**-slope)
    level = _envelope(n, sr, attack_s, rng, 0.02)
    track = _pitch(hz, n, sr, rng, vibrato, 4.6, 0.0008)
    tone = _tone(track, bright * steady(k**-1.2), bright, level * force, sr) * level
    hiss = band(white(rng, n), 2 * cutoff_hz, 2 * cutoff_hz, sr)
    return _with_noise(tone, hiss * _envelope(n, sr, 0.4 * attack_s, rng, 0.05), breath_db)


def brass(
    hz: float,
    force: float,
    n: int,
    sr: int,
    rng: np.random.RandomState,
    *,
    cutoff_hz: float,
    brassy: float,
    steep: float,
    attack_s: float,
    vibrato: float,
    breath_db: float,
    slip: float,
) -> np.ndarray:
    """Lips and a bell: all partials, more of the high ones the louder, so that they come in later.

    Parameters
    ----------
    hz, force, n, sr, rng, attack_s, vibrato, breath_db
        As in `reed`.
    cutoff_hz : float
        Where a soft note's spectrum turns down (Hz).
    brassy : float
        Octaves by which full level moves that corner up.
    steep : float
        Partials fall as ``f ** -steep`` above the corner.
    slip : float
        How far off the attack starts, as a share of the pitch: the lips find their mode.
    """
    partials = _harmonics(hz, sr)[1]
    dark, bright = (
        steady(1 / (1 + (partials / corner) ** (2 * steep)) ** 0.5)
        for corner in (cutoff_hz, cutoff_hz * 2.0**brassy)
    )
    level = _envelope(n, sr, attack_s, rng, 0.015)
    track = _pitch(hz, n, sr, rng, vibrato, 5.0, 0.0008)
    frames = n // (sr // FRAME) + 2
    settle = steady(slip * 0.5 ** np.arange(frames)) * rng.uniform(-1, 1, frames)
    track = track * (1 + glide(settle, sr // FRAME)[:n])
    tone = _tone(track, dark, bright, level * level * force, sr) * level
    spit = highpass(white(rng, n), 1000.0, sr) * _envelope(n, sr, 0.3 * attack_s, rng, 0.05)
    burst = np.minimum(1.0, 0.15 + 0.02 * sr / (1 + np.arange(n, dtype=float)))
    return _with_noise(tone, spit * burst, breath_db)


def air_jet(
    hz: float,
    force: float,
    n: int,
    sr: int,
    rng: np.random.RandomState,
    *,
    fall_db: float,
    second_db: float,
    attack_s: float,
    vibrato: float,
    tremolo: float,
    breath_db: float,
    mouth_hz: float,
) -> np.ndarray:
    """A jet on an edge, open pipe: few partials, breath around them, vibrato mostly of the level.

    Parameters
    ----------
    hz, force, n, sr, rng, attack_s, vibrato, breath_db
        As in `reed`; the breath starts before the tone.
    fall_db : float
        Fall (dB) from each partial to the next; it grows towards the top of the range, where the
        flute is nearly a sine.
    second_db : float
        What the second partial has on top of that (dB): overblown low notes are rich in it.
    tremolo : float
        Depth of the level's vibrato.
    mouth_hz : float
        Centre (Hz) of the broad part of the breath.
    """
    k = _harmonics(hz, sr)[0]
    fall = fall_db * (0.7 + hz / 1000.0)
    lift = np.where(k == 2, second_db * 500.0 / (500.0 + hz), 0.0)
    bright = steady(10.0 ** ((lift - fall * (k - 1)) / 20))
    level = _envelope(n, sr, attack_s, rng, 0.03)
    frames = n // (sr // FRAME) + 2
    swell = 1 + tremolo * glide(_wave(frames, 5.3, rng), sr // FRAME)[:n]
    track = _pitch(hz, n, sr, rng, vibrato, 5.3, 0.0015)
    tone = _tone(track, bright * steady(0.7 ** (k - 1)), bright, level * force * swell, sr)
    hiss = white(rng, n)
    around = band(hiss, hz, 0.25 * hz, sr) + 0.5 * band(hiss, 2 * hz, 0.4 * hz, sr)
    breath = around + 0.3 * lowpass(band(hiss, mouth_hz, mouth_hz, sr), 1.5 * mouth_hz, sr)
    chiff = _envelope(n, sr, 0.25 * attack_s, rng, 0.05)
    return _with_noise(tone * level * swell, breath * chiff, breath_db)


def bowed(
    hz: float,
    force: float,
    n: int,
    sr: int,
    rng: np.random.RandomState,
    *,
    position: float,
    corner_hz: float,
    attack_s: float,
    vibrato: float,
    rate_hz: float,
    bow_db: float,
) -> np.ndarray:
    """Helmholtz motion: a sawtooth with the comb of the bow's place, rounded above a corner.

    Parameters
    ----------
    hz, force, n, sr, rng, attack_s, vibrato
        As in `reed`; vibrato sets in after 0.2 s.
    position : float
        Place of the bow, as a share of the string: partials near ``1 / position`` are weak.
    corner_hz : float
        Rounding of the corner (Hz) at full force; lower when soft.
    rate_hz : float
        Rate of the vibrato (Hz).
    bow_db : float
        Level re the tone (dB) of the bow's noise, which comes with the slip of each period.
    """
    k, partials = _harmonics(hz, sr)
    comb = 0.15 + np.abs(np.sin(np.pi * k * position))
    dark, bright = (
        steady(comb / k / (1 + (partials / corner) ** 2))
        for corner in (0.35 * corner_hz, corner_hz)
    )
    level = _envelope(n, sr, attack_s, rng, 0.04)
    track = _pitch(hz, n, sr, rng, vibrato, rate_hz, 0.0012, delay_s=0.2)
    tone = _tone(track, dark, bright, level * force, sr) * level
    slip = 0.3 + (phase(track, sr) < 0.2)
    rasp = lowpass(lowpass(highpass(white(rng, n), 400.0, sr) * slip, 3000.0, sr), 3000.0, sr)
    return _with_noise(tone, rasp * _envelope(n, sr, 0.3 * attack_s, rng, 0.1), bow_db)


def _harmonics(hz: float, sr: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and frequencies (Hz) of the partials below 0.45 sr (vibrato stays below sr / 2)."""
    k = np.arange(1.0, max(1, int(0.45 * sr / hz)) + 1)
    return k, k * hz


def _tone(
    track: np.ndarray, dark: np.ndarray, bright: np.ndarray, share: np.ndarray, sr: int
) -> np.ndarray:
    """Two spectra of equal fundamental, read at one phase, with ``share`` (n,) of the second."""
    cycles = phase(track, sr)
    tables = [wavetable(partials) for partials in (dark, bright)]
    soft, loud = (lookup(table / _fundamental(table), cycles) for table in tables)
    return soft + np.minimum(share, 1.0) * (loud - soft)


def _fundamental(table: np.ndarray) -> float:
    """Amplitude of the first harmonic of one period (last value = first)."""
    first = sine(np.arange(len(table) - 1) / (len(table) - 1))
    return float(steady(2 * np.mean(table[:-1] * first)))


def _pitch(
    hz: float,
    n: int,
    sr: int,
    rng: np.random.RandomState,
    vibrato: float,
    rate_hz: float,
    wander: float,
    delay_s: float = 0.1,
) -> np.ndarray:
    """Frequency track (Hz), shape (n,): vibrato that sets in after ``delay_s``, and slow wander."""
    frames = n // (sr // FRAME) + 2
    onset = np.clip(np.arange(float(frames)) / FRAME / delay_s - 1, 0.0, 1.0)
    drift = 3 * wander * smooth(white(rng, frames), 9)
    sway = vibrato * onset * _wave(frames, rate_hz * rng.uniform(0.92, 1.08), rng)
    return hz * (1 + glide(sway + drift, sr // FRAME)[:n])


def _wave(frames: int, rate_hz: float, rng: np.random.RandomState) -> np.ndarray:
    """A sine at ``FRAME`` values a second, from a random phase, shape (frames,)."""
    cycles = phase(np.full(frames, rate_hz), FRAME) + rng.random_sample()
    return sine(cycles - np.floor(cycles))


def _envelope(
    n: int, sr: int, rise_s: float, rng: np.random.RandomState, shimmer: float
) -> np.ndarray:
    """Level from 0 to about 1 and back, 10 to 90 % in ``rise_s``, with slow shimmer, shape (n,)."""
    gate = np.zeros(n)
    gate[: max(n // 2, n - int(RELEASE_S * sr))] = 1.0
    corner = 3.36 / (2 * np.pi * rise_s)  # two equal poles: 10 to 90 % takes 3.36 time constants
    frames = n // (sr // FRAME) + 2
    live = 1 + 3 * shimmer * glide(smooth(white(rng, frames), 9), sr // FRAME)[:n]
    return lowpass(lowpass(gate, corner, sr), corner, sr) * live * fades(n, 1, sr // 50)


def _with_noise(tone: np.ndarray, noise: np.ndarray, noise_db: float) -> np.ndarray:
    return to_level(tone, 0.0) + to_level(noise, noise_db)
