"""MTG-Jamendo: 55,000 tracks with tags given by their artists, the 50 most frequent (Bogdanov et al. 2019)."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
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
    "repository MTG/mtg-jamendo-dataset"
)
FAULTS = (
    "tags are the uploaders' own: a tag that wasn't given may hold all the same (from memory)",
    "whole tracks, tagged as wholes: a tag needn't hold of an excerpt (from memory)",
)
BIBTEX = r"""@inproceedings{bogdanov2019mtg,
  author    = {Bogdanov, Dmitry and Won, Minz and Tovstogan, Philip and Porter, Alastair and Serra, Xavier},
  title     = {The {MTG-Jamendo} dataset for automatic music tagging},
  booktitle = {Machine Learning for Music Discovery Workshop, Int. Conf. Machine Learning (ICML)},
  year      = {2019}
}"""
SPLITS = ("train", "validation", "test")
LIST = "autotagging_top50tags.tsv"
SPLIT_LISTS = tuple(f"autotagging_top50tags-{split}.tsv" for split in SPLITS)
COLUMNS = ["TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS"]


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/mtg-jamendo``.

    The lists are the three of split 0 (then a column ``split`` says which), or the one of all
    tracks; in the folder itself, its ``data``, or ``annotations/mtg_jamendo`` beside
    ``MIRBENCH_DATA``. Audio is ``PATH`` in the folder, its ``audio`` or its ``audio-low`` (where
    files are called ``.low.mp3``).

    Columns ``tags`` (joined by ``|``), ``artist`` (the group), ``album``, ``track`` (the id).

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, the lists or a recording isn't there, or a list hasn't the published columns.
    """
    root = corpus_folder("mtg-jamendo", HOW)
    beside = annotations_folder("mtg_jamendo")
    try:
        lists = first_there(
            [root, root / "data/splits/split-0", root / "split-0", beside / "split-0"],
            SPLIT_LISTS,
            HOW,
        )
        index = pd.concat([_rows(p).assign(split=s) for p, s in zip(lists, SPLITS)])
    except DataError:
        lists = first_there([root, root / "data", beside], [LIST], HOW)
        index = _rows(lists[0])
    index = index.reset_index(drop=True).assign(path=[_place(root, p) for p in index["path"]])
    index = with_audio(index, root, HOW, partial)
    items = item_table(index, root, "mtg-jamendo", source=lists[0])
    return Corpus(
        "mtg-jamendo",
        items,
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(lists[0]),
    )


def _rows(path: Path) -> pd.DataFrame:
    """A list as published: tab-separated, one column a tag from the sixth on."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
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
