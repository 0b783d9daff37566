"""Single lines of known pitch: one player at a time, with rests, vibrato, slides and noise.

Synthesised, for a first run and tests: no substitute for real recordings. Five corpora of one
generator, in each a player of each of twelve kinds (`line_players`) plays two lines. A line is runs of
tied notes with rests between; half of the rests hold a burst of noise, which has no pitch. The truth,
one value each 10 ms, is the frequency that the tone was made with; it is voiced where a run's envelope is
a tenth of its peak or more.

Designed from musical knowledge; frozen before any method ran on it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.catalogue import CATALOGUES, name
from mirbench.corpora.synthetic.line_players import KINDS, MIDI_HIGH, MIDI_LOW, LinePlayer
from mirbench.corpora.synthetic.rooms import pcm
from mirbench.corpora.synthetic.signals import (
    band,
    db,
    fades,
    glide,
    lowpass,
    phase,
    random_for,
    rms,
    sine,
    steady,
    to_level,
    white,
)

SR = 16000
DURATION_S = 5.0
LINES = 2  # a player
FIRST_NAME = 1800  # number of the first player's name
TICK_S, HOP_S = 0.001, 0.01  # frequency is given each millisecond, the truth each tenth one
AUDIBLE = 0.1  # of a run's envelope
STEPS = (-5, -4, -3, -2, -2, -1, -1, 1, 1, 2, 2, 3, 4, 5, 7, -7, 12, -12)


def render_lines(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render five corpora of 12 players x 2 lines of 5 s at 16 kHz.

    Parameters
    ----------
    root : path-like
        Receives ``corpus/player-1.wav``, beside it ``player-1.csv`` (time in s, frequency in Hz, 0 where
        there is no pitch) and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, f0_path (relative to the sound's folder), kind, player, group (the player),
        catalogue, duration_s (s), note.
    """
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows = []
    for part, catalogue in enumerate(CATALOGUES):
        for number, kind in enumerate(KINDS):
            who = name(FIRST_NAME + len(KINDS) * part + number)
            owner = f"lines/{catalogue}/{kind}"
            player = LinePlayer(kind, owner, seed, SR)
            for line in range(LINES):
                sound, f0_hz = play(player, random_for(seed, f"{owner}/line {line}"))
                stem = f"{who.lower()}-{line + 1}"
                times = "".join(f"{i * HOP_S:.2f},{hz:.3f}\n" for i, hz in enumerate(f0_hz))
                store.write_wav(root / f"{catalogue}/{stem}.wav", sound, SR)
                store.write_text(root / f"{catalogue}/{stem}.csv", times)
                rows.append(
                    {
                        "path": f"{catalogue}/{stem}.wav",
                        "f0_path": f"{stem}.csv",
                        "kind": kind,
                        "player": who,
                        "group": who,
                        "catalogue": catalogue,
                        "duration_s": DURATION_S,
                    }
                )
    return store.write_index(root, rows, seed)


def play(player: LinePlayer, rng: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """A line: 16-bit samples, shape (80000,), and its frequency (Hz) each 10 ms, shape (500,)."""
    n, hop = int(DURATION_S * SR), int(TICK_S * SR)
    sound, noises = np.zeros(n), np.zeros(n)
    f0_hz = np.zeros(int(DURATION_S / HOP_S))
    ticks, last = int(DURATION_S / TICK_S), rng.uniform(player.low, player.high)
    at = rng.randint(50, 300)
    while at < ticks - 120:
        midi = _run(player, last, rng)[: ticks - at - 20]
        last = float(midi[-1])
        hz = steady(440.0 * 2.0 ** ((np.clip(midi, MIDI_LOW, MIDI_HIGH) - 69) / 12))
        envelope = player.envelope(len(hz) * hop)
        tone = player.tone(glide(hz, hop), envelope, rng)
        sound[at * hop : at * hop + len(tone)] += rng.uniform(0.4, 1.0) * tone
        heard = envelope[::hop] >= AUDIBLE * envelope.max()
        first = -at % 10
        truth = np.where(heard, hz, 0.0)[first::10]
        f0_hz[(at + first) // 10 : (at + first) // 10 + len(truth)] = truth
        at += len(hz)
        rest = rng.randint(60, 500)
        if rng.random_sample() < 0.5:
            _burst(noises, at * hop, min(rest, 220) * hop, rng)
        at += rest
    return recorded(player, sound, noises, rng), f0_hz


def _run(player: LinePlayer, last: float, rng: np.random.RandomState) -> np.ndarray:
    """MIDI numbers of a run of tied notes, one a millisecond."""
    struck = player.ring_s > 0
    notes: list[np.ndarray] = []
    pitch = _next(player, last, rng)
    for turn in range(1 if struck else rng.randint(1, 5)):
        length = rng.randint(150, 700)
        slides = rng.random_sample() < player.kind.glides
        before = float(notes[-1][-1]) if turn else pitch - rng.uniform(0.5, 2.5)
        width = min(rng.randint(40, 400 if slides and turn else 90), length - 1)
        if not slides:
            width = 12 if turn else 0
        ramp = np.minimum(1.0, np.arange(length) / max(width, 1)) if width else np.ones(length)
        notes.append(before + (pitch - before) * ramp)
        pitch = _next(player, pitch, rng)
    return alive(np.concatenate(notes), player, rng)


def alive(midi: np.ndarray, player: LinePlayer, rng: np.random.RandomState) -> np.ndarray:
    """MIDI numbers, one a millisecond, with the player's vibrato and a slow drift."""
    cycles = phase(np.full(len(midi), player.vibrato_hz), int(1 / TICK_S))
    grown = np.clip((np.arange(len(midi)) - 120) / 200, 0.0, 1.0)
    points = rng.uniform(-0.15, 0.15, len(midi) // 250 + 2)
    drift = glide(points, 250)[: len(midi)]
    return midi + player.vibrato * grown * sine(cycles) + drift


def _next(player: LinePlayer, last: float, rng: np.random.RandomState) -> float:
    """The pitch of the next note: a step away, within the player's range, on the player's tuning."""
    note = np.floor(last + 0.5) + STEPS[rng.randint(len(STEPS))]
    while note > player.high:
        note -= 12
    while note < player.low:
        note += 12
    return float(min(note, MIDI_HIGH)) + player.tuning


def _burst(noises: np.ndarray, start: int, most: int, rng: np.random.RandomState) -> None:
    """A breath or a consonant of up to ``most`` samples, mixed in."""
    length = min(int(most * rng.uniform(0.3, 0.9)), len(noises) - start)
    if length > 64:
        hiss = band(white(rng, length), rng.uniform(1500, 6000), rng.uniform(500, 3000), SR)
        hiss *= float(steady(rng.uniform(0.1, 0.6) / max(rms(hiss), 1e-9)))
        noises[start : start + length] += hiss * fades(length, length // 4, length // 3)


def recorded(
    player: LinePlayer, sound: np.ndarray, noises: np.ndarray, rng: np.random.RandomState
) -> np.ndarray:
    """What the microphone makes of it: noise, level, 16 bit."""
    hiss = white(rng, len(sound))
    hiss = hiss + 4.0 * lowpass(hiss, 300.0, SR)
    floor = hiss * float(steady(db(-player.snr_db) * rms(sound) / rms(hiss)))
    return pcm(to_level(sound + noises + floor, player.level_db))
