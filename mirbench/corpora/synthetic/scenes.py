"""Clips in which what is seen determines what is heard: among several shapes one hops, and it sounds.

Synthesised, for a first run and tests: no substitute for real videos. Five corpora of one generator, in
each twenty scenes (a background, a room, a microphone, a camera; what is trained on and what is tested
share none), six clips of 6 s a scene. In a clip one shape hops from ledge to ledge and two or three others,
of the same shapes, colours and sizes, glide about in silence. What is heard follows from what hops:

- each landing is an onset, and the shape is squashed for that frame;
- the height of the ledge is the pitch, four semitones a step (eight steps of 5 pixels);
- the shape is the timbre: disc a tone of few partials, square odd partials, triangle all, diamond a bell;
- its colour is how bright it sounds, from red (dull) to pink;
- its size is how loud it is.

The brightness of a picture is the background's and the camera's, the level of a sound the microphone's
too: neither tells much of the other. The boxes of the hopping shape are kept.

Designed from what one sees and hears; frozen before any method ran on it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.catalogue import CATALOGUES
from mirbench.corpora.synthetic.pictures import (
    FPS,
    HUES,
    SHAPES,
    SIZE,
    background,
    bounced,
    box,
    mask,
    paint,
    write_apng,
)
from mirbench.corpora.synthetic.rooms import pcm
from mirbench.corpora.synthetic.signals import (
    db,
    decay,
    fades,
    lowpass,
    midi_hz,
    phase,
    random_for,
    rms,
    sine,
    steady,
    to_level,
    wavetable,
    white,
)
from mirbench.corpora.synthetic.signals import lookup as read_table

SR = 16000
DURATION_S = 6.0
SCENES, CLIPS = 20, 6
LEDGES = tuple(range(41, 5, -5))
"""Rows of the eight ledges (pixels from the top), the lowest first."""
LOWEST_MIDI, STEP_MIDI = 45, 4
SMALLEST, LARGEST = 3, 7
"""Half the size of a shape, in pixels."""
QUIETEST_DB, LOUDEST_DB = -34.0, -14.0


@dataclass(frozen=True)
class Scene:
    """What the clips of a scene share: a background, uint8 (48, 48, 3), the camera's gain, the
    microphone's (dB), the hiss (dB re full scale), and frames between landings."""

    picture: np.ndarray
    camera: float
    microphone_db: float
    hiss_db: float
    gaps: tuple[int, ...]

    @classmethod
    def drawn(cls, rng: np.random.RandomState) -> Scene:
        """A scene at random."""
        low, high = rng.randint(10, 110, 3).astype(float), rng.randint(10, 110, 3).astype(float)
        texture = rng.randint(-8, 9, (SIZE, SIZE)).astype(float)
        shortest = int(rng.randint(2, 5))
        return cls(
            background(low, high, texture),
            float(rng.uniform(0.75, 1.1)),
            float(rng.uniform(-5, 5)),
            float(rng.uniform(-66, -50)),
            tuple(shortest + k for k in (0, 1, 1, 2, 4)),
        )


def render_scenes(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render five corpora of 20 scenes x 6 clips of 6 s: 16 kHz; 48 by 48 pixels, 10 frames a second.

    Parameters
    ----------
    root : path-like
        Receives ``corpus/sounds/NAME.wav``, ``corpus/pictures/NAME.png`` and ``corpus/boxes/NAME.csv``, names
        by content, and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, video_path and boxes_path (relative to the sound's folder), shape, scene, group
        (the scene), catalogue, duration_s (s), note.
    """
    return _render(Path(root), dict.fromkeys(CATALOGUES, (SCENES, CLIPS)), seed)


def render_scene(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render one small corpus of 6 scenes x 4 clips, as `render_scenes`."""
    return _render(Path(root), {"small": (6, 4)}, seed)


def _render(root: Path, parts: dict[str, tuple[int, int]], seed: int) -> pd.DataFrame:
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows = []
    for catalogue, (scenes, clips) in parts.items():
        for number in range(scenes):
            owner = f"scenes/{catalogue}/{number}"
            scene = Scene.drawn(random_for(seed, owner))
            for clip in range(clips):
                made = play(scene, random_for(seed, f"{owner}/clip {clip}"))
                places = _keep(root / catalogue, *made[:3])
                rows.append(
                    {
                        "path": f"{catalogue}/{places[0]}",
                        "video_path": f"../{places[1]}",
                        "boxes_path": f"../{places[2]}",
                        "shape": made[3],
                        "scene": f"scene {catalogue}-{number}",
                        "group": f"scene {catalogue}-{number}",
                        "catalogue": catalogue,
                        "duration_s": DURATION_S,
                    }
                )
    return store.write_index(root, rows, seed)


def play(
    scene: Scene, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """A clip: 16-bit samples (96000,), frames (60, 48, 48, 3), boxes (60, 4) and the shape's name."""
    shape, hue = SHAPES[rng.randint(len(SHAPES))], int(rng.randint(len(HUES)))
    half = int(rng.randint(SMALLEST, LARGEST + 1))
    landings, ledges = _score(scene, rng)
    x, y, squashed = _path(landings, ledges, half, rng)
    others = [_glider(rng) for _ in range(rng.randint(2, 4))]
    frames, boxes = [], []
    for i in range(len(x)):
        picture = scene.picture.copy()
        for own in others:
            paint(picture, mask(own[0], own[3][i], own[4][i], own[2], own[2]), own[1])
        wide, tall = (1.35 * half, 0.65 * half) if squashed[i] else (half, half)
        drawn = mask(shape, x[i], y[i], wide, tall)
        paint(picture, drawn, np.array(HUES[hue], dtype=float))
        frames.append(np.clip(picture * scene.camera, 0, 255).astype(np.uint8))
        boxes.append(box(drawn))
    sound = _sound(scene, shape, hue, half, landings, ledges, rng)
    return sound, np.stack(frames), np.array(boxes, dtype=np.uint8), shape


def note(shape: str, hue: int, hz: float, rng: np.random.RandomState) -> np.ndarray:
    """A note of 0.8 s of a shape of a colour, shape (12800,), its loudest part at about 1."""
    n = int(0.8 * SR)
    slope = 2.6 - 0.36 * hue
    if shape == "diamond":
        ratios = np.array([1.0, 2.76, 5.4, 8.93])
        ratios = ratios[ratios * hz < 0.45 * SR]
        tone = np.zeros(n)
        for k, ratio in enumerate(ratios, start=1):
            own = phase(np.full(n, ratio * hz), SR)
            tone += float(steady(k**-slope)) * sine(own) * decay(n, SR, 1.1 / k)
        return tone * fades(n, 40, 400)
    count = max(1, min(24, int(0.45 * SR / hz)))
    order = np.arange(1, count + 1)
    partials = steady(order.astype(float) ** -slope)
    if shape == "square":
        partials = partials * (order % 2)
    if shape == "disc":
        partials = partials * (order <= 3)
    tone = read_table(wavetable(partials), phase(np.full(n, hz), SR))
    held = {"disc": 0.9, "square": 1.6, "triangle": 0.6}[shape]
    attack = {"disc": 160, "square": 640, "triangle": 80}[shape]
    return tone * decay(n, SR, held) * fades(n, attack, 800)


def _score(scene: Scene, rng: np.random.RandomState) -> tuple[list[int], list[int]]:
    """Frames of the landings, and the ledge of each: a walk about a ledge of the clip's own."""
    home = int(rng.randint(1, len(LEDGES) - 1))
    at, landings, ledges = int(rng.randint(1, 5)), [], []
    ledge = home
    while at < int(DURATION_S * FPS) - 2:
        landings.append(at)
        ledges.append(ledge)
        at += scene.gaps[rng.randint(len(scene.gaps))]
        step = (-2, -1, -1, 0, 1, 1, 2)[rng.randint(7)]
        ledge = int(np.clip(ledge + step, max(home - 2, 0), min(home + 2, len(LEDGES) - 1)))
    return landings, ledges


def _path(
    landings: list[int], ledges: list[int], half: int, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre of the hopping shape (pixels) in each frame, and whether it is squashed: at a landing."""
    n = int(DURATION_S * FPS)
    drift = rng.uniform(3, 12) / FPS * (1 if rng.random_sample() < 0.5 else -1)
    x = bounced(rng.uniform(half, SIZE - half) + drift * np.arange(n), half, SIZE - 1 - half)
    points = [0, *landings, n]
    rows = [LEDGES[ledges[0]], *(LEDGES[k] for k in ledges), LEDGES[ledges[-1]]]
    y = np.zeros(n)
    for first, last, a, b in zip(points, points[1:], rows, rows[1:]):
        u = np.arange(last - first) / max(last - first, 1)
        hop = 1.2 * max(last - first, 2)
        y[first:last] = a + (b - a) * u - hop * 4 * u * (1 - u)
    return x, np.clip(y, half, SIZE - 1 - half // 2), np.isin(np.arange(n), landings)


def _glider(
    rng: np.random.RandomState,
) -> tuple[str, np.ndarray, int, np.ndarray, np.ndarray]:
    """A silent shape: its shape, colour, half size, and its smooth way (x and y, pixels)."""
    n = int(DURATION_S * FPS)
    shape, hue = SHAPES[rng.randint(len(SHAPES))], HUES[rng.randint(len(HUES))]
    half = int(rng.randint(SMALLEST, LARGEST + 1))
    ways = []
    for _ in range(2):
        cycles = phase(np.full(n, rng.uniform(0.1, 0.4)), FPS) + rng.random_sample()
        wide = rng.uniform(4, 14)
        middle = rng.uniform(wide + 1, SIZE - 2 - wide)
        ways.append(middle + wide * sine(cycles - np.floor(cycles)))
    return shape, np.array(hue, dtype=float), half, ways[0], ways[1]


def _sound(
    scene: Scene,
    shape: str,
    hue: int,
    half: int,
    landings: list[int],
    ledges: list[int],
    rng: np.random.RandomState,
) -> np.ndarray:
    n = int(DURATION_S * SR)
    sound = np.zeros(n)
    for frame, ledge in zip(landings, ledges, strict=True):
        one = note(shape, hue, midi_hz(LOWEST_MIDI + STEP_MIDI * ledge), rng)
        at = frame * SR // FPS
        own = one[: n - at]
        sound[at : at + len(own)] += own
    share = (half - SMALLEST) / (LARGEST - SMALLEST)
    level = QUIETEST_DB + (LOUDEST_DB - QUIETEST_DB) * share + scene.microphone_db
    hiss = white(rng, n)
    hiss = hiss + 3.0 * lowpass(hiss, 400.0, SR)
    floor = hiss * float(steady(db(scene.hiss_db) / rms(hiss)))
    return pcm(to_level(sound, level) + floor)


def _keep(
    folder: Path, sound: np.ndarray, frames: np.ndarray, boxes: np.ndarray
) -> tuple[str, str, str]:
    """Write the three files; their places in the folder, named by their content."""
    heard = hashlib.sha256(sound.astype("<i2").tobytes()).hexdigest()[:16]
    seen = hashlib.sha256(frames.tobytes()).hexdigest()[:16]
    places = f"sounds/{heard}.wav", f"pictures/{seen}.png", f"boxes/{seen}.csv"
    store.write_wav(folder / places[0], sound, SR)
    write_apng(folder / places[1], frames)
    lines = [f"# rate={FPS} width={SIZE} height={SIZE}"]
    lines += [",".join(map(str, row)) for row in boxes.tolist()]
    store.write_text(folder / places[2], "\n".join(lines) + "\n")
    return places
