"""A catalogue of tracks with listening counts whose factors are known: sound, plays, users.

The tracks are made as those of `catalogue` (artists, albums with productions, tags); who played what
is drawn by `listening_taste`. Frozen before any factorisation or method ran on its counts, but for
looking at how many tracks a user plays.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, cpu_count, delayed

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.catalogue import ALBUMS, CATALOGUES, SR, name
from mirbench.corpora.synthetic.catalogue_plan import Artist, draw_catalogue, tags
from mirbench.corpora.synthetic.catalogue_production import draw_production, master
from mirbench.corpora.synthetic.catalogue_score import Score, perform
from mirbench.corpora.synthetic.listening_taste import (
    audible_factors,
    draw_plays,
    draw_popularity,
    draw_users,
)
from mirbench.corpora.synthetic.signals import random_for

OWNER = "listening"  # the name of this catalogue's dice: no sound of another catalogue
DURATION_S = 5.0
ARTISTS, TRACKS = 100, 4
FIRST = 100 * (len(CATALOGUES) + 1)  # artists of the other catalogues have the numbers below
AUDIBLE = "audible "
"""Columns that start so hold the true factors, in the index and in ``users.csv``."""


def render_listening(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render 100 artists x 2 albums x 2 tracks of 5 s at 16 kHz, and draw who played them.

    Uses all cores.

    Parameters
    ----------
    root : path-like
        Receives ``artist/album/track.wav``, ``plays.csv`` (user, track, count; a track is its path
        without the suffix), ``users.csv`` (user, genre, plays, tastes) and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, artist, album, title, genre, tags (joined by ``|``), popularity, the true
        factors (``audible ...``), duration_s (s), note.
    """
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None and all((root / f).is_file() for f in ("plays.csv", "users.csv")):
        return index
    drawn = draw_catalogue(OWNER, ARTISTS, TRACKS, seed)
    done = Parallel(n_jobs=cpu_count())(delayed(_artist)(root, *one, seed) for one in drawn)
    return _listened(root, pd.DataFrame([row for rows in done for row in rows]), seed)


def _listened(root: Path, tracks: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Draw popularity, users and plays of the tracks; write all tables."""
    factors = audible_factors(tracks["tags"].tolist())
    popularity = draw_popularity(tracks["artist"].tolist(), seed)
    users = draw_users(factors, tracks["genre"].tolist(), seed)
    ids = [path.removesuffix(".wav") for path in tracks["path"]]
    plays = draw_plays(users, ids, factors, popularity, seed)
    tastes = {column: f"{AUDIBLE}{column}" for column in factors}
    for file, table in (("plays.csv", plays), ("users.csv", users.rename(columns=tastes))):
        store.write_text(root / file, table.to_csv(index=False, lineterminator="\n"))
    tracks = tracks.assign(popularity=popularity).join(factors.add_prefix(AUDIBLE))
    names = [str(column) for column in tracks]
    rows = [dict(zip(names, row)) for row in tracks.itertuples(index=False)]
    return store.write_index(root, rows, seed)


def _artist(
    root: Path, artist: Artist, plans: list[dict[str, str]], seed: int
) -> list[dict[str, Any]]:
    """Render all tracks of an artist; the rows of the index."""
    who, rows = name(FIRST + artist.number), []
    owner = f"{OWNER}/artist {artist.number}"
    each = len(plans) // ALBUMS
    for k, plan in enumerate(plans):
        place = f"{k // each + 1}/{k % each + 1}"
        made = draw_production(random_for(seed, f"{owner}/album {k // each}"))
        rng = random_for(seed, f"{owner}/track {k}")
        samples = master(perform(Score(plan, owner, DURATION_S, SR, seed, rng)), made, SR, rng)
        path = f"{who.lower()}/{place}.wav"
        store.write_wav(root / path, samples, SR)
        rows.append(
            {
                "path": path,
                "artist": who,
                "album": f"{who} {k // each + 1}",
                "title": f"{who} {place}",
                "genre": artist.genre,
                "tags": "|".join(tags(plan)),
                "duration_s": len(samples) / SR,
            }
        )
    return rows
