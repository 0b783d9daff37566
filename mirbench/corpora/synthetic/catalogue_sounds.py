"""Instruments of a catalogue: what each is made of, and one artist's own copy of it.

Sustained, plucked and struck sounds are read out of wavetables; a voice's table has the formants of
its vowel, whatever the pitch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mirbench.corpora.synthetic.signals import (
    decay,
    fades,
    lookup,
    lowpass,
    phase,
    sine,
    steady,
    wavetable,
    white,
)

HARMONICS = np.arange(1, 33)
VOWELS = ((750, 1200, 2600), (320, 2200, 2900), (480, 850, 2500), (520, 1800, 2550))
SHIFT = {"": 0.0, "bright": -0.6, "mellow": 0.9}  # added to the slope of the partials


@dataclass(frozen=True)
class Kind:
    """An instrument: partials k ** -slope times ``recipe``, attack (s), and what else it needs.

    ``ring_s`` is the time to fall by 60 dB, 0 for a held sound; ``modes`` are ratios of partials
    that aren't harmonic; ``tract`` scales the formants of a voice; ``noise`` is breath or bow.
    """

    slope: float
    attack_s: float
    recipe: tuple[float, ...] = ()
    release_s: float = 0.04
    ring_s: float = 0.0
    modes: tuple[float, ...] = ()
    tract: float = 0.0
    noise: float = 0.0


ODD = (1.0, 0.06) * 16
PULSE = tuple(float(v) for v in steady(np.abs(np.sin(np.pi * HARMONICS * 0.23))))
DRAWBARS = (1.0, 0.9, 0.5, 0.7, 0.0, 0.4, 0.0, 0.5) + (0.0,) * 24
KINDS: Mapping[str, Kind] = {
    "flute": Kind(1.2, 0.06, (1.0, 0.6, 0.4, 0.25) + (0.1,) * 28, noise=0.12),
    "reed": Kind(0.9, 0.03, ODD),
    "brass": Kind(0.75, 0.07),
    "bowed strings": Kind(1.0, 0.16, release_s=0.12, noise=0.05),
    "synth lead": Kind(0.85, 0.003, PULSE, release_s=0.01),
    "whistle": Kind(1.0, 0.04, (1.0,) + (0.0,) * 31, noise=0.03),
    "high voice": Kind(0.9, 0.05, tract=1.15, noise=0.03),
    "low voice": Kind(0.9, 0.05, tract=0.95, noise=0.03),
    "mallets": Kind(0.9, 0.001, ring_s=0.7, modes=(1.0, 3.93, 9.2)),
    "bells": Kind(0.4, 0.001, ring_s=2.6, modes=(1.0, 2.0, 2.76, 5.4, 8.9)),
    "harp": Kind(1.3, 0.002, ring_s=1.4),
    "organ": Kind(0.1, 0.008, DRAWBARS, release_s=0.02),
    "electric piano": Kind(1.6, 0.002, (1.0, 0.3, 0.1, 1.2) + (0.05,) * 28, ring_s=2.0),
    "guitar": Kind(0.9, 0.001, ring_s=1.1),
    "harpsichord": Kind(0.35, 0.001, (0.5, 1.0) + (1.0,) * 30, ring_s=0.9),
    "synth pad": Kind(1.5, 0.25, release_s=0.25),
    "choir": Kind(0.9, 0.18, release_s=0.2, tract=1.05, noise=0.02),
    "plucked bass": Kind(1.5, 0.002, ring_s=1.2),
    "synth bass": Kind(0.8, 0.003, release_s=0.01),
    "sub bass": Kind(1.0, 0.01, (1.0,) + (0.0,) * 31),
}


class Player:
    """One artist's copy of an instrument.

    Parameters
    ----------
    name : str
        Of ``KINDS``.
    own : RandomState
        Draws what is this artist's alone: strengths of the partials, attack, vowels.
    shift : float
        Added to the slope of the partials.
    sr : int
    """

    def __init__(self, name: str, own: np.random.RandomState, shift: float, sr: int) -> None:
        self.kind, self.sr, self.shift = KINDS[name], sr, shift
        recipe = np.array(self.kind.recipe or np.ones(len(HARMONICS)))
        self.grain = own.uniform(0.4, 1.0, len(HARMONICS)) * recipe
        self.grain[0] = recipe[0]
        self.slope = self.kind.slope + own.uniform(-0.12, 0.12)
        self.attack_s = self.kind.attack_s * own.uniform(0.8, 1.25)
        self.ring_s = self.kind.ring_s * own.uniform(0.8, 1.25)
        self.vowels = own.permutation(len(VOWELS))[:2]
        self.tables: dict[tuple[float, ...], np.ndarray] = {}

    def play(
        self,
        hz: float,
        length_s: float,
        rng: np.random.RandomState,
        *,
        came_from_hz: float = 0.0,
        vibrato: bool = False,
        turn: int = 0,
    ) -> np.ndarray:
        """A note; ``turn`` says which vowel a voice sings, ``came_from_hz`` where it glides from."""
        n = max(int(length_s * self.sr), 64)
        envelope = fades(
            n,
            int(min(self.attack_s, 0.5 * length_s) * self.sr),
            int(min(self.kind.release_s, 0.4 * length_s) * self.sr),
        )
        if self.kind.modes:
            return self._strike(hz, n) * envelope
        track = np.full(n, hz)
        if came_from_hz:
            ramp = np.minimum(1.0, np.arange(n) / (0.11 * self.sr))
            track = came_from_hz + (hz - came_from_hz) * ramp
        if vibrato:
            track = track * (1 + 0.02 * sine(phase(np.full(n, 5.7), self.sr)))
        cycles = phase(track, self.sr)
        if self.ring_s:
            ring_s = self.ring_s * (220.0 / max(hz, 110.0)) ** 0.5
            bright = lookup(self._table(hz, 0.0, turn), cycles) * decay(n, self.sr, ring_s / 3)
            dark = lookup(self._table(hz, 0.9, turn), cycles) * decay(n, self.sr, ring_s)
            return (0.6 * bright + 0.5 * dark) * envelope
        tone = lookup(self._table(hz, 0.0, turn), cycles)
        if self.kind.noise:
            tone = tone + self.kind.noise * lowpass(white(rng, n), 3000.0, self.sr)
        tone = tone * envelope
        if self.kind.tract:  # a consonant
            k = min(n, self.sr // 40)
            tone[:k] += 0.25 * white(rng, k) * fades(k, k // 4, k // 2)
        return tone

    def _strike(self, hz: float, n: int) -> np.ndarray:
        out = np.zeros(n)
        for k, ratio in enumerate(self.kind.modes):
            if hz * ratio < 0.45 * self.sr:
                level = float(steady(self.grain[k] * ratio ** -(self.slope + self.shift)))
                ring = decay(n, self.sr, self.ring_s / (1 + 0.7 * k))
                out += level * ring * sine(phase(np.full(n, hz * ratio), self.sr))
        return out

    def _table(self, hz: float, darker: float, turn: int) -> np.ndarray:
        """One period: partials up to 0.45 sr, with the vowel's formants in a voice."""
        count = max(1, min(len(HARMONICS), int(0.45 * self.sr / hz)))
        voice = bool(self.kind.tract)
        vowel = int(self.vowels[turn % 2]) if voice else -1
        key = (float(vowel), hz if voice else 0.0, float(count), darker)
        if key not in self.tables:
            k = HARMONICS[:count]
            partials = self.grain[:count] * steady(k ** -(self.slope + self.shift + darker))
            if voice:
                at = [f * self.kind.tract for f in VOWELS[vowel]]
                widths = ((at[0], 90.0, 1.0), (at[1], 120.0, 0.7), (at[2], 200.0, 0.5))
                envelope = sum(g / (1 + ((k * hz - f) / w) ** 2) for f, w, g in widths)
                partials = partials * (envelope + 0.02)
            self.tables[key] = wavetable(partials, 1024)
        return self.tables[key]
