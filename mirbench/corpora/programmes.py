"""Six constructed programmes (23 min) of speech and music with exact boundaries, two with overlap."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from mirbench.corpora import real_folder, sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import load_folder

TITLE = "6 constructed programmes, speech, music and speech over music"
LICENCE = "CC BY 4.0, with attribution to LibriSpeech and the artists named in segments.csv"
FAULTS = (
    "constructed, not broadcast: no jingles, no talk over fades (README of the corpus)",
    "16 kHz bandwidth throughout (README of the corpus)",
    "music is other parts of tracks that speech_music holds: train without those artists (README)",
)
BIBTEX = sources.compiled(
    "mirbench_programmes",
    "Six constructed programmes of speech and music with exact boundaries",
    *(sources.LIBRISPEECH, sources.PHONOGRAPHS, sources.OPEN_SURGE, sources.LIBROSA_DATA),
)
PROTOCOLS = ("segmentation/programmes", "segmentation/leave-one-programme-out")
REMOTES = ()
FOLDER = "segmentation/programmes"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/segmentation/programmes``."""
    root = real_folder("segmentation", "programmes")
    corpus = load_folder(
        root, "programmes", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX
    )
    members = _members(root / "segments.csv")
    items = corpus.items.assign(members=[members[Path(p).name] for p in corpus.items["path"]])
    return replace(corpus, items=items)


def _members(segments: Path) -> dict[str, str]:
    """Artists and speakers heard in each programme, joined by ``|``."""
    table = pd.read_csv(segments, dtype=str, keep_default_na=False)
    heard: dict[str, set[str]] = {}
    for row in table.to_dict("records"):
        names = [row["artist"], row["bed"].partition(" - ")[0], *row["speakers"].split(" ; ")]
        heard.setdefault(row["programme"], set()).update(n for n in names if n)
    return {programme: "|".join(sorted(names)) for programme, names in heard.items()}
