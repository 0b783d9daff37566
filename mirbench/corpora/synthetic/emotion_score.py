"""From valence and arousal to sound: how a song is played when it is sad, calm, happy or tense.

The cues are those that listening experiments agree on (reviewed by Gabrielsson & Lindström 2010, from
memory): tempo, density, articulation and brightness for arousal; mode, consonance and pitch height for
valence. Their ranges, and how far a song departs from the rule, are our choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mirbench.corpora.synthetic.catalogue_drums import clap
from mirbench.corpora.synthetic.catalogue_score import PROGRESSIONS
from mirbench.corpora.synthetic.catalogue_sounds import Player
from mirbench.corpora.synthetic.instruments import hand_drum, hat, kick, snare
from mirbench.corpora.synthetic.signals import db, midi_hz, random_for, rms, steady

MODES = (  # from bright to dark, each a note lower than the one before
    (0, 2, 4, 5, 7, 9, 11),  # major
    (0, 2, 4, 5, 7, 9, 10),
    (0, 2, 3, 5, 7, 9, 10),
    (0, 2, 3, 5, 7, 8, 10),  # minor
    (0, 1, 3, 5, 7, 8, 10),
)
LENGTHS = (2.0, 1.0, 0.5, 0.25)  # of notes in beats, from sparse to dense
INSTRUMENTS = {
    "lead": ("flute", "reed", "brass", "bowed strings", "synth lead", "high voice", "mallets"),
    "chords": ("organ", "electric piano", "guitar", "harpsichord", "harp"),
    "bass": ("plucked bass", "synth bass", "sub bass"),
}
CENTRE = {"lead": 67, "chords": 57, "bass": 40}  # MIDI note that the layer plays around
DRUMMED = 0.6  # share of songs with percussion


@dataclass(frozen=True)
class Song:
    """What clips of one song share, and how it departs from the rule.

    Attributes
    ----------
    owner : str
        Names the dice of its instruments.
    instruments : dict of str to str
    mix_db : dict of str to float
    kit : tuple of ndarray
        Low, high and ticking sound, or nothing.
    root : int
        Pitch class.
    progression : tuple of int
    pace, density, gate, slope, height : float
        Added to what the rule says of tempo (octaves), density, articulation, brightness and
        pitch (semitones).
    """

    owner: str
    instruments: dict[str, str]
    mix_db: dict[str, float]
    kit: tuple[np.ndarray, ...]
    root: int
    progression: tuple[int, ...]
    pace: float
    density: float
    gate: float
    slope: float
    height: float


@dataclass(frozen=True)
class Playing:
    """How a clip is played.

    Attributes
    ----------
    tempo : float
        Beats a minute: 69 at arousal -1 to 159 at 1.
    density : float
        0 (a note every two beats) to 1 (four notes a beat).
    gate : float
        Share of its time that a note sounds: 1.1 (legato) to 0.3.
    slope : float
        Added to the slope of the partials: 0.8 (dull) to -0.6 (bright).
    mode : int
        Position in ``MODES``.
    clash : float
        Share of chords with a note a semitone beside one of theirs: 0 to 0.6.
    height : float
        Semitones added to the pitch of lead and chords: -7 to 7.
    """

    tempo: float
    density: float
    gate: float
    slope: float
    mode: int
    clash: float
    height: float


def playing(song: Song, valence: float, arousal: float, rng: np.random.RandomState) -> Playing:
    """The rule, and the song's departures from it; ``rng`` settles between two modes."""
    up, dark = (arousal + 1) / 2, (1 - valence) / 2
    mode = int(np.floor(dark * len(MODES) + rng.uniform(-0.5, 0.5)))
    return Playing(
        tempo=float(steady(105.0 * 2.0 ** (0.6 * arousal + song.pace))),
        density=min(max(0.1 + 0.8 * up + song.density, 0.0), 1.0),
        gate=max(1.1 - 0.8 * up + song.gate, 0.2),
        slope=0.8 - 1.4 * up + song.slope,
        mode=min(max(mode, 0), len(MODES) - 1),
        clash=0.6 * dark,
        height=7 * valence + song.height,
    )


def draw_song(owner: str, seed: int, sr: int) -> Song:
    """The song with the dice of ``owner``."""
    own = random_for(seed, owner)
    instruments = {role: kinds[own.randint(len(kinds))] for role, kinds in INSTRUMENTS.items()}
    size = own.uniform(0.85, 1.2)
    kits = (
        (kick(sr, 55 * size), snare(sr, own, 190 * size), hat(sr, own, 0.1)),
        tuple(hand_drum(sr, own, hz * size) for hz in (110, 240, 420)),
        (hand_drum(sr, own, 90 * size), clap(sr, own), hat(sr, own, 0.06)),
    )
    drummed = own.random_sample() < DRUMMED
    return Song(
        owner=owner,
        instruments=instruments,
        mix_db={role: own.uniform(-6, 0) for role in (*instruments, "percussion")},
        kit=kits[own.randint(len(kits))] if drummed else (),
        root=int(own.randint(12)),
        progression=PROGRESSIONS[own.randint(len(PROGRESSIONS))],
        pace=own.uniform(-0.15, 0.15),
        density=own.uniform(-0.1, 0.1),
        gate=own.uniform(-0.1, 0.1),
        slope=own.uniform(-0.3, 0.3),
        height=own.uniform(-4, 4),
    )


def perform(
    song: Song, how: Playing, duration_s: float, sr: int, seed: int, rng: np.random.RandomState
) -> np.ndarray:
    """A clip before its recording, shape (n,)."""
    clip = _Clip(song, how, duration_s, sr, seed, rng)
    layers = {"lead": _lead(clip), "chords": _chords(clip), "bass": _bass(clip)}
    if song.kit:
        layers["percussion"] = _percussion(clip)
    mix = np.zeros(clip.n)
    for role, layer in layers.items():
        mix += layer * float(steady(db(song.mix_db[role]) / max(rms(layer), 1e-6)))
    return mix


class _Clip:
    """Players, scale and grid of one clip."""

    def __init__(
        self,
        song: Song,
        how: Playing,
        duration_s: float,
        sr: int,
        seed: int,
        rng: np.random.RandomState,
    ) -> None:
        self.song, self.how, self.sr, self.rng = song, how, sr, rng
        self.n, self.beat_s = int(duration_s * sr), 60 / how.tempo
        self.beats = int(duration_s / self.beat_s) + 1
        self.scale = MODES[how.mode]
        self.players = {
            role: Player(kind, random_for(seed, f"{song.owner}/{role}"), how.slope, sr)
            for role, kind in song.instruments.items()
        }

    def hz(self, role: str, degree: int, add: int = 0) -> float:
        """Frequency of a degree of the scale; the root is within half an octave of the centre."""
        octave, step = divmod(degree, len(self.scale))
        low = CENTRE[role] - 6
        if role != "bass":
            low += int(np.floor(self.how.height + 0.5))
        base = low + (self.song.root - low) % 12
        return midi_hz(base + 12 * octave + self.scale[step] + add)

    def chord(self, beat: float) -> int:
        """Degree that the harmony stands on: a chord lasts two beats."""
        return self.song.progression[int(beat // 2) % 4]

    def onsets(self, offset: float) -> Iterator[tuple[float, float]]:
        """Notes as (beat, length in beats), as dense as the clip is played; ``offset`` is added."""
        beat, last = 0.0, len(LENGTHS) - 1
        density = min(max(self.how.density + offset, 0.0), 1.0)
        while beat < self.beats:
            place = int(density * last + self.rng.random_sample())
            length = LENGTHS[min(place, last)]
            yield beat, length
            beat += length

    def put(
        self, layer: np.ndarray, role: str, hz: float, beat: float, length: float, level: float = 1
    ) -> None:
        """Mix in a note; what runs past the end is cut."""
        length_s = self.how.gate * length * self.beat_s
        self.add(layer, self.players[role].play(hz, length_s, self.rng), beat, level)

    def add(self, layer: np.ndarray, sound: np.ndarray, beat: float, level: float) -> None:
        """Mix in a sound at a beat."""
        start = int(beat * self.beat_s * self.sr)
        sound = sound[: max(0, self.n - start)]
        layer[start : start + len(sound)] += level * self.rng.uniform(0.85, 1.0) * sound


def _lead(clip: _Clip) -> np.ndarray:
    out, degree = np.zeros(clip.n), (0, 2, 4)[clip.rng.randint(3)]
    for beat, length in clip.onsets(0.0):
        clip.put(out, "lead", clip.hz("lead", degree), beat, length)
        if beat % 2 == 0:  # back to a note of the chord
            degree = clip.chord(beat) % 7 + (0, 2, 4)[clip.rng.randint(3)] - 4
        degree = min(max(degree + (-2, -1, 1, 2)[clip.rng.randint(4)], -3), 8)
    return out


def _chords(clip: _Clip) -> np.ndarray:
    out = np.zeros(clip.n)
    for beat, length in clip.onsets(-0.25):
        on, clash = clip.chord(beat), clip.rng.random_sample() < clip.how.clash
        for degree in (0, 2, 4):
            clip.put(out, "chords", clip.hz("chords", on + degree), beat, length)
        if clash:
            beside = clip.hz("chords", on + (0, 2)[clip.rng.randint(2)], 1)
            clip.put(out, "chords", beside, beat, length)
    return out


def _bass(clip: _Clip) -> np.ndarray:
    out = np.zeros(clip.n)
    for beat, length in clip.onsets(-0.3):
        clip.put(out, "bass", clip.hz("bass", clip.chord(beat)), beat, length)
    return out


def _percussion(clip: _Clip) -> np.ndarray:
    out = np.zeros(clip.n)
    low, high, tick = clip.song.kit
    for k in range(clip.beats):
        clip.add(out, high if k % 2 else low, float(k), 0.8)
    for beat, _ in clip.onsets(0.1):
        clip.add(out, tick, beat, 0.35)
    return out
