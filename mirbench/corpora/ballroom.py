"""Ballroom: 698 excerpts of 30 s, eight dance styles (Gouyon et al. 2006)."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder
from mirbench.errors import DataError

TITLE = "698 excerpts of 30 s, eight dance styles, grouped by disc as the file names tell it"
LICENCE = "excerpts from the site BallroomDancers.com, for research (from memory); none given"
HOW = (
    "get data1.tar.gz of the tempo induction contest of ISMIR 2004 (Music Technology Group, UPF) and "
    "unpack it there: BallroomData/Waltz/Media-105901.wav"
)
FAULTS = (
    "four exact and nine further replicas (REPLICAS: Sturm 2014, as listed in the repository "
    "CPJKU/BallroomAnnotations)",
    "one recording has two labels: Albums-Fire-08 (ChaChaCha) and Albums-Fire-09 (Samba) (the same)",
    "tempo tells most styles apart, so accuracy says little of rhythm (Gouyon et al. 2004: 82.3 % from "
    "tempo alone)",
)
BIBTEX = r"""@article{gouyon2006experimental,
  author  = {Gouyon, Fabien and Klapuri, Anssi and Dixon, Simon and Alonso, Miguel and Tzanetakis, George and Uhle, Christian and Cano, Pedro},
  title   = {An experimental comparison of audio tempo induction algorithms},
  journal = {IEEE Transactions on Audio, Speech, and Language Processing},
  volume  = {14},
  number  = {5},
  pages   = {1832--1844},
  year    = {2006}
}"""
PROTOCOLS = ("rhythm/ballroom-deduplicated", "rhythm/ballroom-10fold")
_CONTEST = "https://mtg.upf.edu/ismir2004/contest/tempoContest"
REMOTES = (  # checksums: mirdata; size: two public copies
    Remote(
        "data1.tar.gz",
        (f"{_CONTEST}/data1.tar.gz",),
        "md5:2872a3e52070bc342a4510a95e2fa0b8",
        1_453_888_083,
        ".",
    ),
    Remote(
        "data2.tar.gz",  # BallroomAnnotations/ballroomGroundTruth/*.bpm
        (f"{_CONTEST}/data2.tar.gz",),
        "md5:4a0ec5518bbb4dbf3ab02de0383b0994",
        unpack=".",
    ),
)
SIZE = "about 1.5 GB"
"""The first archive, as published; the second holds lists only."""
BY_HAND = ""
STYLES = {
    "ChaChaCha": 111,
    "Jive": 60,
    "Quickstep": 82,
    "Rumba": 98,
    "Samba": 86,
    "Tango": 86,
    "VienneseWaltz": 65,
    "Waltz": 110,
}
"""Excerpts a style (from memory; the sum and the majority of 15.9 % are published)."""
REPLICAS = (
    ("Albums-AnaBelen_Veneo-11", "Albums-Chrisanne2-12"),
    ("Albums-Fire-08", "Albums-Fire-09"),
    ("Albums-Latin_Jam2-05", "Albums-Latin_Jam2-13"),
    ("Albums-Secret_Garden-01", "Media-104705"),
    ("Albums-AnaBelen_Veneo-03", "Albums-AnaBelen_Veneo-15"),
    ("Albums-Ballroom_Magic-03", "Albums-Ballroom_Magic-18"),
    ("Albums-Latin_Jam-04", "Albums-Latin_Jam-13"),
    ("Albums-Latin_Jam-08", "Albums-Latin_Jam-14"),
    ("Albums-Latin_Jam-06", "Albums-Latin_Jam-15"),
    ("Albums-Latin_Jam2-02", "Albums-Latin_Jam2-14"),
    ("Albums-Latin_Jam2-07", "Albums-Latin_Jam2-15"),
    ("Albums-Latin_Jam3-02", "Media-103414"),
    ("Media-103402", "Media-103415"),
)
"""Pairs of excerpts of one recording; the first four are exact copies."""
_NAME = re.compile(r"Albums-.+-\d+|Media-\d+").fullmatch


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/ballroom``.

    A style's folder is in the folder itself or in its ``BallroomData``; Rumba-American, -International
    and -Misc are Rumba. Columns ``rhythm``, ``group`` (the disc: a file's name without its last number,
    or the first four digits of ``Media-105901``; our choice), ``replica_of`` (the first of its pair in
    ``REPLICAS``), and ``bpm`` where a ``.bpm`` file of that name is anywhere below the folder.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder isn't there, or a style hasn't as many recordings as published.
    """
    root = corpus_folder("ballroom", HOW)
    audio = root / "BallroomData" if (root / "BallroomData").is_dir() else root
    paths = [p for p in sorted(audio.glob("*/*.wav")) if _style(p) in STYLES and _NAME(p.stem)]
    counts = pd.Series([_style(p) for p in paths], dtype=object).value_counts().to_dict()
    wrong = [
        f"{style}: {counts.get(style, 0)} of {n}"
        for style, n in STYLES.items()
        if counts.get(style, 0) != n
    ]
    if not paths or (wrong and not partial):
        raise DataError(
            f"{audio}: not the {sum(STYLES.values())} published recordings ({', '.join(wrong)}): some of the "
            f"listed recordings aren't there, or some are twice; {HOW}, or load what is there with "
            "load(partial=True)"
        )
    names = [p.stem for p in paths]
    index = pd.DataFrame(
        {
            "id": names,
            "path": [str(p.relative_to(root)) for p in paths],
            "rhythm": [_style(p) for p in paths],
            "group": [disc(name) for name in names],
            "replica_of": [dict((b, a) for a, b in REPLICAS).get(name, "") for name in names],
        }
    )
    tempi = {p.stem: _tempo(p) for p in root.rglob("*.bpm") if _NAME(p.stem)}
    if tempi:
        index["bpm"] = [tempi.get(n, float("nan")) for n in names]
    items = item_table(index, root, "ballroom")
    return Corpus(
        "ballroom",
        items,
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(audio),
    )


def disc(name: str) -> str:
    """The disc that an excerpt's name tells: ``Albums-Fire-08`` and ``Media-105901`` are tracks of
    ``Albums-Fire`` and ``Media-1059``."""
    return name[:-2] if name.startswith("Media-") else name.rpartition("-")[0]


def _tempo(path: Path) -> float:
    """Beats a minute of a ``.bpm`` file."""
    try:
        return float(path.read_text(encoding="utf-8").split()[0])
    except (ValueError, IndexError) as error:  # a UnicodeDecodeError is a ValueError
        raise DataError(f"{path}: doesn't start with a tempo; get data2.tar.gz again") from error


def _style(path: Path) -> str:
    style = path.parent.name
    return "Rumba" if style.startswith("Rumba") else style
