"""Catalogues of artists, albums and tagged tracks, for music similarity.

Synthesised, for a first run and tests: no substitute for real recordings. An artist belongs to a genre
and has favourites of its own; a track's tags are the attributes that it was played with, and nothing
else. Each album has a production (equaliser, room, bandwidth, compression, noise, level) that is
independent of all tags: tracks of one album sound alike for a reason that has nothing to do with the
music, which is what album and artist filters are for. How strong the productions are was set by
looking at nearest neighbours by mean and deviation of MFCC, with and without an album filter, in a few
rounds; frozen before any similarity method ran on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, cpu_count, delayed

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.catalogue_plan import Artist, draw_catalogue, tags
from mirbench.corpora.synthetic.catalogue_production import draw_production, master
from mirbench.corpora.synthetic.catalogue_score import Score, perform
from mirbench.corpora.synthetic.signals import random_for

SR = 16000
DURATION_S = 4.0
ALBUMS = 2
SMALL = "small"
CATALOGUES = ("0", "1", "2", "3", "4")
_FIRST = (
    "ba",
    "do",
    "fe",
    "gi",
    "ka",
    "lu",
    "me",
    "ni",
    "o",
    "pa",
    "re",
    "so",
    "ta",
    "u",
    "vi",
    "zo",
)
_LAST = ("lan", "mer", "nix", "ros", "sen", "tal", "vek", "wyn")


def render_catalogue(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render the small catalogue: 40 artists x 2 albums x 2 tracks of 4 s at 16 kHz.

    Parameters
    ----------
    root : path-like
        Receives ``small/artist/album/track.wav`` and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, artist, album, title, genre, tags (joined by ``|``), catalogue, duration_s (s),
        note.
    """
    return _render(Path(root), {SMALL: (40, 2)}, seed)


def render_catalogues(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render five catalogues of 100 artists x 2 albums x 3 tracks, no artist in two of them.

    Parameters and return value as in `render_catalogue`; the folders are ``0`` to ``4``. Uses all
    cores.
    """
    return _render(Path(root), dict.fromkeys(CATALOGUES, (100, 3)), seed, jobs=cpu_count())


def _render(
    root: Path, sizes: dict[str, tuple[int, int]], seed: int, jobs: int = 1
) -> pd.DataFrame:
    index = store.finished(root, seed)
    if index is not None:
        return index
    work = [
        (catalogue, artist, plans)
        for catalogue, (artists, tracks) in sizes.items()
        for artist, plans in draw_catalogue(catalogue, artists, ALBUMS * tracks, seed)
    ]
    done = Parallel(n_jobs=jobs)(delayed(_artist)(root, *one, seed) for one in work)
    return store.write_index(root, [row for rows in done for row in rows], seed)


def _artist(
    root: Path, catalogue: str, artist: Artist, plans: list[dict[str, str]], seed: int
) -> list[dict[str, Any]]:
    """Render all tracks of an artist; the rows of the index."""
    first = (*CATALOGUES, SMALL).index(catalogue) * 100
    who, rows = name(first + artist.number), []
    owner = f"{catalogue}/artist {artist.number}"
    tracks = len(plans) // ALBUMS
    for k, plan in enumerate(plans):
        place = f"{k // tracks + 1}/{k % tracks + 1}"
        made = draw_production(random_for(seed, f"{owner}/album {k // tracks}"))
        rng = random_for(seed, f"{owner}/track {k}")
        dry = perform(Score(plan, owner, DURATION_S, SR, seed, rng))
        samples = master(dry, made, SR, rng)
        path = f"{catalogue}/{who.lower()}/{place}.wav"
        store.write_wav(root / path, samples, SR)
        rows.append(
            {
                "path": path,
                "artist": who,
                "album": f"{who} {k // tracks + 1}",
                "title": f"{who} {place}",
                "genre": artist.genre,
                "tags": "|".join(tags(plan)),
                "catalogue": catalogue,
                "duration_s": len(samples) / SR,
            }
        )
    return rows


def name(number: int) -> str:
    """A name for each number below 2048, all different; near numbers have unlike names."""
    mixed = number * 997 % 2048
    parts = _FIRST[mixed % 16], _FIRST[mixed // 16 % 16], _LAST[mixed // 256]
    return "".join(parts).capitalize()
