"""A dance band: its instruments, tuning, balance and production, whatever it plays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mirbench.corpora.synthetic.catalogue_drums import blip, boom, clap
from mirbench.corpora.synthetic.catalogue_production import Production, draw_production
from mirbench.corpora.synthetic.catalogue_sounds import Player
from mirbench.corpora.synthetic.instruments import hand_drum, hat, kick, snare
from mirbench.corpora.synthetic.signals import random_for, steady

BASSES = ("plucked bass", "synth bass", "sub bass")
BACKINGS = ("guitar", "electric piano", "harpsichord", "organ", "harp", "mallets")
LEADS = ("reed", "brass", "flute", "synth lead", "bowed strings", "high voice")
BALANCE_DB = (-7.0, 0.0)  # of a layer in the mix
HIT_DB = (-6.0, 0.0)  # of one of the three percussion instruments
TUNING_CENTS = 60.0
NO_TICK = 0.2  # share of bands whose third percussionist is missing


@dataclass(frozen=True)
class Band:
    """A band.

    Attributes
    ----------
    name : str
    kit : dict of str to ndarray
        One hit each of ``low``, ``high`` and, in most bands, ``tick``.
    players : dict of str to Player
        Of ``bass``, ``chords`` and ``lead``.
    mix_db : dict of str to float
        RMS of each layer.
    tuning : float
        Factor on all frequencies.
    production : Production
    notes : dict
        Notes that it has played already.
    """

    name: str
    kit: dict[str, np.ndarray]
    players: dict[str, Player]
    mix_db: dict[str, float]
    tuning: float
    production: Production
    notes: dict[tuple[str, tuple[float, ...], int], np.ndarray] = field(default_factory=dict)

    def note(self, role: str, hz: tuple[float, ...], length_s: float) -> np.ndarray:
        """Notes of one player struck together, of ``length_s`` rounded to 10 ms."""
        steps = max(5, int(100 * length_s + 0.5))
        key = (role, hz, steps)
        if key not in self.notes:
            rng = np.random.RandomState(steps)  # its breath, the same in whatever clip
            played = [self.players[role].play(f * self.tuning, steps / 100, rng) for f in hz]
            self.notes[key] = np.sum(played, axis=0)
        return self.notes[key]


def draw_band(owner: str, name: str, seed: int, sr: int) -> Band:
    """The band with the dice of ``owner``."""
    own = random_for(seed, owner)
    kit = _kit(sr, own)
    kinds = {
        "bass": BASSES[own.randint(len(BASSES))],
        "chords": BACKINGS[own.randint(len(BACKINGS))],
        "lead": LEADS[own.randint(len(LEADS))],
    }
    return Band(
        name=name,
        kit=kit,
        players={r: Player(kind, own, own.uniform(-0.4, 0.6), sr) for r, kind in kinds.items()},
        mix_db={layer: own.uniform(*BALANCE_DB) for layer in ("percussion", *kinds)},
        tuning=float(steady(2.0 ** (own.uniform(-TUNING_CENTS, TUNING_CENTS) / 1200))),
        production=draw_production(own),
    )


def _kit(sr: int, own: np.random.RandomState) -> dict[str, np.ndarray]:
    """The three percussion instruments: any low one, any high one, any ticking one."""
    size = own.uniform(0.8, 1.25)
    low = (
        lambda: kick(sr, 55 * size),
        lambda: boom(sr, 48 * size),
        lambda: hand_drum(sr, own, 90 * size),
    )
    high = (
        lambda: snare(sr, own, 190 * size),
        lambda: clap(sr, own),
        lambda: hand_drum(sr, own, 260 * size),
        lambda: blip(sr, 1100 * size),
    )
    tick = (
        lambda: hat(sr, own, own.uniform(0.05, 0.2)),
        lambda: blip(sr, 3200 * size),
        lambda: hand_drum(sr, own, 520 * size),
    )
    kit = {}
    for role, makers in (("low", low), ("high", high), ("tick", tick)):
        hit = makers[own.randint(len(makers))]()
        level = 10.0 ** (own.uniform(*HIT_DB) / 20) / np.abs(hit).max()
        kit[role] = hit * float(steady(level))
    if own.random_sample() < NO_TICK:
        del kit["tick"]
    return kit
