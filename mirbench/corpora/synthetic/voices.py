"""Formant voices that talk and sing: a glottal pulse through moving resonators (after Klatt 1980).

Synthesised, for a first run and tests: no substitute for recordings of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import sosfilt

from mirbench.corpora.synthetic.signals import (
    band,
    glide,
    phase,
    resonators,
    sine,
    smooth,
    white,
)

FRAME_S = 0.0125

# F1-F3 (Hz) of American English vowels, men (Peterson & Barney 1952)
VOWELS = np.array(
    [
        (270, 2290, 3010),
        (390, 1990, 2550),
        (530, 1840, 2480),
        (660, 1720, 2410),
        (730, 1090, 2440),
        (570, 840, 2410),
        (440, 1020, 2240),
        (300, 870, 2240),
        (640, 1190, 2390),
        (490, 1350, 1690),
    ],
    dtype=float,
)
NEUTRAL = np.array([500.0, 1500.0, 2500.0])
NASAL = np.array([250.0, 1100.0, 2200.0])
UPPER = (3400.0, 4500.0)  # F4, F5 (Hz)
WIDTHS = np.array([70.0, 100.0, 140.0, 220.0, 300.0])  # bandwidths (Hz)
# noise of consonants: centre, width (Hz), level; the first three hiss, the last three burst
NOISES = (
    (6500.0, 2500.0, 0.5),
    (3200.0, 1500.0, 0.55),
    (4800.0, 5000.0, 0.2),
    (700.0, 600.0, 0.5),
    (4200.0, 1800.0, 0.6),
    (1800.0, 700.0, 0.6),
)


@dataclass(frozen=True)
class Voice:
    """A speaker: pitch (Hz), formant scale, syllables a second, and habits."""

    f0_hz: float
    tract: float
    rate_hz: float
    breath: float
    articulation: float
    melody: float
    pause_s: float
    phrase: int

    @property
    def register(self) -> str:
        """'low' or 'high', by pitch."""
        return "low" if self.f0_hz < 155 else "high"


@dataclass
class Gestures:
    """What the voice does, one row per 12.5-ms frame."""

    f0_hz: np.ndarray
    formants: np.ndarray
    voiced: np.ndarray
    breath: np.ndarray
    noises: np.ndarray

    @classmethod
    def rest(cls, n: int, f0_hz: float) -> Gestures:
        """``n`` silent frames."""
        return cls(
            np.full(n, f0_hz),
            np.tile(NEUTRAL, (n, 1)),
            np.zeros(n),
            np.zeros(n),
            np.zeros((n, len(NOISES))),
        )


def draw_voice(rng: np.random.RandomState, high: bool) -> Voice:
    """A speaker of the low or high register."""
    pitch, tract = ((165, 245), (1.08, 1.25)) if high else ((85, 145), (0.9, 1.06))
    return Voice(
        f0_hz=float(rng.uniform(*pitch)),
        tract=float(rng.uniform(*tract)),
        rate_hz=float(rng.uniform(3.3, 5.4)),
        breath=float(rng.uniform(0.02, 0.12)),
        articulation=float(rng.uniform(0.7, 1.1)),
        melody=float(rng.uniform(0.06, 0.22)),
        pause_s=float(rng.uniform(0.12, 0.5)),
        phrase=int(rng.randint(6, 14)),
    )


def speak(voice: Voice, duration_s: float, sr: int, rng: np.random.RandomState) -> np.ndarray:
    """Running speech of ``duration_s`` seconds, shape (floor(duration_s * sr),)."""
    n = int(duration_s / FRAME_S) + 2
    said = Gestures.rest(n, voice.f0_hz)
    at = rng.randint(0, 20)
    while at < n:
        start = at
        for _ in range(max(2, voice.phrase + rng.randint(-4, 5))):
            length = max(6, int(rng.uniform(0.7, 1.4) / (voice.rate_hz * FRAME_S)))
            _syllable(said, at, length, voice, rng)
            at += length
        _intonation(said, start, min(at, n), voice, rng)
        at += int(rng.uniform(0.5, 1.8) * voice.pause_s / FRAME_S)
    return _sound(said, voice, int(duration_s * sr), sr, rng)


def sing(
    voice: Voice,
    notes: Sequence[tuple[float, float, float]],
    duration_s: float,
    sr: int,
    rng: np.random.RandomState,
) -> np.ndarray:
    """Held vowels with vibrato on ``notes`` = (start_s, length_s, pitch in Hz)."""
    n = int(duration_s / FRAME_S) + 2
    sung = Gestures.rest(n, notes[0][2] if notes else voice.f0_hz)
    for start_s, length_s, hz in notes:
        start, end = int(start_s / FRAME_S), int((start_s + length_s) / FRAME_S)
        onset = start
        if rng.random_sample() < 0.6:
            onset = _consonant(sung, start, min(8, (end - start) // 3), rng)
        sung.f0_hz[start:] = hz
        sung.formants[onset:end] = VOWELS[rng.randint(len(VOWELS))]
        sung.voiced[onset:end] = rng.uniform(0.75, 1.0)
        sung.breath[onset:end] = voice.breath / 2
    frames = np.arange(n) * FRAME_S
    vibrato = sine((5.6 * frames + rng.random_sample()) % 1.0)
    sung.f0_hz = smooth(sung.f0_hz, 7) * (1 + 0.018 * vibrato)
    return _sound(sung, voice, int(duration_s * sr), sr, rng)


def _syllable(
    said: Gestures, at: int, length: int, voice: Voice, rng: np.random.RandomState
) -> None:
    onset = at
    if rng.random_sample() < 0.85:
        onset = _consonant(said, at, max(3, int(rng.uniform(0.25, 0.45) * length)), rng)
    vowel = VOWELS[rng.randint(len(VOWELS))]
    vowel = NEUTRAL + voice.articulation * (vowel - NEUTRAL)
    end = at + length
    said.formants[onset:end] = vowel
    said.voiced[onset:end] = rng.uniform(0.55, 1.0)
    said.breath[onset:end] = voice.breath
    if rng.random_sample() < 0.25:
        _consonant(said, end - 3, 3, rng)


def _consonant(said: Gestures, at: int, length: int, rng: np.random.RandomState) -> int:
    """Write a consonant over ``length`` frames from ``at``; returns the frame after it."""
    end = at + length
    kind = rng.random_sample()
    said.voiced[at:end] = 0.0
    said.breath[at:end] = 0.0
    if kind < 0.35:  # fricative
        source = rng.randint(3)
        said.noises[at:end, source] = NOISES[source][2] * rng.uniform(0.5, 1.1)
    elif kind < 0.7:  # plosive: closure, burst, some aspiration
        source = 3 + rng.randint(3)
        said.noises[max(at, end - 2) : end, source] = NOISES[source][2] * rng.uniform(0.6, 1.2)
        said.breath[end - 1 : end + 1] = 0.25
    else:  # nasal or liquid
        said.voiced[at:end] = 0.35
        said.formants[at:end] = NASAL * rng.uniform(0.9, 1.25)
    return end


def _intonation(
    said: Gestures, start: int, end: int, voice: Voice, rng: np.random.RandomState
) -> None:
    """Declination over the phrase with accents on top."""
    n = max(end - start, 1)
    line = 1.12 - 0.3 * np.arange(n) / n
    accents = np.repeat(rng.uniform(-1, 1, n // 18 + 1), 18)[:n]
    said.f0_hz[start:end] = voice.f0_hz * line * (1 + voice.melody * accents)


def _sound(said: Gestures, voice: Voice, n: int, sr: int, rng: np.random.RandomState) -> np.ndarray:
    """Frames to sound."""
    hop = round(FRAME_S * sr)
    frames = -(-n // hop)
    f0 = smooth(said.f0_hz, 5)[:frames] * (1 + 0.012 * rng.uniform(-1, 1, frames))
    hiss = white(rng, frames * hop)
    cycles = phase(glide(f0, hop), sr)
    aspiration = glide(smooth(said.breath, 3)[:frames], hop) * hiss * (0.3 + 0.7 * (cycles < 0.6))
    source = 0.5 * glide(smooth(said.voiced, 3)[:frames], hop) * _glottis(cycles) + aspiration
    tracks = smooth(said.formants, 3)[:frames] * voice.tract
    upper = np.tile(np.array(UPPER) * voice.tract, (frames, 1))
    tracks = 20 * np.rint(np.concatenate([tracks, upper], axis=1) / 20)  # fewer moves to filter
    sections = resonators(tracks, WIDTHS, sr)
    moves = np.flatnonzero(np.any(np.diff(tracks, axis=0), axis=1)) + 1
    mouth, state = np.empty(frames * hop), np.zeros((len(WIDTHS), 2))
    for start, end in zip([0, *moves], [*moves, frames]):
        here = slice(start * hop, end * hop)
        mouth[here], state = sosfilt(sections[start], source[here], zi=state)
    for k, (hz, width, _) in enumerate(NOISES):
        level = smooth(said.noises[:, k], 3)[:frames]
        if level.any():
            mouth += glide(0.4 * level, hop) * band(hiss, hz * voice.tract, width, sr)
    return mouth[:n]


def _glottis(cycles: np.ndarray) -> np.ndarray:
    """Flow derivative of a Rosenberg (1971) pulse: opens over 40 % of a period, closes over 16 %."""
    opening, closing = cycles / 0.4, (cycles - 0.4) / 0.16
    flow = np.where(cycles < 0.4, 6 * opening * (1 - opening) * 0.4, -2 * closing)
    return np.where(cycles < 0.56, flow, 0.0)
