"""Speech/music clips in two domains, ``studio`` and ``phone``, with disjoint speakers and artists.

Synthesised, for a first run and tests: no substitute for real recordings. Per domain 24 speech clips
of 12 speakers and 24 music clips of 12 artists (six styles), 15 s each.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.arrangements import STYLES, Artist, draw_artist, perform
from mirbench.corpora.synthetic.rooms import DOMAINS, record
from mirbench.corpora.synthetic.signals import random_for
from mirbench.corpora.synthetic.voices import Voice, draw_voice, speak
from mirbench.errors import DataError

GROUPS = 12  # speakers, and artists, a domain
CLIPS = 2  # a group
DURATION_S = 15.0


def render(domain: str, root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render one domain's clips below ``root``, or return the index if they are there.

    Parameters
    ----------
    domain : {'studio', 'phone'}
        'studio': full band, dry, quiet floor, loud. 'phone': 300-3400 Hz, reverberant,
        25-30 dB above its background noise, 11 dB softer. Both 22.05 kHz.
    root : path-like
        Folder of this corpus; receives ``speech/``, ``music/`` and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, label, group, speaker, artist, style, duration_s (s), note.

    Raises
    ------
    DataError
        Unknown domain.
    """
    if domain not in DOMAINS:
        raise DataError(f"unknown synthetic domain {domain!r}; use one of {', '.join(DOMAINS)}")
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows = []
    for label in ("speech", "music"):
        for g in range(GROUPS):
            for clip in range(CLIPS):
                rows.append(_clip(domain, label, g, clip, root, seed))
    return store.write_index(root, rows, seed)


def speaker(name: str, seed: int, high: bool) -> Voice:
    """The speaker of this name: the same voice wherever it is asked for."""
    return draw_voice(random_for(seed, name), high)


def artist(name: str, seed: int, style: str) -> Artist:
    """The artist of this name: the same key, tempo and timbre wherever it is asked for."""
    return draw_artist(random_for(seed, name), style)


def _clip(domain: str, label: str, g: int, clip: int, root: Path, seed: int) -> dict[str, object]:
    who = f"{domain}-{'speaker' if label == 'speech' else 'artist'}-{g + 1:02d}"
    path = f"{label}/{who}-{clip + 1}.wav"
    sr, rng = DOMAINS[domain].sr, random_for(seed, path)
    if label == "speech":
        voice = speaker(who, seed, high=bool(g % 2))
        style, dry = voice.register, speak(voice, DURATION_S, sr, rng)
    else:
        style = STYLES[g % len(STYLES)]
        dry = perform(artist(who, seed, style), DURATION_S, sr, rng)
    samples: np.ndarray = record(dry, DOMAINS[domain], rng)
    store.write_wav(root / path, samples, sr)
    return {
        "path": path,
        "label": label,
        "group": who,
        "speaker": who if label == "speech" else "",
        "artist": who if label == "music" else "",
        "style": style,
        "duration_s": len(samples) / sr,
    }
