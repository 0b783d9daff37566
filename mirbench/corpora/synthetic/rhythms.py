"""Dances played by bands: what is to be heard is when things happen, and not what they sound like.

Synthesised, for a first run and tests: no substitute for real recordings. Every band plays every
dance. What determines what:

- the dance (``rhythm``): metre, who plays on which part of a bar, accents, swing, the early second
  beat of the Viennese waltz, how long notes are held (`rhythm_table`), and the range of tempo, which
  overlaps with those of other dances;
- the band: instruments, their timbre, tuning, balance, equaliser, room, bandwidth, noise and level
  (`rhythm_band`). Each layer has the same level in all dances of a band, so that a spectrum averaged
  over time says little about the dance;
- the clip: tempo, way to play the dance, key, mode, chords, tune, hits left out and added, uneven
  hands, and where in a bar it starts.

Designed from musical knowledge; frozen before any method ran on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, cpu_count, delayed

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.catalogue import CATALOGUES, SMALL, name
from mirbench.corpora.synthetic.catalogue_production import master
from mirbench.corpora.synthetic.rhythm_band import draw_band
from mirbench.corpora.synthetic.rhythm_performance import perform
from mirbench.corpora.synthetic.rhythm_table import RHYTHMS
from mirbench.corpora.synthetic.signals import random_for

SR = 16000
DURATION_S = 10.0
FIRST_NAME = 1000  # number of the first band's name


def render_rhythm(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render the small corpus: 8 dances x 4 bands x 1 clip of 10 s at 16 kHz.

    Parameters
    ----------
    root : path-like
        Receives ``small/band/dance-1.wav`` and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, rhythm, tempo (beats a minute), band, group (the band), catalogue,
        duration_s (s), note.
    """
    return _render(Path(root), {SMALL: (4, 1)}, seed)


def render_rhythms(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render five corpora of 8 dances x 10 bands x 2 clips, no band in two of them.

    Parameters and return value as in `render_rhythm`; the folders are ``0`` to ``4``. Uses all
    cores.
    """
    return _render(Path(root), dict.fromkeys(CATALOGUES, (10, 2)), seed, jobs=cpu_count())


def _render(
    root: Path, sizes: dict[str, tuple[int, int]], seed: int, jobs: int = 1
) -> pd.DataFrame:
    index = store.finished(root, seed)
    if index is not None:
        return index
    work = [(c, band, clips) for c, (bands, clips) in sizes.items() for band in range(bands)]
    done = Parallel(n_jobs=jobs)(delayed(_band)(root, *one, seed) for one in work)
    return store.write_index(root, [row for rows in done for row in rows], seed)


def _band(root: Path, catalogue: str, number: int, clips: int, seed: int) -> list[dict[str, Any]]:
    """Render all clips of a band; the rows of the index."""
    who = name(FIRST_NAME + 10 * (*CATALOGUES, SMALL).index(catalogue) + number)
    owner = f"rhythms/{catalogue}/band {number}"
    band, rows = draw_band(owner, who, seed, SR), []
    for rhythm in RHYTHMS:
        for clip in range(clips):
            rng = random_for(seed, f"{owner}/{rhythm} {clip}")
            dry, tempo = perform(band, RHYTHMS[rhythm], DURATION_S, SR, rng)
            path = f"{catalogue}/{who.lower()}/{rhythm.replace(' ', '-')}-{clip + 1}.wav"
            store.write_wav(root / path, master(dry, band.production, SR, rng), SR)
            rows.append(
                {
                    "path": path,
                    "rhythm": rhythm,
                    "tempo": tempo,
                    "band": who,
                    "group": who,
                    "catalogue": catalogue,
                    "duration_s": DURATION_S,
                }
            )
    return rows
