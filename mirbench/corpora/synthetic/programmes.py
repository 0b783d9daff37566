"""Small radio programmes (speech/music) and songs (vocal/instrumental) with exact boundaries.

Synthesised, for a first run and tests: no substitute for real recordings. Voices and artists are
others than those of the clips.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.arrangements import STYLES, accompany, chant, perform
from mirbench.corpora.synthetic.clips import artist, speaker
from mirbench.corpora.synthetic.rooms import PHONE, STUDIO, record, under
from mirbench.corpora.synthetic.signals import fades, random_for, rms, steady, to_level
from mirbench.corpora.synthetic.voices import speak

PROGRAMMES = 4
SONGS = 6
PROGRAMME_S = 60.0
SONG_S = 40.0
BED_DB = 14.0  # music under speech, below the voice
BACKINGS = ("band", "plucked", "pads")

Labelled = list[tuple[float, float, str]]


def render_programmes(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render four 60-s programmes, alternating speech and music, with one stretch of both each.

    Hard cuts; two programmes are recorded in the studio and two over the phone.

    Parameters
    ----------
    root : path-like
        Receives ``programme_N.wav``, ``programme_N.lab`` (tab-separated start, end in s, label
        'speech', 'music' or 'speech+music') and, last, ``index.csv``.
    seed : int

    Returns
    -------
    DataFrame
        Columns path, labels (the ``.lab`` file), duration_s (s), group, note.
    """
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows = []
    for number in range(1, PROGRAMMES + 1):
        name = f"programme_{number}"
        rng, domain = random_for(seed, name), (STUDIO, PHONE)[number % 2]
        segments = _running_order(rng)
        dry = np.concatenate(
            [
                _item(label, b - a, name, i, domain.sr, seed)
                for i, (a, b, label) in enumerate(segments)
            ]
        )
        rows.append(_save(root, name, record(dry, domain, rng), domain.sr, segments))
    return store.write_index(root, rows, seed)


def render_songs(root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render six 40-s songs by six artists, alternating 'instrumental' and 'vocal'.

    Parameters and return value as in `render_programmes`; the files are ``song_N``.
    """
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    rows = []
    for number in range(1, SONGS + 1):
        name = f"song_{number}"
        rng = random_for(seed, name)
        singer = artist(f"{name}-artist", seed, BACKINGS[number % len(BACKINGS)])
        segments = _alternate(rng, SONG_S, ("instrumental", "vocal"), 4.0, 8.0)
        backing = accompany(singer, SONG_S, STUDIO.sr, rng)
        spans = tuple((a, b) for a, b, label in segments if label == "vocal")
        voice = chant(singer, SONG_S, STUDIO.sr, rng, spans)
        dry = backing + voice * float(steady(1.6 * rms(backing) / rms(voice)))
        rows.append(_save(root, name, record(dry, STUDIO, rng), STUDIO.sr, segments))
    return store.write_index(root, rows, seed)


def _running_order(rng: np.random.RandomState) -> Labelled:
    segments = _alternate(rng, PROGRAMME_S, ("speech", "music"), 6.0, 11.0)
    talk = [i for i, (_, _, label) in enumerate(segments) if label == "speech"]
    both = talk[rng.randint(1, len(talk))]
    start, end, _ = segments[both]
    segments[both] = (start, end, "speech+music")
    return segments


def _alternate(
    rng: np.random.RandomState, total_s: float, labels: tuple[str, str], low_s: float, high_s: float
) -> Labelled:
    """Segments of ``low_s`` to ``high_s`` seconds, on a grid of 0.1 s, that fill ``total_s``."""
    ends = [0.0]
    while ends[-1] + high_s + low_s < total_s:
        ends.append(round(ends[-1] + float(rng.uniform(low_s, high_s)), 1))
    ends.append(total_s)
    first = rng.randint(2)
    return [(a, b, labels[(i + first) % 2]) for i, (a, b) in enumerate(pairwise(ends))]


def _item(label: str, duration_s: float, name: str, number: int, sr: int, seed: int) -> np.ndarray:
    """One item of a programme, equally loud whatever it is, with 5-ms fades."""
    rng = random_for(seed, f"{name}-{number}")
    n = round(duration_s * sr)
    parts = []
    if "speech" in label:
        voice = speaker(f"{name}-speaker-{number % 4}", seed, high=bool(rng.randint(2)))
        parts.append(speak(voice, duration_s + 0.1, sr, rng)[:n])
    if "music" in label:
        style = STYLES[rng.randint(len(STYLES))]
        player = artist(f"{name}-artist-{number}", seed, style)
        parts.append(perform(player, duration_s + 0.1, sr, rng)[:n])
    sound = under(parts[1], parts[0], BED_DB) if len(parts) == 2 else parts[0]
    return to_level(sound, 0.0) * fades(n, sr // 200, sr // 200)


def _save(root: Path, name: str, samples: np.ndarray, sr: int, segments: Labelled) -> dict:
    store.write_wav(root / f"{name}.wav", samples, sr)
    store.write_lab(root / f"{name}.lab", segments)
    return {
        "path": f"{name}.wav",
        "labels": f"{name}.lab",
        "duration_s": len(samples) / sr,
        "group": name,
    }
