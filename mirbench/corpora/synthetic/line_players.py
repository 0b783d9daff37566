"""Players of single lines: twelve kinds of sound, each player with a timbre and habits of its own.

Synthesised, for a first run and tests: no substitute for recordings. A tone is read from a table of
partials under 0.45 of the rate, or (voices) a table of equal partials through resonators, so that its
fundamental is known at every sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import sosfilt

from mirbench.corpora.synthetic.signals import (
    db,
    decay,
    fades,
    lookup,
    lowpass,
    phase,
    random_for,
    resonators,
    rms,
    steady,
    wavetable,
    white,
)
from mirbench.corpora.synthetic.voices import VOWELS

MOST_PARTIALS = 48
MIDI_LOW, MIDI_HIGH = 34.75, 90.25
"""61 to 1,505 Hz: no tone is outside."""


@dataclass(frozen=True)
class Kind:
    """A kind of sound.

    Attributes
    ----------
    low, high : float
        Lowest and highest MIDI number.
    slope : float
        Partial k has amplitude k ** -slope.
    recipe : tuple of float
        Factors of partials 1, 2, ..., repeated; 1 for all where empty.
    first_db : float
        Added to the first partial.
    vibrato : tuple of float
        Range of its depth (semitones, to one side).
    attack_s, ring_s : float
        Attack, and the time in which a plucked tone falls by 60 dB (0: held).
    breath_db : float
        Noise that goes with the tone, re the tone (dB).
    glides : float
        Share of changes of note that slide, and of starts that are scooped.
    voice : float
        Scale of the formants; 0: no voice.
    """

    low: float
    high: float
    slope: float
    recipe: tuple[float, ...] = ()
    first_db: float = 0.0
    vibrato: tuple[float, float] = (0.0, 0.2)
    attack_s: float = 0.03
    ring_s: float = 0.0
    breath_db: float = -60.0
    glides: float = 0.3
    voice: float = 0.0


KINDS = {
    "low voice": Kind(36, 62, 0.9, vibrato=(0.2, 0.7), breath_db=-26, glides=0.7, voice=0.95),
    "high voice": Kind(55, 82, 0.9, vibrato=(0.2, 0.8), breath_db=-24, glides=0.7, voice=1.15),
    "low strings": Kind(36, 62, 1.0, (), -4.0, (0.1, 0.4), 0.06, glides=0.5),
    "high strings": Kind(55, 88, 1.1, (), 0.0, (0.1, 0.5), 0.05, glides=0.5),
    "flute": Kind(60, 90, 2.2, (), 0.0, (0.1, 0.3), 0.04, breath_db=-16, glides=0.2),
    "clarinet": Kind(50, 84, 1.0, (1.0, 0.08), 0.0, (0.0, 0.05), 0.03, breath_db=-32, glides=0.1),
    "bassoon": Kind(35, 62, 0.7, (), -18.0, (0.05, 0.2), 0.03, breath_db=-34, glides=0.1),
    "brass": Kind(40, 74, 0.8, (), -6.0, (0.0, 0.3), 0.05, glides=0.4),
    "plucked": Kind(40, 78, 1.4, (), 0.0, (0.0, 0.1), 0.004, ring_s=2.2, glides=0.0),
    "whistle": Kind(68, 90, 4.0, (), 0.0, (0.1, 0.5), 0.04, breath_db=-20, glides=0.6),
    "synth lead": Kind(46, 82, 0.6, (1.0, 0.5, 1.0, 0.2), 0.0, (0.0, 0.3), 0.01, glides=0.8),
    "bass": Kind(35, 57, 1.2, (), -3.0, (0.0, 0.05), 0.006, ring_s=3.0, glides=0.2),
}


class LinePlayer:
    """A player of one kind, drawn by name.

    Parameters
    ----------
    kind : str
        Of ``KINDS``.
    owner : str
        Names its dice.
    seed, sr : int
    """

    def __init__(self, kind: str, owner: str, seed: int, sr: int) -> None:
        own = random_for(seed, owner)
        self.kind, self.sr = KINDS[kind], sr
        span = own.uniform(15, 22)
        low = own.uniform(self.kind.low, max(self.kind.high - span, self.kind.low + 0.5))
        self.low, self.high = low, min(low + span, self.kind.high)
        self.tuning = own.uniform(-0.5, 0.5)
        self.vibrato, self.vibrato_hz = own.uniform(*self.kind.vibrato), own.uniform(4.5, 7.0)
        recipe = np.resize(np.array(self.kind.recipe or (1.0,)), MOST_PARTIALS)
        k = np.arange(1, MOST_PARTIALS + 1)
        slope = self.kind.slope + own.uniform(-0.2, 0.2)
        self.partials = steady(own.uniform(0.5, 1.0, MOST_PARTIALS) * recipe * k**-slope)
        self.partials[0] *= db(self.kind.first_db + own.uniform(-3, 3))
        self.attack_s = self.kind.attack_s * own.uniform(0.8, 1.4)
        self.release_s = own.uniform(0.02, 0.06)
        self.ring_s = self.kind.ring_s * own.uniform(0.7, 1.3)
        self.breath_db = self.kind.breath_db + own.uniform(-4, 4)
        self.vowels = own.permutation(len(VOWELS))[:3]
        self.snr_db, self.level_db = own.uniform(15, 45), own.uniform(-28, -16)

    def envelope(self, n: int) -> np.ndarray:
        """Loudness of a run of ``n`` samples, peak near 1."""
        shape = fades(
            n,
            min(int(self.attack_s * self.sr), n // 3),
            min(int(self.release_s * self.sr), n // 3),
        )
        return shape * decay(n, self.sr, self.ring_s) if self.ring_s else shape

    def tone(self, hz: np.ndarray, envelope: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
        """The sound of a run with that fundamental (Hz, one a sample), shape (n,)."""
        count = max(1, min(MOST_PARTIALS, int(0.45 * self.sr / hz.max())))
        table = wavetable(self.partials[:count])
        sound = lookup(table, phase(hz, self.sr))
        if self.kind.voice:
            at = VOWELS[self.vowels[rng.randint(len(self.vowels))]] * self.kind.voice
            width = np.array([80.0, 110.0, 160.0])
            sound = sosfilt(resonators(at, width, self.sr), sound)
        sound = sound * float(steady(1 / max(rms(sound), 1e-9)))
        breath = lowpass(white(rng, len(hz)), 3000.0, self.sr)
        return (sound + breath * float(steady(db(self.breath_db) / rms(breath)))) * envelope
