"""Single lines with their notes in order: 3 to 16 notes by one player, some of them repeated.

Synthesised, for a first run and tests: no substitute for real recordings. Five corpora of one
generator, in each a player of each of the twelve kinds of `line_players` plays eight lines, three short
(3 to 6 notes), two middle, three long (12 to 16). A line is a walk over a major or minor scale at a
tempo of its own; one note in seven repeats the one before, anew, never tied. Other notes may be tied
to the one before, and rests may stand between. The truth is the notes' names, octaves left out.

Designed from musical knowledge; frozen before any method ran on it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.catalogue import CATALOGUES, name
from mirbench.corpora.synthetic.line_players import KINDS, MIDI_HIGH, MIDI_LOW, LinePlayer
from mirbench.corpora.synthetic.lines import SR, TICK_S, alive, recorded
from mirbench.corpora.synthetic.signals import glide, random_for, steady

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
LENGTHS = ((3, 6), (3, 6), (3, 6), (7, 11), (7, 11), (12, 16), (12, 16), (12, 16))
"""Fewest and most notes of each line of a player."""
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))
STEPS = (-4, -3, -2, -2, -1, -1, -1, 1, 1, 1, 2, 2, 3, 4)  # of the scale
REPEATED, TIED, RESTS = 1 / 7, 0.4, 0.2  # shares of notes
BEATS = (1.0, 1.0, 1.0, 1.5, 2.0)
FIRST_NAME = 2400  # number of the first player's name


def render_tunes(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render five corpora of 12 players x 8 lines of 3 to 16 notes at 16 kHz.

    Parameters
    ----------
    root : path-like
        Receives ``corpus/player-1.wav`` and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, notes (names with spaces between), kind, player, group (the player), catalogue,
        duration_s (s), note.
    """
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows = []
    for part, catalogue in enumerate(CATALOGUES):
        for number, kind in enumerate(KINDS):
            who = name(FIRST_NAME + len(KINDS) * part + number)
            owner = f"tunes/{catalogue}/{kind}"
            player = LinePlayer(kind, owner, seed, SR)
            for line, (fewest, most) in enumerate(LENGTHS):
                rng = random_for(seed, f"{owner}/line {line}")
                midi = melody(player, rng.randint(fewest, most + 1), rng)
                sound = perform(player, midi, rng)
                path = f"{catalogue}/{who.lower()}-{line + 1}.wav"
                store.write_wav(root / path, sound, SR)
                rows.append(
                    {
                        "path": path,
                        "notes": " ".join(NAMES[note % 12] for note in midi),
                        "kind": kind,
                        "player": who,
                        "group": who,
                        "catalogue": catalogue,
                        "duration_s": len(sound) / SR,
                    }
                )
    return store.write_index(root, rows, seed)


def melody(player: LinePlayer, n: int, rng: np.random.RandomState) -> list[int]:
    """MIDI numbers of ``n`` notes: a walk over a scale within the player's range."""
    tonic, scale = rng.randint(12), SCALES[rng.randint(2)]
    inside = range(int(np.ceil(player.low)), int(player.high) + 1)
    notes = [note for note in inside if (note - tonic) % 12 in scale]
    at = rng.randint(len(notes))
    line = []
    for turn in range(n):
        if turn and rng.random_sample() >= REPEATED:
            step = STEPS[rng.randint(len(STEPS))]
            at = at + step if 0 <= at + step < len(notes) else at - step
        line.append(notes[at])
    return line


def perform(player: LinePlayer, midi: list[int], rng: np.random.RandomState) -> np.ndarray:
    """16-bit samples of a line: notes in runs of tied ones, at a tempo of its own."""
    hop = int(TICK_S * SR)
    beat = rng.uniform(150, 330)  # ms
    struck = player.ring_s > 0
    pieces = [np.zeros(rng.randint(50, 300) * hop)]
    for run in _runs(midi, struck, rng):
        ticks = [int(beat * BEATS[rng.randint(len(BEATS))]) for _ in run]
        pitch = alive(_slid(run, ticks, player, rng), player, rng)
        hz = steady(440.0 * 2.0 ** ((np.clip(pitch, MIDI_LOW, MIDI_HIGH) - 69) / 12))
        envelope = player.envelope(len(hz) * hop)
        pieces.append(rng.uniform(0.6, 1.0) * player.tone(glide(hz, hop), envelope, rng))
        if rng.random_sample() < RESTS:
            pieces.append(np.zeros(rng.randint(60, 300) * hop))
    pieces.append(np.zeros(rng.randint(100, 300) * hop))
    sound = np.concatenate(pieces)
    return recorded(player, sound, np.zeros(len(sound)), rng)


def _runs(midi: list[int], struck: bool, rng: np.random.RandomState) -> list[list[int]]:
    """Notes that are tied; a repeated note and a struck one start anew."""
    runs: list[list[int]] = []
    for note in midi:
        tied = rng.random_sample() < TIED
        if runs and tied and not struck and runs[-1][-1] != note:
            runs[-1].append(note)
        else:
            runs.append([note])
    return runs


def _slid(
    run: list[int], ticks: list[int], player: LinePlayer, rng: np.random.RandomState
) -> np.ndarray:
    """MIDI numbers of tied notes, one a millisecond: each is slid into, by the player's habit."""
    parts: list[np.ndarray] = []
    before = run[0] - rng.uniform(0.5, 2.0)
    for turn, (note, length) in enumerate(zip(run, ticks)):
        slides = rng.random_sample() < player.kind.glides
        width = min(rng.randint(30, 90), length // 3) if slides else 12 * (turn > 0)
        ramp = np.minimum(1.0, np.arange(length) / width) if width else np.ones(length)
        parts.append(before + (note - before) * ramp)
        before = float(note)
    return np.concatenate(parts) + 0.5 * player.tuning
