"""MTG-Jamendo: 55,000 tracks with tags given by their artists (Bogdanov et al. 2019).

Five sets of tags (``SUBSETS``), each cut into training, validation and test in five ways.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import (
    annotations_folder,
    corpus_folder,
    first_there,
    with_audio,
)
from mirbench.errors import DataError

TITLE = "tracks of Jamendo with the 50 most frequent of their artists' tags, grouped by artist"
LICENCE = "track by track: Creative Commons (audio_licenses.txt); lists: CC BY-NC-SA 4.0"
HOW = (
    "get the audio (raw_30s, audio or audio-low) and the lists with the download script of the "
    "repository MTG/mtg-jamendo-dataset: audio-low (156 GB) is what a command fetches, audio "
    "(508 GB) is the same at 320 kbit/s"
)
FAULTS = (
    "tags are the uploaders' own: a tag that wasn't given may hold all the same (from memory)",
    "whole tracks, tagged as wholes: a tag needn't hold of an excerpt (from memory)",
    "990 of 55,701 tracks form 465 sets of exact copies (issue 52 of the repository; of audio): an audit "
    "names those that are there",
    "a track's licence may have changed at Jamendo since (issue 56 of the repository)",
)
BIBTEX = r"""@inproceedings{bogdanov2019mtg,
  author    = {Bogdanov, Dmitry and Won, Minz and Tovstogan, Philip and Porter, Alastair and Serra, Xavier},
  title     = {The {MTG-Jamendo} dataset for automatic music tagging},
  booktitle = {Machine Learning for Music Discovery Workshop, Int. Conf. Machine Learning (ICML)},
  year      = {2019}
}"""
SIZE = "about 156 GB"
"""All 100 archives (README of the repository); each subset needs them."""
BY_HAND = ""
FOLDER = "mtg_jamendo"
"""Of all five sets of tags."""
SPLITS = ("train", "validation", "test")
SUBSETS = {
    "top50tags": "the 50 most frequent",
    "genre": "87 genres",
    "instrument": "40 instruments",
    "moodtheme": "56 moods and themes",
    "all": "all 183",
}
"""Sets of tags, and how many the splits hold of them."""
N_SPLITS = 5
LIST = "autotagging_top50tags.tsv"
SPLIT_LISTS = tuple(f"autotagging_top50tags-{split}.tsv" for split in SPLITS)
COLUMNS = ["TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS"]


_COMMIT = "d6252e4a3b378ba045b0159401b805b3a0cfe9de"
_LISTS = f"https://raw.githubusercontent.com/MTG/mtg-jamendo-dataset/{_COMMIT}"
_AUDIO = (
    "https://cdn.freesound.org/mtg-jamendo/raw_30s/audio-low",
    "https://essentia.upf.edu/documentation/datasets/mtg-jamendo/raw_30s/audio-low",
)
TARS = "raw_30s_audio-low_sha256_tars.txt"
"""The authors' list of their archives: a SHA-256 and a name a line."""


def remotes(subset: str) -> tuple[Remote, ...]:
    """The lists of a subset, of all five splits, and the 100 archives of sound.

    ``TARS`` is fetched before the archives and holds their hashes. That of a list is tested by the
    protocols that use it.
    """
    stem = "autotagging" if subset == "all" else f"autotagging_{subset}"
    lists = [
        f"data/splits/split-{split}/{stem}-{part}.tsv"
        for split in range(N_SPLITS)
        for part in SPLITS
    ]
    tars = [f"raw_30s_audio-low-{number:02d}.tar" for number in range(100)]
    return (
        *(Remote(path, (f"{_LISTS}/{path}",)) for path in lists),
        Remote(TARS, (f"{_LISTS}/data/download/{TARS}",)),
        *(
            Remote(tar, [f"{base}/{tar}" for base in _AUDIO], unpack="audio-low", listed_in=TARS)
            for tar in tars
        ),
    )


def protocols(subset: str) -> tuple[str, ...]:
    """Names of a subset's protocols, split 0 first."""
    return tuple(f"tags/jamendo-{subset}-split{split}" for split in range(N_SPLITS))


REMOTES, PROTOCOLS = remotes("top50tags"), protocols("top50tags")


def title(subset: str) -> str:
    """A line on a subset."""
    return f"tracks of Jamendo with {SUBSETS[subset]} of their artists' tags, grouped by artist"


def load(*, split: int | None = None, subset: str = "top50tags", partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/mtg-jamendo``.

    The lists are the three of a split (then a column ``split`` says which), or the one of all
    tracks; in the folder itself (split 0), its ``data``, or ``annotations/mtg_jamendo`` beside
    ``MIRBENCH_DATA``. Audio is ``PATH`` in the folder, its ``audio`` or its ``audio-low`` (where
    files are called ``.low.mp3``).

    Columns ``tags`` (joined by ``|``), ``artist`` (the group), ``album``, ``track`` (the id).

    Parameters
    ----------
    split : int, optional
        0 to 4; by default the first whose lists are there.
    subset : str
        One of ``SUBSETS``; any but ``top50tags`` is a corpus of its own, ``mtg-jamendo-genre`` say.
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, the lists or a recording isn't there, or a list hasn't the published columns.
    """
    if subset not in SUBSETS or (split is not None and split not in range(N_SPLITS)):
        raise DataError(
            f"mtg-jamendo: no subset {subset!r} or split {split}; subsets are {', '.join(SUBSETS)}, "
            f"splits 0 to {N_SPLITS - 1}"
        )
    root = corpus_folder("mtg-jamendo", HOW)
    stem = "autotagging" if subset == "all" else f"autotagging_{subset}"
    index, source = _index(root, stem, range(N_SPLITS) if split is None else [split])
    index = index.reset_index(drop=True).assign(path=[_place(root, p) for p in index["path"]])
    index = with_audio(index, root, HOW, partial)
    name = "mtg-jamendo" if subset == "top50tags" else f"mtg-jamendo-{subset}"
    return Corpus(
        name,
        item_table(index, root, name, source=source),
        title=title(subset),
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(source),
    )


def _index(root: Path, stem: str, splits: Iterable[int]) -> tuple[pd.DataFrame, Path]:
    """Rows of the first split whose three lists are there, or of the one list; and the first list."""
    beside = annotations_folder("mtg_jamendo")
    names = [f"{stem}-{part}.tsv" for part in SPLITS]
    for k in splits:
        folders = [root / f"data/splits/split-{k}", root / f"split-{k}", beside / f"split-{k}"]
        with suppress(DataError):
            lists = first_there([*([root] if k == 0 else []), *folders], names, HOW)
            break
    else:
        how = f"nor all of {', '.join(names)} of one split; {HOW}"
        lists = first_there([root, root / "data", beside], [f"{stem}.tsv"], how)
        return rows(lists[0]), lists[0]
    return pd.concat([rows(p).assign(split=s) for p, s in zip(lists, SPLITS)]), lists[0]


def rows(path: Path) -> pd.DataFrame:
    """A list as published: tab-separated, one column a tag from the sixth on."""
    content = path.read_bytes()
    try:
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: can't be read ({error}); {HOW}") from error
    lines = [line.split("\t") for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != COLUMNS:
        raise DataError(f"{path}: its first line isn't {' '.join(COLUMNS)}; {HOW}")
    for number, line in enumerate(lines[1:], start=2):
        if len(line) < len(COLUMNS):
            raise DataError(f"{path}: line {number} has {len(line)} columns, needs 6; {HOW}")
    return pd.DataFrame(
        {
            "id": [line[0] for line in lines[1:]],
            "path": [line[3] for line in lines[1:]],
            "artist": [line[1] for line in lines[1:]],
            "album": [line[2] for line in lines[1:]],
            "track": [line[0] for line in lines[1:]],
            "tags": ["|".join(line[5:]) for line in lines[1:]],
        }
    )


def _place(root: Path, path: str) -> str:
    """Where a track's recording is below ``root``; its published path where it's nowhere."""
    low = f"{path.removesuffix('.mp3')}.low.mp3"
    tried = (path, f"audio/{path}", low, f"audio-low/{low}")
    return next((p for p in tried if (root / p).is_file()), path)
