"""From the attributes of a track to its sound: a score for percussion, bass, backing and lead."""

from __future__ import annotations

import numpy as np

from mirbench.corpora.synthetic import catalogue_drums, catalogue_lead
from mirbench.corpora.synthetic.catalogue_effects import add_effect, shape
from mirbench.corpora.synthetic.catalogue_plan import Plan
from mirbench.corpora.synthetic.catalogue_sounds import SHIFT, Player
from mirbench.corpora.synthetic.catalogue_table import HELD
from mirbench.corpora.synthetic.signals import db, midi_hz, random_for, rms, steady

TEMPI = {"slow": (62, 76), "medium tempo": (96, 112), "fast": (144, 168)}  # beats a minute
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "pentatonic": (0, 2, 4, 7, 9),
    "whole tone": (0, 2, 4, 6, 8, 10),
    "chromatic": tuple(range(12)),
}
CHORDS = {  # degrees of a chord, the fourth for sevenths
    "major": (0, 2, 4, 6),
    "minor": (0, 2, 4, 6),
    "pentatonic": (0, 2, 3, 4),
    "whole tone": (0, 2, 4, 5),
    "chromatic": (0, 3, 6, 9),
}
PROGRESSIONS = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (0, 2, 3, 1))
LEVEL_DB = {"lead": 0.0, "backing": -5.0, "bass": -4.0, "percussion": -5.0}


class Score:
    """The grid, the keys and the growing layers of one track.

    Parameters
    ----------
    plan : mapping of attribute to value
    owner : str
        The artist, as the name of its dice.
    duration_s : float
    sr : int
    seed : int
    rng : RandomState
        The track's own dice.
    """

    def __init__(
        self,
        plan: Plan,
        owner: str,
        duration_s: float,
        sr: int,
        seed: int,
        rng: np.random.RandomState,
    ) -> None:
        self.plan, self.rng, self.sr = plan, rng, sr
        self.n, self.duration_s = int(duration_s * sr), duration_s
        self.beat_s = float(60 / rng.uniform(*TEMPI[plan["tempo"]]))
        self.bar = 3 if plan["metre"] else 4
        self.beats = int(duration_s / self.beat_s) + 1
        self.scale, self.chord_degrees = SCALES[plan["mode"]], CHORDS[plan["mode"]]
        self.root = int(rng.randint(12))
        self.progression: tuple[int, ...] = PROGRESSIONS[rng.randint(len(PROGRESSIONS))]
        if plan["harmony"]:
            self.progression = (0,)
        shift = SHIFT[plan["brightness"]]
        self.players = {
            role: Player(
                plan[role],
                random_for(seed, f"{owner}/{plan[role]}"),
                shift if role != "bass" else 0.0,
                sr,
            )
            for role in ("lead", "backing", "bass")
            if plan[role]
        }

    def seconds(self, beat: float) -> float:
        """When a beat comes; with swing the second half of a beat is late."""
        whole = float(np.floor(beat))
        part = beat - whole
        if self.plan["swing"]:
            part = part * 4 / 3 if part < 0.5 else 2 / 3 + (part - 0.5) * 2 / 3
        return (whole + part) * self.beat_s

    def hz(self, degree: int, centre: int) -> float:
        """Frequency of a degree of the scale whose root is nearest below ``centre`` (MIDI) + 6."""
        octave, step = divmod(degree, len(self.scale))
        base = centre - 6 + (self.root - (centre - 6)) % 12
        return midi_hz(base + 12 * octave + self.scale[step])

    def chord(self, beat: float) -> int:
        """Degree that the harmony stands on."""
        change = 3 if self.bar == 3 else 2
        return self.progression[int(beat // change) % len(self.progression)]

    def put(self, layer: np.ndarray, note: np.ndarray, beat: float, level: float = 1.0) -> None:
        """Mix in a note at a beat; what runs past the end is cut."""
        start = int(self.seconds(beat) * self.sr)
        note = note[: max(0, self.n - start)]
        layer[start : start + len(note)] += level * note


def perform(score: Score) -> np.ndarray:
    """The track before its recording, shape (n,)."""
    layers = {"lead": catalogue_lead.play(score)}
    if score.plan["backing"]:
        layers["backing"] = _backing(score)
    if score.plan["bass"]:
        layers["bass"] = _bass(score)
    if score.plan["percussion"]:
        layers["percussion"] = catalogue_drums.play(score)
    for role, layer in layers.items():
        level = db(LEVEL_DB[role] + score.rng.uniform(-1.5, 1.5)) / max(rms(layer), 1e-6)
        layers[role] = layer * float(steady(level))
    bare = np.zeros(score.n)
    pitched = layers["lead"] + layers.get("backing", bare)
    pitched = add_effect(pitched, score.plan["effect"], score.beat_s, score.sr)
    pitched = pitched + layers.get("bass", bare)
    return shape(pitched, layers.get("percussion", bare), score)


def _backing(score: Score) -> np.ndarray:
    plan, out = score.plan, np.zeros(score.n)
    bar, texture = score.bar, plan["texture"]
    if texture == "drone":
        for hz in (score.hz(0, 48), score.hz(0, 48) * 1.5, score.hz(0, 60)):
            _strike(score, out, hz, 0.0, score.beats)
    elif texture == "arpeggio":
        for k in range(2 * score.beats):
            notes = _notes(score, k / 2)
            _strike(score, out, notes[(0, 1, 2, 3, 2, 1)[k % 6] % len(notes)], k / 2, 0.9)
    else:
        hold = (3 if bar == 3 else 2) if texture == "sustained chords" else 1
        for beat in range(0, score.beats, hold):
            at = beat + 0.5 if texture == "off-beat chords" else float(beat)
            length = {"sustained chords": hold, "repeated chords": 0.8}.get(texture, 0.35)
            for hz in _notes(score, beat):
                _strike(score, out, hz, at, length)
    return out


def _notes(score: Score, beat: float) -> list[float]:
    """Frequencies of the chord at a beat, lowest first, four of them."""
    plan, on = score.plan, score.chord(beat)
    root = score.hz(on, 54)
    if plan["chord"] == "power chords":
        fifth, octave = root * 1.5, root * 2
        return [root, fifth, octave, octave * 1.5]
    degrees = score.chord_degrees
    top = degrees[3] if plan["chord"] else len(score.scale)
    return [score.hz(on + d, 54) for d in (*degrees[:3], top)]


def _strike(score: Score, out: np.ndarray, hz: float, beat: float, length: float) -> None:
    """A note of the backing, twice a little out of tune where there is a chorus."""
    player, plan = score.players["backing"], score.plan
    length_s = score.seconds(beat + length) - score.seconds(beat)
    if plan["backing"] not in HELD:
        length_s = max(length_s, 0.25)  # strings ring on
    copies = (hz * 0.993, hz * 1.007) if plan["chorus"] else (hz,)
    for copy in copies:
        score.put(out, player.play(copy, length_s, score.rng), beat)


def _bass(score: Score) -> np.ndarray:
    plan, player, out = score.plan, score.players["bass"], np.zeros(score.n)
    centre = 36
    if plan["bass line"] == "octave bass":
        for k in range(2 * score.beats):
            hz = score.hz(score.chord(k / 2), centre) * (1 + k % 2)
            score.put(out, player.play(hz, 0.45 * score.beat_s, score.rng), k / 2)
        return out
    walking = plan["bass line"] == "walking bass"
    degree = 0
    for beat in range(score.beats):
        on = score.chord(beat)
        if walking:
            degree = on if beat % score.bar == 0 else degree + (1, 1, -1, 2)[score.rng.randint(4)]
            score.put(
                out,
                player.play(score.hz(degree, centre), 0.95 * score.beat_s, score.rng),
                float(beat),
            )
        elif beat % (3 if score.bar == 3 else 2) == 0:
            score.put(
                out,
                player.play(score.hz(on, centre), 1.6 * score.beat_s, score.rng),
                float(beat),
            )
    return out
