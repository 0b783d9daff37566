"""Eight dances: their bars, who plays when, how even the beats are, and how fast they go.

A pattern is one or two bars; beats are separated by spaces and divided by their number of signs, so
``"X. xo"`` is two beats of two halves each. ``X`` is an accent, ``x`` a plain and ``o`` a soft hit,
``.`` nothing; a bass has the note of the chord (``R`` root, ``T`` third, ``F`` fifth, ``O`` octave).
Each list holds ways to play the same dance. After dance handbooks and drum methods, from memory; the
ranges of tempo are our choice, much wider than at dance competitions, so that tempo alone doesn't
tell the dance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEVELS = {"X": 1.0, "x": 0.65, "o": 0.35}
BASS_NOTES = {"R": (0, 0), "T": (2, 0), "F": (4, 0), "O": (0, 12)}  # degree, semitones added

Ways = tuple[str, ...]
Span = tuple[float, float]


@dataclass(frozen=True)
class Rhythm:
    """A dance.

    Attributes
    ----------
    bar : int
        Beats of a bar.
    tempo : (low, high)
        Range in beats a minute.
    low, high, tick : tuple of str
        Ways of the three percussion instruments.
    bass, chords : tuple of str
    swing : (low, high)
        Where the second half of a beat comes, in beats: 0.5 is even, 0.67 a triplet.
    second : (low, high)
        Where the second beat of a bar comes, in beats: 1 but in the Viennese waltz, which hurries.
    bass_gate, chord_gate : float
        Share of its time that a note sounds.
    """

    bar: int
    tempo: Span
    low: Ways
    high: Ways
    tick: Ways
    bass: Ways
    chords: Ways
    swing: Span = (0.5, 0.5)
    second: Span = (1.0, 1.0)
    bass_gate: float = 0.85
    chord_gate: float = 0.6


RHYTHMS: Mapping[str, Rhythm] = {
    "waltz": Rhythm(
        3,
        (80, 125),
        low=("X . .", "X . o", "X . . x . o"),
        high=(". x x", ". x xo"),
        tick=("xo xo xo", "x. xo xo"),
        bass=("R . .", "R . . F . .", "R . F"),
        chords=(". x x", ". x xo"),
    ),
    "viennese waltz": Rhythm(
        3,
        (105, 190),
        low=("X . .", "X . . x . ."),
        high=(". X o", ". X ."),
        tick=("x x x", "x . x"),
        bass=("R . .", "R . . F . ."),
        chords=(". X x", ". X o"),
        second=(0.8, 0.9),
        chord_gate=0.4,
    ),
    "tango": Rhythm(
        4,
        (100, 140),
        low=("X . X .", "X .x x x"),
        high=(". . . .oxX", ". x . .oox"),
        tick=("x x x x", "X . x ."),
        bass=("R R F F", "R .F R F"),
        chords=("X x X x", "X .x X x", "X x X xX"),
        bass_gate=0.4,
        chord_gate=0.25,
    ),
    "samba": Rhythm(
        2,
        (84, 130),
        low=("o..x X...", "o... X..x", "o..x X..x"),
        high=("x.x. xx.x .x.x .xx.", "..x. x.xx .x.x .x.x"),
        tick=("xoox xoox", "Xoox xoox", "x.xx x.xx"),
        bass=("R..R F..F", "R... F..R"),
        chords=("x..x ..x. .x.. x.x.", ".x.x x..x .x.x x..."),
        chord_gate=0.5,
    ),
    "rumba": Rhythm(
        4,
        (80, 125),
        low=("x . x X", "x . . X", ". . xo X"),
        high=("X. .X .. X. .. X. X. ..", ".. X. X. .. X. .X .. X."),
        tick=("xo xo xo xo", "xx xo xx xo"),
        bass=("R . F F", "R . F R"),
        chords=("x. .x .x x.", ".x .x x. x."),
        bass_gate=0.95,
        chord_gate=0.9,
    ),
    "cha-cha": Rhythm(
        4,
        (95, 140),
        low=(".. .. .. XX", "o. .. .. XX"),
        high=(".. X. .. x.", "X. x. X. x."),
        tick=("x. xo x. xo", "x. xx x. xx"),
        bass=("R. .F .. F.", "R. .F .. R."),
        chords=("X. .x .x .x", ".x .x .x xx"),
        chord_gate=0.5,
    ),
    "jive": Rhythm(
        4,
        (128, 185),
        low=("X . X .", "X x X x"),
        high=(". X . X", ". X . Xo"),
        tick=("x. xo x. xo", "xo xo xo xo"),
        bass=("R T F O", "RR TT FF TT", "R T F T"),
        chords=(".x .. .x ..", "x. .x .. .."),
        swing=(0.6, 0.68),
        bass_gate=0.9,
        chord_gate=0.4,
    ),
    "quickstep": Rhythm(
        4,
        (140, 205),
        low=("X . X .", "X . X o"),
        high=(".o x. .o x.", ".. x. .. xx"),
        tick=("x x x x", "xx x xx x"),
        bass=("R . F .", "R . F F"),
        chords=(". X . X", "X. .X .. .."),
        swing=(0.5, 0.55),
        bass_gate=0.6,
        chord_gate=0.5,
    ),
}


def hits(pattern: str) -> list[tuple[float, str]]:
    """Hits of a pattern as (beat, sign): ``"X. .o"`` -> ``[(0.0, "X"), (1.5, "o")]``."""
    return [
        (beat + k / len(signs), sign)
        for beat, signs in enumerate(pattern.split())
        for k, sign in enumerate(signs)
        if sign != "."
    ]


def beats(pattern: str) -> int:
    """Length of a pattern in beats."""
    return len(pattern.split())
