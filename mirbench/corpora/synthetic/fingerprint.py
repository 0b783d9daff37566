"""The leak test: a genre-like corpus in which every artist has a sound of its own and one genre.

Synthesised, for tests: no substitute for real recordings. Random folds put an artist on both sides
and score high; folds by artist score little above chance, since the genres themselves hardly differ.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.rooms import pcm
from mirbench.corpora.synthetic.signals import band, random_for, to_level, white

SR = 8000
DURATION_S = 2.0
GENRES = ("ambler", "brisk", "canter")
PULSES = (3.4, 4.0, 4.6)  # mean pulses a second of each genre: the weak true difference
ARTISTS = 12
CLIPS = 5


def render_fingerprint(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render 60 clips of 2 s by 12 artists in 3 genres, each artist with a fixed equaliser.

    Parameters
    ----------
    root : path-like
        Receives one folder a genre and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, label, group, artist, duration_s (s), note.
    """
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows = []
    for number in range(ARTISTS):
        who, genre = f"artist-{number + 1:02d}", number % len(GENRES)
        own = random_for(seed, f"fingerprint-{who}")
        peaks = [
            (own.uniform(200, 3600), own.uniform(60, 300), own.uniform(2, 6)) for _ in range(4)
        ]
        for clip in range(CLIPS):
            path = f"{GENRES[genre]}/{who}-{clip + 1}.wav"
            rng = random_for(seed, path)
            pulses = _pulses(PULSES[genre] * rng.uniform(0.8, 1.25), rng)
            sound = 0.5 * pulses
            for hz, width_hz, gain in peaks:
                sound = sound + gain * band(pulses, hz, width_hz, SR)
            store.write_wav(root / path, pcm(to_level(sound, -20.0)), SR)
            rows.append(
                {
                    "path": path,
                    "label": GENRES[genre],
                    "group": who,
                    "artist": who,
                    "duration_s": DURATION_S,
                }
            )
    return store.write_index(root, rows, seed)


def _pulses(rate_hz: float, rng: np.random.RandomState) -> np.ndarray:
    """Noise, louder in the first half of every pulse, coloured a little differently each time."""
    n = int(DURATION_S * SR)
    cycles = (np.arange(n) * (rate_hz / SR) + rng.random_sample()) % 1.0
    hiss = white(rng, n)
    hiss = hiss + band(hiss, rng.uniform(300, 3000), 800.0, SR)
    return hiss * (0.15 + 0.85 * (cycles < 0.5))
