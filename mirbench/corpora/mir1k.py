"""MIR-1K: 1,000 clips of amateurs singing to karaoke, with pitch and voice (Hsu and Jang 2010)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.f0 import HOP_S, check_f0
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, with_audio
from mirbench.errors import DataError

TITLE = "1,000 clips of 4 to 13 s by 19 singers, with pitch and vocal frames, grouped by singer"
LICENCE = "none given (a copy on figshare says CC BY 4.0)"
HOW = (
    "get MIR-1K.zip (mirlab.org, or MIR-1K.rar of figshare article 5802891) and unpack it there: "
    "MIR-1K/Wavfile/abjones_1_01.wav"
)
FAULTS = (
    "amateurs: what is sung isn't always in tune with the accompaniment (from memory)",
    "110 karaoke songs; whether two singers sang to the same accompaniment isn't listed, so folds by "
    "singer may share accompaniments",
    "the authors' address of the .rar doesn't answer any more (said by users)",
    "labels of a clip may be a frame longer or shorter than its sound: the last one lasts to its end",
)
BIBTEX = r"""@article{hsu2010improvement,
  author  = {Hsu, Chao-Ling and Jang, Jyh-Shing Roger},
  title   = {On the improvement of singing voice separation for monaural recordings using the {MIR-1K} dataset},
  journal = {IEEE Transactions on Audio, Speech, and Language Processing},
  volume  = {18},
  number  = {2},
  pages   = {310--319},
  year    = {2010}
}"""
PROTOCOLS = ("singing-voice/mir1k", "pitch/mir1k", "pitch/mir1k-mdb-stem-synth")
REMOTES = (
    Remote(
        "MIR-1K.zip",
        ("http://mirlab.org/dataset/public/MIR-1K.zip",),
        "md5:3a4e5acd740110ae481a836460dabb6a",
        unpack=".",
    ),
)
"""As mirdata keeps them."""
SIZE = "about 1 GB"
"""As a public script that fetches it says."""
BY_HAND = ""
AUDIO, PITCH, VOICE = "Wavfile", "PitchLabel", "vocal-nonvocalLabel"
SUFFIXES = {AUDIO: ".wav", PITCH: ".pv", VOICE: ".vocal"}


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/mir1k``, in the folder itself or in its ``MIR-1K``.

    Sounds have two channels, the accompaniment left and the voice right; decoded to their mean they are
    the mixture. Columns ``f0_path`` (absolute path of the pitch, to be read with
    `mirbench.corpora.f0.read_f0`), ``segments`` (JSON of ``[start_s, end_s, label]``, vocal or
    instrumental, of the vocal frames), ``singer`` (the group) and ``song``, parts of the name,
    ``abjones_1_01``.

    Parameters
    ----------
    partial : bool
        Load what is there where some clips are missing, instead of an error.

    Raises
    ------
    DataError
        The folder or a clip isn't there, a clip lacks its pitch or vocal frames, or they can't be read.
    """
    root = corpus_folder("mir1k", HOW)
    base = root / "MIR-1K" if (root / "MIR-1K").is_dir() else root
    names = sorted(
        {
            path.stem
            for folder, suffix in SUFFIXES.items()
            for path in (base / folder).glob(f"*_*_*{suffix}")
        }
    )
    if not names:
        raise DataError(f"{base}: holds no {AUDIO}, {PITCH} and {VOICE}; {HOW}")
    index = with_audio(_index(names, base), base, HOW, partial)
    for path in index["f0_path"]:
        check_f0(path)
    items = item_table(index, base, "mir1k")
    voiced = [_vocal(base / VOICE / f"{Path(path).stem}.vocal") for path in items["path"]]
    return Corpus(
        "mir1k",
        items.assign(segments=[segments(v, d) for v, d in zip(voiced, items["duration_s"])]),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(base),
    )


def segments(vocal: np.ndarray, duration_s: float) -> str:
    """Runs of vocal and other frames as JSON of ``[start_s, end_s, label]``, all of a clip covered.

    Frame ``i`` is centred at 0.02 (i + 1) s and speaks for 10 ms before and after; the first also for
    what is before, the last for what is after.

    Parameters
    ----------
    vocal : ndarray of bool, shape (n_frames,)
    duration_s : float
        Of the clip.
    """
    changes = np.flatnonzero(vocal[1:] != vocal[:-1]) + 1
    edges = [round(float(i + 0.5) * HOP_S, 3) for i in changes]
    edges = [0.0, *(edge for edge in edges if edge < duration_s), round(float(duration_s), 3)]
    starts = [0, *changes][: len(edges) - 1]
    labels = ["vocal" if vocal[i] else "instrumental" for i in starts]
    return json.dumps([list(row) for row in zip(edges[:-1], edges[1:], labels)])


def _vocal(path: Path) -> np.ndarray:
    """Vocal frames of a clip; DataError unless the file is lines of 0 and 1."""
    if not path.is_file():
        raise DataError(f"{path}: isn't there; {HOW}")
    words = path.read_text(encoding="utf-8", errors="replace").split()
    wrong = [word for word in words if word not in ("0", "1")]
    if wrong or not words:
        raise DataError(f"{path}: holds {wrong[0] if wrong else 'nothing'!r}, not 0 or 1; {HOW}")
    return np.array(words) == "1"


def _index(names: list[str], base: Path) -> pd.DataFrame:
    parts = [name.rsplit("_", 2) for name in names]
    return pd.DataFrame(
        {
            "id": names,
            "path": [f"{AUDIO}/{name}.wav" for name in names],
            "f0_path": [str((base / PITCH / f"{name}.pv").resolve()) for name in names],
            "singer": [singer for singer, _, _ in parts],
            "song": [f"{singer}_{song}" for singer, song, _ in parts],
            "group": [f"mir1k/{singer}" for singer, _, _ in parts],
        }
    )
