"""A band plays a dance: percussion, bass, chords and, in some clips, a tune."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mirbench.corpora.synthetic.catalogue_score import PROGRESSIONS, SCALES
from mirbench.corpora.synthetic.rhythm_band import Band
from mirbench.corpora.synthetic.rhythm_table import BASS_NOTES, LEVELS, Rhythm, Ways, beats, hits
from mirbench.corpora.synthetic.signals import db, midi_hz, rms, steady

LEFT_OUT = {"X": 0.03, "x": 0.12, "o": 0.25}  # share of hits that a player leaves out
ADDED = 0.05  # soft hits added, a half beat
UNEVEN_S = 0.008  # a hit comes at most so early or late
TUNE = 0.6  # share of clips that have one
TUNE_LENGTHS = (0.5, 1.0, 1.0, 2.0)
BASS, CHORDS, LEAD = 40, 57, 69  # MIDI note that the layer plays around


class Clip:
    """The grid and the harmony of one clip.

    Parameters
    ----------
    rhythm : Rhythm
    duration_s : float
    sr : int
    rng : RandomState
        The clip's dice.
    """

    def __init__(
        self, rhythm: Rhythm, duration_s: float, sr: int, rng: np.random.RandomState
    ) -> None:
        self.rhythm, self.sr, self.rng, self.n = rhythm, sr, rng, int(duration_s * sr)
        self.tempo = int(rng.uniform(*rhythm.tempo) * 10) / 10
        self.beat_s = 60 / self.tempo
        self.swing, self.second = rng.uniform(*rhythm.swing), rng.uniform(*rhythm.second)
        # two bars are the longest pattern: the clip starts anywhere in them
        self.offset_s = rng.random_sample() * 2 * rhythm.bar * self.beat_s
        self.beats = int((duration_s + self.offset_s) / self.beat_s) + 1
        self.scale = SCALES[("major", "minor")[rng.randint(2)]]
        self.root = int(rng.randint(12))
        self.progression = PROGRESSIONS[rng.randint(len(PROGRESSIONS))]

    def seconds(self, beat: float) -> float:
        """When a beat of the grid comes, re the start of the clip (negative before it)."""
        whole = int(beat)
        part = beat - whole
        low, high = self._beat(whole), self._beat(whole + 1)
        if part < 0.5:
            part = 2 * part * self.swing
        else:
            part = self.swing + (2 * part - 1) * (1 - self.swing)
        return (low + part * (high - low)) * self.beat_s - self.offset_s

    def _beat(self, whole: int) -> float:
        return whole - 1 + self.second if whole % self.rhythm.bar == 1 else float(whole)

    def hz(self, degree: int, centre: int, add: int = 0) -> float:
        """Frequency of a degree of the scale whose root is within half an octave of ``centre``."""
        octave, step = divmod(degree, len(self.scale))
        base = centre - 6 + (self.root - (centre - 6)) % 12
        return midi_hz(base + 12 * octave + self.scale[step] + add)

    def chord(self, beat: float) -> int:
        """Degree that the harmony of this bar stands on."""
        return self.progression[int(beat // self.rhythm.bar) % len(self.progression)]

    def hits(self, ways: Ways) -> Iterator[tuple[float, str]]:
        """One of the ways, repeated over the clip, as (beat, sign)."""
        pattern = ways[self.rng.randint(len(ways))]
        for start in range(0, self.beats, beats(pattern)):
            for beat, sign in hits(pattern):
                yield start + beat, sign

    def put(self, layer: np.ndarray, note: np.ndarray, beat: float, level: float) -> None:
        """Mix in a note near a beat; what lies before the start or past the end is cut."""
        late_s = self.rng.uniform(-UNEVEN_S, UNEVEN_S)
        level = level * self.rng.uniform(0.85, 1.0)
        start = int(np.floor((self.seconds(beat) + late_s) * self.sr))
        note = note[max(0, -start) : max(0, self.n - start)]
        start = max(start, 0)
        layer[start : start + len(note)] += level * note


def perform(
    band: Band, rhythm: Rhythm, duration_s: float, sr: int, rng: np.random.RandomState
) -> tuple[np.ndarray, float]:
    """A clip before its recording, shape (n,), and its tempo in beats a minute."""
    clip = Clip(rhythm, duration_s, sr, rng)
    layers = {
        "percussion": _percussion(band, clip),
        "bass": _bass(band, clip),
        "chords": _chords(band, clip),
    }
    if rng.random_sample() < TUNE:
        layers["lead"] = _tune(band, clip)
    mix = np.zeros(clip.n)
    for role, layer in layers.items():
        mix += layer * float(steady(db(band.mix_db[role]) / max(rms(layer), 1e-6)))
    return mix, clip.tempo


def _percussion(band: Band, clip: Clip) -> np.ndarray:
    out = np.zeros(clip.n)
    for role, hit in band.kit.items():
        for beat, sign in clip.hits(getattr(clip.rhythm, role)):
            if clip.rng.random_sample() >= LEFT_OUT[sign]:
                clip.put(out, hit, beat, LEVELS[sign])
        for k in range(2 * clip.beats):
            if clip.rng.random_sample() < ADDED:
                clip.put(out, hit, k / 2, LEVELS["o"])
    return out


def _bass(band: Band, clip: Clip) -> np.ndarray:
    out, line = np.zeros(clip.n), list(clip.hits(clip.rhythm.bass))
    for (beat, sign), (following, _) in zip(line, [*line[1:], (clip.beats, "")]):
        degree, add = BASS_NOTES[sign]
        hz = clip.hz(clip.chord(beat) + degree, BASS, add)
        length_s = clip.rhythm.bass_gate * min(following - beat, 2.0) * clip.beat_s
        clip.put(out, band.note("bass", (hz,), length_s), beat, 1.0)
    return out


def _chords(band: Band, clip: Clip) -> np.ndarray:
    out, line = np.zeros(clip.n), list(clip.hits(clip.rhythm.chords))
    for (beat, sign), (following, _) in zip(line, [*line[1:], (clip.beats, "")]):
        if clip.rng.random_sample() < LEFT_OUT[sign]:
            continue
        hz = tuple(clip.hz(clip.chord(beat) + degree, CHORDS) for degree in (0, 2, 4))
        length_s = clip.rhythm.chord_gate * min(following - beat, 1.0) * clip.beat_s
        clip.put(out, band.note("chords", hz, length_s), beat, LEVELS[sign])
    return out


def _tune(band: Band, clip: Clip) -> np.ndarray:
    """Steps over the chords, in lengths that are the same for all dances."""
    out, beat, degree = np.zeros(clip.n), 0.0, int(clip.rng.randint(7))
    while beat < clip.beats:
        length = TUNE_LENGTHS[clip.rng.randint(len(TUNE_LENGTHS))]
        degree = min(max(degree + int(clip.rng.randint(-2, 3)), -3), 9)
        if clip.rng.random_sample() < 0.8:
            note = band.note("lead", (clip.hz(degree, LEAD),), 0.8 * length * clip.beat_s)
            clip.put(out, note, beat, 1.0)
        beat += length
    return out
