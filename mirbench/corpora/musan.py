"""MUSAN: 109 hours of music, speech and noise (Snyder, Chen and Povey 2015)."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, with_audio
from mirbench.errors import DataError

TITLE = "660 music, 426 speech and 930 noise recordings, music grouped by artist"
LICENCE = "CC BY 4.0 for the collection; each recording its own (a file LICENSE in each folder)"
HOW = "get musan.tar.gz (openslr.org, resource 17) and unpack it there: musan/music/fma/ANNOTATIONS"
FAULTS = (
    "speakers aren't named (a speech annotation is sex and language only), so that each speech file is "
    "a group of its own: who reads or speaks in two files is on both sides of a fold",
    "LibriVox chapters begin with spoken announcements that are alike in wording (from memory), so take "
    "excerpts from the middle, as speech-music/musan does",
    "music comes from the Free Music Archive and Jamendo, as FMA and MTG-Jamendo do: look for shared tracks "
    "before one is trained on and the other tested",
    "hearings of us-gov hold several speakers and their rooms' noise (from memory)",
    "licences differ by file: of 930 noise and 660 music files 878 and 609 are public domain, CC BY or "
    "CC BY-SA, 32 of the music CC BY-ND (counted by users from the LICENSE files)",
)
BIBTEX = r"""@misc{snyder2015musan,
  author        = {Snyder, David and Chen, Guoguo and Povey, Daniel},
  title         = {{MUSAN}: a music, speech, and noise corpus},
  year          = {2015},
  eprint        = {1510.08484},
  archiveprefix = {arXiv}
}"""
PROTOCOLS = (
    "speech-music/musan",
    "speech-music/gtzan-to-musan",
    "speech-music/musan-to-gtzan",
)
REMOTES = (
    Remote(
        "musan.tar.gz",
        (
            "https://www.openslr.org/resources/17/musan.tar.gz",
            "https://us.openslr.org/resources/17/musan.tar.gz",
            "https://openslr.elda.org/resources/17/musan.tar.gz",
        ),
        "md5:0c472d4fc0c5141eca47ad1ffeb2a7df",
        unpack=".",
    ),
)
"""The sum as recipes of speech toolkits test it."""
SIZE = "about 11 GB"
BY_HAND = ""
SOURCES = {
    "music": ("fma", "fma-western-art", "hd-classical", "jamendo", "rfm"),
    "speech": ("librivox", "us-gov"),
}
"""Folders that list their recordings in a file ANNOTATIONS."""
_NAME = re.compile(r"noise-[a-z-]+-\d{4}")


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/musan``, in the folder itself or in its ``musan``.

    Column ``label`` is music, speech or noise; ``source`` the folder. Music has ``genres`` (joined by
    ``|``), ``vocals`` (yes or no) and ``artist`` (the group), speech ``sex`` (f or m) and ``language``,
    empty where nothing is given. Each speech and noise file is its own group. Noise that isn't there isn't
    missed: no list names it.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, a list or a recording isn't there, or a line of a list can't be read.
    """
    root = corpus_folder("musan", HOW)
    base = root / "musan" if (root / "musan").is_dir() else root
    rows = [
        row
        for kind, folders in SOURCES.items()
        for folder in folders
        for row in _annotated(base, kind, folder, partial)
    ]
    index = pd.DataFrame(rows + _noise(base)).fillna("")
    index = with_audio(index, base, HOW, partial)
    return Corpus(
        "musan",
        item_table(index, base, "musan"),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(base),
    )


def _annotated(base: Path, kind: str, folder: str, partial: bool) -> list[dict[str, str]]:
    """Rows of the recordings that a folder's ANNOTATIONS lists."""
    path = base / kind / folder / "ANNOTATIONS"
    if not path.is_file():
        if partial:
            return []
        raise DataError(f"{path}: isn't there; {HOW}")
    read = _music if kind == "music" else _speech
    rows = []
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        told = read(words[1:])
        if told is None or not words[0].startswith(f"{kind}-"):
            raise DataError(f"{path}: line {number} is {line!r}, no {kind} annotation; {HOW}")
        name = words[0]
        rows.append(
            {"id": name, "path": f"{kind}/{folder}/{name}.wav", "label": kind, "source": folder}
            | {"group": f"musan/{told.get('artist') or name}"}
            | told
        )
    if not rows:
        raise DataError(f"{path}: lists no recording; {HOW}")
    return rows


def _music(words: list[str]) -> dict[str, str] | None:
    """Genres, whether there is a voice, artist; a composer may follow."""
    if len(words) < 3:
        return None
    vocals = {"Y": "yes", "N": "no"}.get(words[1], "")
    return {"genres": words[0].replace(",", "|"), "vocals": vocals, "artist": words[2]}


def _speech(words: list[str]) -> dict[str, str] | None:
    """Sex and language, as far as they are given (us-gov's lists weren't seen)."""
    sex = next((word for word in words if word in ("f", "m")), "")
    other = [word for word in words if word not in ("f", "m", "Y", "N")]
    return {"sex": sex, "language": other[0] if other else ""}


def _noise(base: Path) -> list[dict[str, str]]:
    """Rows of the noise recordings that are there: nothing lists them, and no task uses them yet."""
    paths = [p for p in sorted((base / "noise").glob("*/*.wav")) if _NAME.fullmatch(p.stem)]
    return [
        {
            "id": p.stem,
            "path": str(p.relative_to(base)),
            "label": "noise",
            "source": p.parent.name,
            "group": f"musan/{p.stem}",
        }
        for p in paths
    ]
