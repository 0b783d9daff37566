"""Films of several sections, whose music goes with the picture: cuts change what is seen and heard.

Synthesised, for a first run and tests: no substitute for real videos. Forty films of 24 s, each of three to
five sections of 4 to 8 s. In a section shapes of one kind and colour fly about and swell with each beat.
What is heard follows from what is seen:

- how fast they fly is the tempo, six steps from 66 to 168 beats a minute;
- how light the background is, is the register, five steps of a sixth;
- whether it is warm, neutral or cold is the chord: major, fourths, minor;
- how many shapes there are (one to five) is how many notes of the chord;
- their kind is the timbre, their colour how bright it sounds, their size how loud the beat is.

A film has a level, a room's hiss and a camera of its own, and tuning: what is trained on and what is
tested share no film. Designed from what one sees and hears; frozen before any method ran on it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.pictures import (
    FPS,
    HUES,
    SHAPES,
    SIZE,
    background,
    bounced,
    mask,
    paint,
    write_apng,
)
from mirbench.corpora.synthetic.rooms import pcm
from mirbench.corpora.synthetic.scenes import SR, note
from mirbench.corpora.synthetic.signals import (
    band,
    db,
    decay,
    fades,
    midi_hz,
    random_for,
    rms,
    steady,
    to_level,
    white,
)

DURATION_S = 24
FILMS = 40
TEMPI = (66, 84, 102, 120, 144, 168)
"""Beats a minute."""
SPEEDS = (4, 8, 13, 19, 26, 34)
"""Pixels a second at each tempo."""
LIGHTS = (18, 45, 75, 105, 135)
"""Mean of the background's colours, 0 to 255."""
REGISTERS = (40, 49, 58, 67, 76)
"""MIDI number of the chord's root at each lightness."""
CHORDS = ((0, 4, 7, 12, 16), (0, 5, 10, 12, 17), (0, 3, 7, 12, 15))
TINTS = ((18, 0, -18), (0, 0, 0), (-18, 0, 18))
"""Added to red, green and blue: warm, neutral, cold."""


@dataclass(frozen=True)
class Section:
    """Look and sound of a section: steps of tempo, register and chord, how many shapes, their kind,
    colour and half size (pixels)."""

    tempo: int
    register: int
    chord: int
    count: int
    shape: str
    hue: int
    half: int

    @classmethod
    def drawn(cls, rng: np.random.RandomState) -> Section:
        """A section at random."""
        return cls(
            int(rng.randint(len(TEMPI))),
            int(rng.randint(len(REGISTERS))),
            int(rng.randint(len(CHORDS))),
            int(rng.randint(1, 6)),
            SHAPES[rng.randint(len(SHAPES))],
            int(rng.randint(len(HUES))),
            int(rng.randint(3, 6)),
        )


def render_films(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render forty films of 24 s: 16 kHz; 48 by 48 pixels, 10 frames a second.

    Parameters
    ----------
    root : path-like
        Receives ``sounds/NAME.wav`` and ``pictures/NAME.png``, named by content, and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, video_path (relative to the sound's folder), cuts (s, with ``|`` between), group (the
        film), duration_s (s), note.
    """
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows = []
    for number in range(FILMS):
        sound, frames, cuts = play(random_for(seed, f"films/{number}"))
        heard = hashlib.sha256(sound.astype("<i2").tobytes()).hexdigest()[:16]
        seen = hashlib.sha256(frames.tobytes()).hexdigest()[:16]
        store.write_wav(root / f"sounds/{heard}.wav", sound, SR)
        write_apng(root / f"pictures/{seen}.png", frames)
        rows.append(
            {
                "path": f"sounds/{heard}.wav",
                "video_path": f"../pictures/{seen}.png",
                "cuts": "|".join(map(str, cuts)),
                "group": f"film {number:02d}",
                "duration_s": float(DURATION_S),
            }
        )
    return store.write_index(root, rows, seed)


def play(rng: np.random.RandomState) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """A film: 16-bit samples (384000,), frames (240, 48, 48, 3), and where its cuts are (s)."""
    cuts = [0]
    while cuts[-1] < DURATION_S:
        left = DURATION_S - cuts[-1]
        cuts.append(cuts[-1] + (left if left < 8 else int(rng.randint(4, min(8, left - 4) + 1))))
    camera, tuning = float(rng.uniform(0.8, 1.1)), float(rng.uniform(-0.5, 0.5))
    texture = rng.randint(-6, 7, (SIZE, SIZE)).astype(float)
    sounds, frames = [], []
    for start, end in pairwise(cuts):
        section = Section.drawn(rng)
        sounds.append(_sound(section, end - start, tuning, rng))
        frames.append(_frames(section, end - start, texture, rng))
    sound = to_level(np.concatenate(sounds), float(rng.uniform(-26, -16)))
    hiss = white(rng, len(sound))
    floor = hiss * float(steady(db(float(rng.uniform(-68, -54))) / rms(hiss)))
    shown = np.clip(np.concatenate(frames) * camera, 0, 255).astype(np.uint8)
    return pcm(sound + floor), shown, cuts[1:-1]


def _frames(
    section: Section, seconds: int, texture: np.ndarray, rng: np.random.RandomState
) -> np.ndarray:
    light = LIGHTS[section.register] + np.array(TINTS[section.chord], dtype=float)
    plain = background(light - 8, light + 8, texture)
    n = seconds * FPS
    steps = np.arange(n) / FPS
    ways = []
    for _ in range(section.count):
        turn = rng.randint(0, 8)
        across, down = ((1, 0.4), (0.4, 1), (0.8, 0.8), (1, 0.1))[turn % 4]
        speed = SPEEDS[section.tempo] * (1 if turn < 4 else -1)
        low, high = section.half, SIZE - 1 - section.half
        x = bounced(rng.uniform(low, high) + across * speed * steps, low, high)
        y = bounced(rng.uniform(low, high) + down * speed * steps, low, high)
        ways.append((x, y))
    beats = np.floor(steps * TEMPI[section.tempo] / 60 + 1e-9)
    swollen = np.diff(beats, prepend=-1) > 0
    colour = np.array(HUES[section.hue], dtype=float)
    frames = []
    for i in range(n):
        picture = plain.copy()
        half = section.half + 2 * int(swollen[i])
        for x, y in ways:
            paint(picture, mask(section.shape, x[i], y[i], half, half), colour)
        frames.append(picture)
    return np.stack(frames)


def _sound(section: Section, seconds: int, tuning: float, rng: np.random.RandomState) -> np.ndarray:
    """The chord, broken over the beats, and a beat of noise."""
    n, gap = seconds * SR, 60 * SR // TEMPI[section.tempo]
    sound = np.zeros(n)
    root = REGISTERS[section.register] + tuning
    chord = CHORDS[section.chord][: section.count]
    notes = [note(section.shape, section.hue, midi_hz(root + up), rng) for up in chord]
    hit = band(white(rng, SR // 8), 1800.0, 1500.0, SR) * decay(SR // 8, SR, 0.12)
    hit = hit * fades(len(hit), 8, 200) * db(-26.0 + 5.0 * (section.half - 3))
    for beat, at in enumerate(range(0, n, gap)):
        parts = notes if beat % 4 == 0 else [notes[beat % len(notes)]]
        for one in (*parts, hit):
            own = one[: n - at]
            sound[at : at + len(own)] += own * (0.5 if one is not hit else 1.0)
    return sound
