"""Artists and their pieces: six styles from drums and bass to a lone sung voice.

Synthesised, for a first run and tests: no substitute for recordings of music.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mirbench.corpora.synthetic import instruments as play
from mirbench.corpora.synthetic.signals import midi_hz, rms, steady
from mirbench.corpora.synthetic.voices import Voice, draw_voice, sing

STYLES = ("band", "pads", "plucked", "song", "chant", "percussion")
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 7, 9))
PROGRESSIONS = ((0, 5, 3, 4), (0, 3, 4, 0), (0, 4, 5, 3), (0, 2, 3, 4))


@dataclass(frozen=True)
class Artist:
    """Who plays: style, tempo, key, timbres and a singer."""

    style: str
    beat_s: float
    root: int
    scale: tuple[int, ...]
    progression: tuple[int, ...]
    lead: np.ndarray
    pad: np.ndarray
    brightness: float
    attack_s: float
    drums: np.ndarray
    kit_hz: float
    voice: Voice


def draw_artist(rng: np.random.RandomState, style: str) -> Artist:
    """An artist of one of ``STYLES``."""
    harmonics = np.arange(1, 25)
    lead = steady(harmonics ** -rng.uniform(0.8, 2.0)) * rng.uniform(0.2, 1.0, 24)
    pad = steady(harmonics ** -rng.uniform(1.2, 2.4)) * rng.uniform(0.3, 1.0, 24)
    pattern = (rng.random_sample((3, 16)) < np.array([[0.18], [0.12], [0.55]])).astype(float)
    pattern[0, [0, 8]] = 1.0
    pattern[1, [4, 12]] = 1.0
    return Artist(
        style=style,
        beat_s=float(60 / rng.uniform(72, 150)),
        root=int(rng.randint(45, 57)),
        scale=SCALES[rng.randint(len(SCALES))],
        progression=PROGRESSIONS[rng.randint(len(PROGRESSIONS))],
        lead=lead,
        pad=pad,
        brightness=float(rng.uniform(0.3, 1.0)),
        attack_s=float(rng.uniform(0.3, 1.2)),
        drums=pattern,
        kit_hz=float(rng.uniform(45, 65)),
        voice=draw_voice(rng, high=bool(rng.randint(2))),
    )


class Track:
    """A growing mix at ``sr`` Hz, with the dice of whoever plays on it."""

    def __init__(self, duration_s: float, sr: int, rng: np.random.RandomState) -> None:
        self.signal = np.zeros(int(duration_s * sr))
        self.sr = sr
        self.rng = rng

    def add(self, note: np.ndarray, at_s: float, level: float) -> None:
        """Mix in a note that starts at ``at_s``; what runs past the end is cut."""
        start = int(at_s * self.sr)
        note = note[: max(0, len(self.signal) - start)]
        self.signal[start : start + len(note)] += level * note


def perform(artist: Artist, duration_s: float, sr: int, rng: np.random.RandomState) -> np.ndarray:
    """A piece in the artist's style, shape (floor(duration_s * sr),)."""
    if artist.style == "chant":
        drone = 0.25 * _drone(artist, duration_s, sr) if artist.brightness > 0.65 else 0.0
        return chant(artist, duration_s, sr, rng) + drone
    if artist.style == "percussion":
        return _hand_drums(artist, duration_s, sr, rng)
    backing = accompany(artist, duration_s, sr, rng)
    if artist.style != "song":
        return backing
    sung = chant(artist, duration_s, sr, rng)
    return backing + sung * float(steady(1.2 * rms(backing) / rms(sung)))


def accompany(artist: Artist, duration_s: float, sr: int, rng: np.random.RandomState) -> np.ndarray:
    """The instruments of a piece, without voice."""
    track, bar_s = Track(duration_s, sr, rng), 4 * artist.beat_s
    for k in range(int(duration_s / bar_s) + 1):
        chord = artist.progression[k % len(artist.progression)]
        if artist.style == "pads":
            _pad_bar(track, artist, chord, k * bar_s)
        else:
            _bass_bar(track, artist, chord, k * bar_s)
            _pluck_bar(track, artist, chord, k * bar_s)
        if artist.style == "band":
            _drum_bar(track, artist, k * bar_s)
        if artist.style in ("band", "pads"):
            _lead_bar(track, artist, chord, k * bar_s)
    return track.signal


def chant(
    artist: Artist,
    duration_s: float,
    sr: int,
    rng: np.random.RandomState,
    spans: tuple[tuple[float, float], ...] | None = None,
) -> np.ndarray:
    """The artist's voice alone: phrases of held notes, within ``spans`` (start_s, end_s) if given."""
    notes: list[tuple[float, float, float]] = []
    octave = 12 if artist.voice.register == "high" else 0
    degree = rng.randint(5)
    for at, end_s in spans or ((float(rng.uniform(0, 0.1)), duration_s),):
        while at < end_s - 0.25:
            for _ in range(rng.randint(4, 9)):
                length = artist.beat_s * (0.5, 1.0, 1.0, 2.0, 3.0)[rng.randint(5)]
                length = min(length, end_s - at)
                if length < 0.2:
                    break
                degree = min(max(degree + rng.randint(-2, 3), -2), 8)
                notes.append((at, length, _pitch(artist, degree, octave)))
                at += length
            at += artist.beat_s * (0.25, 0.5, 1.0)[rng.randint(3)]
    return sing(artist.voice, notes, duration_s, sr, rng)


def _pitch(artist: Artist, degree: int, shift: int = 0) -> float:
    octave, step = divmod(degree, len(artist.scale))
    return midi_hz(artist.root + shift + 12 * octave + artist.scale[step])


def _pad_bar(track: Track, artist: Artist, chord: int, at_s: float) -> None:
    for degree in (0, 2, 4, 7):
        hz = _pitch(artist, chord + degree) * track.rng.uniform(0.998, 1.002)
        length_s = 4.6 * artist.beat_s
        note = play.tone(hz, length_s, track.sr, artist.pad, artist.attack_s, 0.6, 0.004)
        track.add(note, at_s, 0.25)


def _bass_bar(track: Track, artist: Artist, chord: int, at_s: float) -> None:
    hz = _pitch(artist, chord, -12)
    for beat in (0.0, 1.5, 2.0, 3.5) if track.rng.random_sample() < 0.6 else (0.0, 2.0):
        note = play.pluck(hz, 1.4 * artist.beat_s, track.sr, track.rng, 0.3)
        track.add(note, at_s + beat * artist.beat_s, 0.5)


def _pluck_bar(track: Track, artist: Artist, chord: int, at_s: float) -> None:
    sr, rng, beat_s = track.sr, track.rng, artist.beat_s
    if artist.style == "plucked":  # arpeggio
        for k in range(8):
            hz = _pitch(artist, chord + (0, 2, 4, 7, 9)[rng.randint(5)], 12)
            note = play.pluck(hz, 2 * beat_s, sr, rng, artist.brightness)
            if rng.random_sample() < 0.85:
                track.add(note, at_s + k * beat_s / 2, rng.uniform(0.25, 0.5))
        return
    for beat in range(4):  # strummed chord
        for i, degree in enumerate((0, 2, 4)):
            hz = _pitch(artist, chord + degree, 12)
            note = play.pluck(hz, 1.2 * beat_s, sr, rng, artist.brightness)
            track.add(note, at_s + beat * beat_s + 0.012 * i, 0.22)


def _lead_bar(track: Track, artist: Artist, chord: int, at_s: float) -> None:
    beat, degree = 0.0, chord + track.rng.randint(5)
    while beat < 4:
        length = (0.5, 0.5, 1.0, 1.5)[track.rng.randint(4)]
        degree = min(max(degree + track.rng.randint(-2, 3), 0), 9)
        if track.rng.random_sample() < 0.7:
            hz, length_s = _pitch(artist, degree, 12), 0.95 * length * artist.beat_s
            note = play.tone(hz, length_s, track.sr, artist.lead, 0.02, 0.05, 0.006)
            track.add(note, at_s + beat * artist.beat_s, 0.22)
        beat += length


def _drum_bar(track: Track, artist: Artist, at_s: float) -> None:
    hits = (
        (play.kick(track.sr, artist.kit_hz), 0.9),
        (play.snare(track.sr, track.rng, 3.5 * artist.kit_hz), 0.5),
        (play.hat(track.sr, track.rng, 0.12), 0.3),
    )
    for row, (sound, level) in zip(artist.drums, hits):
        for step in np.flatnonzero(row):
            at = at_s + int(step) * artist.beat_s / 4
            track.add(sound, at, level * track.rng.uniform(0.75, 1.0))


def _drone(artist: Artist, duration_s: float, sr: int) -> np.ndarray:
    low, fifth = _pitch(artist, 0, -12), _pitch(artist, 4, -12)
    return play.tone(low, duration_s, sr, artist.pad, 1.0, 1.0, 0.002) + play.tone(
        fifth, duration_s, sr, artist.pad, 1.0, 1.0, 0.003
    )


def _hand_drums(
    artist: Artist, duration_s: float, sr: int, rng: np.random.RandomState
) -> np.ndarray:
    track, step_s = Track(duration_s, sr, rng), artist.beat_s / 4
    kit = [play.hand_drum(sr, rng, artist.kit_hz * ratio) for ratio in (1.6, 2.4, 3.7, 5.2)]
    shaker = play.hat(sr, rng, 0.06)
    rhythm = artist.drums[2] + artist.drums[0]
    for k in range(int(duration_s / step_s)):
        at_s = k * step_s + rng.uniform(0, 0.008)
        if rhythm[k % 16] or rng.random_sample() < 0.15:
            track.add(kit[rng.randint(len(kit))], at_s, rng.uniform(0.3, 1.0))
        if artist.brightness > 0.5:
            track.add(shaker, at_s, rng.uniform(0.1, 0.25))
    return track.signal
