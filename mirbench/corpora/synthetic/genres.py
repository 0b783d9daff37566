"""Genres whose artists each have a sound of their own, which is louder than the genre.

Synthesised, for a first run and tests: no substitute for real recordings. Folds at random put clips of
one track, and tracks of one artist, on both sides; folds by artist ask for the genre. What determines
what:

- the genre: how often its artists choose an instrument, a rhythm, a mode and so on
  (`catalogue_table`): a taste, and nothing that all its tracks have;
- the artist: favourites within the genre, timbre of its instruments, mains hum, and a production
  (equaliser, room, bandwidth, compression) that is independent of the genre;
- the track: attributes, key, tempo, half of the equaliser, the reflection near the microphone, noise
  and level. Levels of the tracks of a genre are spread evenly, alike in all genres;
- the clip: where in the track it lies. The clips of a track follow one another.

Designed from musical knowledge; frozen before any method ran on it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.catalogue import name
from mirbench.corpora.synthetic.catalogue_plan import draw_catalogue
from mirbench.corpora.synthetic.catalogue_production import (
    PEAKS,
    Production,
    draw_production,
    master,
)
from mirbench.corpora.synthetic.catalogue_score import Score, perform
from mirbench.corpora.synthetic.catalogue_table import GENRES as DRAWN
from mirbench.corpora.synthetic.signals import phase, random_for, sine, to_level

SR = 16000
CLIP_S = 5.0
GENRES = ("house", "funk", "swing", "carnival", "metal")
ARTISTS = 8  # a genre
TRACKS = 2  # an artist
CLIPS = 3  # a track
FIRST_NAME = 1200  # number of the first artist's name
OWN_PEAKS = PEAKS // 2  # of an artist's equaliser; a track has the others
LEVELS_DB = (-34.0, -16.0)  # of the tracks of a genre
HUM_DB = (-40.0, -16.0)  # re the track
HUM_PARTIALS = 6


def render_genres(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render 5 genres x 8 artists x 2 tracks x 3 clips of 5 s at 16 kHz.

    Parameters
    ----------
    root : path-like
        Receives ``artist/track-clip.wav`` and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, genre, artist, group (the artist), track, start_s (of the clip in its
        track, s), duration_s (s), note.
    """
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows = []
    per_genre: dict[str, int] = dict.fromkeys(GENRES, 0)
    for artist, plans in draw_catalogue("genres", ARTISTS * len(DRAWN), TRACKS, seed):
        if artist.genre in GENRES:
            number = per_genre[artist.genre]
            per_genre[artist.genre] += 1
            rows += _artist(root, artist.genre, number, plans, seed)
    rows.sort(key=lambda row: GENRES.index(row["genre"]))
    return store.write_index(root, rows, seed)


def _artist(
    root: Path, genre: str, number: int, plans: list[dict[str, str]], seed: int
) -> list[dict[str, Any]]:
    """Render the clips of an artist; the rows of the index."""
    who = name(FIRST_NAME + ARTISTS * GENRES.index(genre) + number)
    owner, rows = f"genres/{genre} {number}", []
    own = random_for(seed, owner)
    made, hum = draw_production(own), _hum(own)
    for k, plan in enumerate(plans):
        rng = random_for(seed, f"{owner}/track {k}")
        level_db = _level_db(genre, TRACKS * number + k, seed)
        score = Score(_even(plan), owner, CLIPS * CLIP_S, SR, seed, rng)
        dry = to_level(perform(score), 0.0) + to_level(hum, rng.uniform(*HUM_DB))
        samples = master(dry, _of_track(made, rng, level_db), SR, rng)
        for clip, part in enumerate(np.split(samples, CLIPS)):
            path = f"{who.lower()}/{k + 1}-{clip + 1}.wav"
            store.write_wav(root / path, part, SR)
            rows.append(
                {
                    "path": path,
                    "genre": genre,
                    "artist": who,
                    "group": who,
                    "track": f"{who} {k + 1}",
                    "start_s": clip * CLIP_S,
                    "duration_s": CLIP_S,
                }
            )
    return rows


def _even(plan: dict[str, str]) -> dict[str, str]:
    """The plan without what makes the clips of a track of different levels."""
    still = plan["dynamics"] in ("crescendo", "fade-out")
    return plan | {"dynamics": ""} if still else plan


def _of_track(made: Production, rng: np.random.RandomState, level_db: float) -> Production:
    """The artist's production with what is the track's own."""
    drawn = draw_production(rng)
    return replace(
        made,
        peaks=made.peaks[:OWN_PEAKS] + drawn.peaks[OWN_PEAKS:],
        delay_s=drawn.delay_s,
        echo=drawn.echo,
        noise_db=drawn.noise_db,
        noise_hz=drawn.noise_hz,
        level_db=level_db,
    )


def _level_db(genre: str, number: int, seed: int) -> float:
    """One of as many even steps as a genre has tracks, shuffled."""
    count = ARTISTS * TRACKS
    place = random_for(seed, f"genres/{genre} levels").permutation(count)[number]
    return LEVELS_DB[0] + (LEVELS_DB[1] - LEVELS_DB[0]) * (place + 0.5) / count


def _hum(own: np.random.RandomState) -> np.ndarray:
    """Mains hum: partials of 50 or 60 Hz, shape (n,)."""
    hz = (50.0, 60.0)[own.randint(2)] * own.uniform(0.998, 1.002)
    out = np.zeros(int(CLIPS * CLIP_S * SR))
    for k in range(1, HUM_PARTIALS + 1):
        out += own.uniform(0.05, 1.0) * sine(phase(np.full(len(out), k * hz), SR))
    return out
