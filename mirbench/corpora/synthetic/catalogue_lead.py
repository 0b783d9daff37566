"""The melody of a catalogue's track: its rhythm, its way, and how it is played."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mirbench.corpora.synthetic.catalogue_score import Score

LENGTHS = {"": (0.5, 0.5, 1.0, 1.0, 1.5), "sparse": (1.5, 2.0, 2.0), "busy": (0.25, 0.25, 0.5)}
GATE = {"": 0.75, "staccato": 0.28, "legato": 1.1}  # how much of its time a note sounds
CENTRE = {"": 69, "high register": 83, "low register": 52}
OWN_CENTRE = {"high voice": 72, "low voice": 52, "whistle": 78}
STEPS = {
    "": (-2, -1, 1, 2),
    "rising melody": (1, 1, 1, 2),
    "falling melody": (-1, -1, -1, -2),
    "leaping melody": (-6, -5, -4, 4, 5, 6),
    "repeated notes": (0, 0, 0, 0, 1, -1),
}
REST = 0.12  # share of notes left out
TREMOLO_HZ = 7.5


def play(score: Score) -> np.ndarray:
    """The lead, shape (n,)."""
    plan, player, rng = score.plan, score.players["lead"], score.rng
    centre = CENTRE[plan["register"]]
    if not plan["register"]:
        centre = OWN_CENTRE.get(plan["lead"], centre)
    out, before = np.zeros(score.n), 0.0
    for turn, (beat, length, degree) in enumerate(_melody(score)):
        hz = score.hz(degree, centre)
        length_s = score.seconds(beat + length) - score.seconds(beat)
        came_from = before if plan["ornament"] == "glide" else 0.0
        for voice, level in _doubled(score, degree, centre, hz):
            note = player.play(
                voice,
                length_s * GATE[plan["articulation"]],
                rng,
                came_from_hz=came_from * voice / hz,
                vibrato=plan["ornament"] == "vibrato",
                turn=turn,
            )
            score.put(out, note, beat, level * rng.uniform(0.85, 1.0))
        before = hz
    if plan["ornament"] == "tremolo":
        cycles = (np.arange(score.n) * (TREMOLO_HZ / score.sr)) % 1.0
        out *= 0.25 + 1.5 * np.minimum(cycles, 1 - cycles)
    return out


def _melody(score: Score) -> Iterator[tuple[float, float, int]]:
    """Notes as (beat, length in beats, degree of the scale).

    A melody without a way of its own opens with the notes of the chord, so that the mode is heard.
    """
    rng, way = score.rng, score.plan["contour"]
    chord, span = score.chord_degrees[:3], len(score.scale)
    low, high = -(span // 2), span
    opening = [int(k) for k in rng.permutation(chord)] if not way else []
    degree = low if way == "rising melody" else int(chord[rng.randint(3)])
    lengths, steps = LENGTHS[score.plan["density"]], STEPS[way]
    beat = 0.0
    while beat < score.beats:
        length = min(lengths[rng.randint(len(lengths))], score.beats - beat)
        if opening:
            degree = opening.pop()
            yield beat, length, degree
        elif beat == 0 or rng.random_sample() > REST:
            yield beat, length, degree
        degree += steps[rng.randint(len(steps))]
        if (
            not low <= degree <= high
        ):  # a run starts over at the other end, others at a chord's note
            run = way in ("rising melody", "falling melody")
            degree = (low if degree > high else high) if run else int(chord[rng.randint(3)])
        beat += length


def _doubled(score: Score, degree: int, centre: int, hz: float) -> list[tuple[float, float]]:
    """The note and the one that goes with it, as (Hz, level)."""
    if score.plan["doubling"] == "in octaves":
        return [(hz, 1.0), (2 * hz, 0.7)]
    if score.plan["doubling"] == "in thirds":
        return [(hz, 1.0), (score.hz(degree + score.chord_degrees[1], centre), 0.8)]
    return [(hz, 1.0)]
