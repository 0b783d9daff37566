"""Clips of songs with a known valence and arousal.

Synthesised, for a first run and tests: no substitute for listeners' ratings of real recordings. What
determines what:

- arousal: tempo, density of notes, articulation and brightness (`emotion_score`);
- valence: mode, consonance and pitch height;
- the song: its mean valence and arousal (each spread evenly over [-1, 1], independent of one another),
  instruments and their timbre, percussion or none, key, chords, production, and how far it departs
  from the rule in tempo, density, articulation, brightness and pitch;
- the clip: how far it lies from its song's mean, notes, level (one clip of a song is louder than the
  middle by as much as the other is softer, so that levels tell nothing), and the annotation: what
  stands in the table is what was played plus noise of deviation 0.1.

Designed from musical knowledge; frozen before any method ran on it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.catalogue import name
from mirbench.corpora.synthetic.catalogue_production import Production, draw_production, master
from mirbench.corpora.synthetic.emotion_score import draw_song, perform, playing
from mirbench.corpora.synthetic.signals import db, random_for

SR = 16000
DURATION_S = 6.0
SONGS = 60
CLIPS = 2  # a song
FIRST_NAME = 1400  # number of the first song's name
CLIP_SPREAD = 0.25  # a clip's values are at most so far from its song's
NOISE = 0.1  # standard deviation of the annotation
LEVEL_DB, LEVEL_SPREAD_DB = -24.0, 6.0


def render_emotion(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render 60 songs x 2 clips of 6 s at 16 kHz.

    Parameters
    ----------
    root : path-like
        Receives ``song-clip.wav`` and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, valence, arousal (both in [-1, 1]), song, group (the song), duration_s (s),
        note.
    """
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows, means = [], song_means(seed)
    for number in range(SONGS):
        owner, title = f"emotion/song {number}", name(FIRST_NAME + number)
        song = draw_song(owner, seed, SR)
        own = random_for(seed, f"{owner}/production")
        made, spread_db = _draw_mild_production(own), own.uniform(-1, 1) * LEVEL_SPREAD_DB
        for clip in range(CLIPS):
            rng = random_for(seed, f"{owner}/clip {clip}")
            played = np.clip(means[number] + rng.uniform(-CLIP_SPREAD, CLIP_SPREAD, 2), -1, 1)
            # twelve uniform draws: nearly normal, and the same on every machine
            annotated = played + NOISE * (rng.random_sample((12, 2)).sum(axis=0) - 6)
            how = playing(song, float(played[0]), float(played[1]), rng)
            dry = perform(song, how, DURATION_S, SR, seed, rng)
            recorded = replace(made, level_db=LEVEL_DB + (-1) ** clip * spread_db)
            path = f"{title.lower()}-{clip + 1}.wav"
            store.write_wav(root / path, master(dry, recorded, SR, rng), SR)
            valence, arousal = np.round(np.clip(annotated, -1, 1), 3)
            rows.append(
                {
                    "path": path,
                    "valence": float(valence),
                    "arousal": float(arousal),
                    "song": title,
                    "group": title,
                    "duration_s": DURATION_S,
                }
            )
    return store.write_index(root, rows, seed)


def song_means(seed: int) -> np.ndarray:
    """Valence and arousal of each song: even steps, shuffled, shape (SONGS, 2)."""
    rng = random_for(seed, "emotion/means")
    places = np.stack([rng.permutation(SONGS), rng.permutation(SONGS)], axis=1)
    return (places + 0.5) / SONGS * 2 - 1


def _draw_mild_production(own: np.random.RandomState) -> Production:
    """A production that leaves the brightness of the playing audible."""
    made = draw_production(own)
    return replace(
        made,
        low=db(own.uniform(-4, 4)),
        high=db(own.uniform(-4, 4)),
        peaks=tuple((hz, q, gain / 3) for hz, q, gain in made.peaks[:4]),
        echo=made.echo / 2,
        top_hz=own.uniform(5500, 7800),
        wet=made.wet / 2,
        noise_db=own.uniform(-50, -30),
    )
