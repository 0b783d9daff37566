"""What is played and where: instruments and databases of the embedded notes, as numbers.

Every span is cut into thirds, one a database (see `mirbench.corpora.synthetic.notes`). The numbers are
our choice, within what such instruments and rooms show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mirbench.corpora.synthetic.note_decaying import bar, string
from mirbench.corpora.synthetic.note_held import air_jet, bowed, brass, reed

SR = 22050
DYNAMICS = {"p": 0.3, "mf": 0.55, "f": 1.0}  # force of the player


@dataclass(frozen=True)
class Instrument:
    """An instrument of the task.

    Attributes
    ----------
    family : str
    play : callable
        ``play(hz, force, n, sr, rng, **settings)``: one dry note.
    pitches : tuple of int
        Lowest and highest MIDI number.
    body : tuple of (Hz, Q, gain)
        Resonances that are heard on top of the direct sound.
    spans : mapping
        Range of each setting of ``play``.
    """

    family: str
    play: Callable[..., np.ndarray]
    pitches: tuple[int, int]
    body: tuple[tuple[float, float, float], ...]
    spans: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Database:
    """How a database was made.

    Attributes
    ----------
    length_s : tuple of float
        Range of a note's length (s).
    reach : tuple of float
        Part of each instrument's range that is sampled.
    step_db : float
        What a dynamic step changes the level by (dB); 0 where every note was normalised.
    level_db : float
        RMS level of a loud note re full scale (dB).
    wet, t60_s : float
        Reverberation re the direct sound, and its T60 (s).
    low_hz, high_hz : float
        First-order skirts of the microphone (Hz).
    presence : tuple of (Hz, Q, gain)
        Its resonance.
    hiss_db, hum_db : float
        White noise, and 50-Hz hum with its harmonics, re full scale (dB).
    lacks : tuple of str
        Instruments that it doesn't have.
    """

    length_s: tuple[float, float]
    reach: tuple[float, float]
    step_db: float
    level_db: float
    wet: float
    t60_s: float
    low_hz: float
    high_hz: float
    presence: tuple[float, float, float]
    hiss_db: float
    hum_db: float
    lacks: tuple[str, ...] = ()


DATABASES = {
    "hall": Database(
        length_s=(1.7, 2.0),
        reach=(0.0, 0.85),
        step_db=3.0,
        level_db=-22.0,
        wet=0.12,
        t60_s=1.3,
        low_hz=30.0,
        high_hz=9000.0,
        presence=(5000.0, 1.0, 0.3),
        hiss_db=-84.0,
        hum_db=-90.0,
    ),
    "booth": Database(
        length_s=(1.2, 1.5),
        reach=(0.1, 0.9),
        step_db=0.0,
        level_db=-18.0,
        wet=0.06,
        t60_s=0.2,
        low_hz=60.0,
        high_hz=10500.0,
        presence=(3000.0, 0.8, 0.6),
        hiss_db=-84.0,
        hum_db=-95.0,
    ),
    "attic": Database(
        length_s=(1.4, 1.7),
        reach=(0.15, 1.0),
        step_db=2.0,
        level_db=-24.0,
        wet=0.15,
        t60_s=0.5,
        low_hz=110.0,
        high_hz=5000.0,
        presence=(1800.0, 1.2, 0.8),
        hiss_db=-70.0,
        hum_db=-74.0,
        lacks=("trombone", "xylophone_marimba"),
    ),
}

INSTRUMENTS = {
    "cello": Instrument(
        "strings",
        bowed,
        (36, 72),
        (
            (98, 8, 1.5),
            (175, 12, 2.0),
            (220, 12, 1.5),
            (400, 8, 1.0),
            (900, 4, 0.8),
            (2000, 3, 0.7),
        ),
        {
            "position": (0.07, 0.16),
            "corner_hz": (1500.0, 4000.0),
            "attack_s": (0.07, 0.25),
            "vibrato": (0.002, 0.012),
            "rate_hz": (4.6, 6.0),
            "bow_db": (-40.0, -24.0),
        },
    ),
    "clarinet": Instrument(
        "woodwind",
        reed,
        (50, 89),
        ((1500, 2, 0.5), (2800, 3, 0.4)),
        {
            "slope": (0.6, 1.4),
            "even": (0.01, 0.15),
            "cutoff_hz": (1100.0, 1900.0),
            "attack_s": (0.04, 0.14),
            "vibrato": (0.0, 0.003),
            "breath_db": (-50.0, -32.0),
        },
    ),
    "flute": Instrument(
        "woodwind",
        air_jet,
        (60, 94),
        ((800, 2, 0.3), (1600, 2, 0.3)),
        {
            "fall_db": (5.0, 11.0),
            "second_db": (0.0, 10.0),
            "attack_s": (0.06, 0.2),
            "vibrato": (0.001, 0.006),
            "tremolo": (0.03, 0.22),
            "breath_db": (-34.0, -18.0),
            "mouth_hz": (1500.0, 4500.0),
        },
    ),
    "guitar": Instrument(
        "plucked",
        string,
        (40, 81),
        ((102, 10, 1.2), (205, 12, 1.5), (390, 10, 0.8), (620, 8, 0.6)),
        {
            "stiffness": (3e-5, 1.5e-4),
            "position": (0.08, 0.28),
            "slope": (0.7, 1.3),
            "contact_s": (1.5e-4, 6e-4),
            "ring_s": (2.0, 5.0),
            "damping": (900.0, 2600.0),
            "prompt": (0.3, 0.7),
            "knock": (0.003, 0.02),
        },
    ),
    "piano": Instrument(
        "keyboard",
        string,
        (33, 96),
        ((110, 3, 0.5), (260, 3, 0.5), (700, 2, 0.4), (1600, 2, 0.3)),
        {
            "stiffness": (2.5e-4, 8e-4),
            "position": (0.09, 0.14),
            "slope": (0.0, 0.4),
            "contact_s": (9e-4, 2.4e-3),
            "ring_s": (5.0, 10.0),
            "damping": (900.0, 2600.0),
            "prompt": (0.4, 0.8),
            "knock": (0.003, 0.015),
        },
    ),
    "trombone": Instrument(
        "brass",
        brass,
        (40, 70),
        ((500, 2, 0.5), (1100, 2, 0.4)),
        {
            "cutoff_hz": (280.0, 600.0),
            "brassy": (0.6, 1.8),
            "steep": (2.4, 3.6),
            "attack_s": (0.03, 0.09),
            "vibrato": (0.0, 0.005),
            "breath_db": (-48.0, -32.0),
            "slip": (0.005, 0.03),
        },
    ),
    "trumpet": Instrument(
        "brass",
        brass,
        (54, 84),
        ((1200, 2, 0.6), (2300, 2, 0.5)),
        {
            "cutoff_hz": (700.0, 1500.0),
            "brassy": (0.6, 1.8),
            "steep": (2.4, 3.6),
            "attack_s": (0.02, 0.07),
            "vibrato": (0.0, 0.006),
            "breath_db": (-48.0, -32.0),
            "slip": (0.005, 0.03),
        },
    ),
    "violin": Instrument(
        "strings",
        bowed,
        (55, 93),
        ((280, 12, 1.8), (460, 15, 2.0), (550, 15, 2.0), (1000, 5, 0.8), (2600, 2, 1.2)),
        {
            "position": (0.07, 0.16),
            "corner_hz": (3000.0, 7000.0),
            "attack_s": (0.05, 0.2),
            "vibrato": (0.004, 0.016),
            "rate_hz": (5.0, 6.6),
            "bow_db": (-38.0, -22.0),
        },
    ),
    "xylophone_marimba": Instrument(
        "mallet",
        bar,
        (48, 93),
        ((300, 2, 0.3), (1500, 2, 0.3)),
        {
            "undercut": (0.0, 1.0),
            "hardness": (0.15, 0.6),
            "contact_s": (3e-4, 1.2e-3),
            "ring_s": (0.5, 1.6),
            "damping": (1000.0, 2400.0),
            "knock": (0.01, 0.06),
        },
    ),
}
