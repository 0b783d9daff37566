"""DEAM: 1,802 excerpts and songs with valence and arousal (Aljanaki, Yang and Soleymani 2017)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import (
    all_listed,
    corpus_folder,
    csv_table,
    first_there,
    numbers,
    with_audio,
)

TITLE = "1,744 excerpts of 45 s and 58 songs with valence and arousal (1 to 9), each its own group"
LICENCE = "Creative Commons music (Free Music Archive, Jamendo, MedleyDB); annotations for research (from memory)"
HOW = (
    "get DEAM_audio.zip and DEAM_Annotations.zip from the authors' page (Swiss Center for Affective "
    "Sciences, University of Geneva) and unpack them there: MEMD_audio/2.mp3"
)
FAULTS = (
    "songs 2001 to 2058 are whole songs, the others excerpts of 45 s (authors' manual, from memory)",
    "a mean over few annotators who agree moderately: an upper bound on any figure (from memory)",
    "artists aren't in the table of annotations: a song is its own group here",
    "24 excerpts aren't at 44.1 kHz (22.05, 48 or 16), 13 are mono; whole songs 2016 and 2017 are "
    "shorter than a minute (a user's inventory of all 1,802 files, none of them unreadable)",
)
BIBTEX = r"""@article{aljanaki2017developing,
  author  = {Aljanaki, Anna and Yang, Yi-Hsuan and Soleymani, Mohammad},
  title   = {Developing a benchmark for emotional analysis of music},
  journal = {PLOS ONE},
  volume  = {12},
  number  = {3},
  year    = {2017}
}"""
PROTOCOLS = ("emotion/deam", "emotion/deam-2015")
_GENEVA = "https://cvml.unige.ch/databases/DEAM"
REMOTES = (  # the authors publish no hash; hashes and sizes are those of a user's inventory
    Remote(
        "DEAM_audio.zip",
        (f"{_GENEVA}/DEAM_audio.zip",),
        "sha256:e2814325f573ade8caebc697f0efcfdf7207142b737d72558a416117ca591353",
        1_343_203_527,
        ".",
    ),
    Remote(
        "DEAM_Annotations.zip",
        (f"{_GENEVA}/DEAM_Annotations.zip",),
        "sha256:809b0feb4ba6196c1eda9b2b7b33b892b11fa71457cfceb0d47e832ed1a5f15f",
        4_735_283,
        ".",
    ),
)
BY_HAND = ""
TABLES = (
    "static_annotations_averaged_songs_1_2000.csv",
    "static_annotations_averaged_songs_2000_2058.csv",
)
FOLDERS = (
    "annotations/annotations averaged per song/song_level",
    "DEAM_Annotations/annotations/annotations averaged per song/song_level",
    "annotations averaged per song/song_level",
    "",
)
SOUNDS = ("MEMD_audio/", "DEAM_audio/MEMD_audio/", "")
WHOLE_FROM, MOST = 2001, 2058
"""Number of the first whole song, and of the last."""
SCALE = (1.0, 9.0)
"""Valence and arousal lie between."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/deam``.

    Columns ``valence`` and ``arousal`` (means over annotators, 1 to 9), ``whole`` (whether a whole
    song); the group is the song.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, a table or a recording isn't there, a table hasn't the published columns or a number
        that is none, or doesn't name a recording that is there.
    """
    root = corpus_folder("deam", HOW)
    tables = first_there([root / folder for folder in FOLDERS], TABLES, HOW)
    index = pd.concat([_rated(table, root) for table in tables], ignore_index=True)
    there = [p for f in SOUNDS for p in (root / f).glob("*.mp3")]
    whole = [p for p in there if p.stem.isdigit() and int(p.stem) >= WHOLE_FROM]
    for table, its in zip(tables, (sorted({*there} - {*whole}), whole)):
        all_listed(its, set(index["id"]), table, HOW, partial)
    items = item_table(with_audio(index, root, HOW, partial), root, "deam", source=tables[0])
    return Corpus(
        "deam",
        items.assign(group=items["id"]),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(tables[0]),
    )


def _rated(table: Path, root: Path) -> pd.DataFrame:
    """Songs of a table with their means."""
    given = csv_table(table, ("song_id", "valence_mean", "arousal_mean"), HOW)
    songs = numbers(given, "song_id", (1, MOST), table, HOW)
    return pd.DataFrame(
        {
            "id": given["song_id"],
            "path": [_place(root, song) for song in given["song_id"]],
            "valence": numbers(given, "valence_mean", SCALE, table, HOW),
            "arousal": numbers(given, "arousal_mean", SCALE, table, HOW),
            "whole": songs >= WHOLE_FROM,
        }
    )


def _place(root: Path, song: str) -> str:
    tried = [f"{f}{song}.mp3" for f in SOUNDS]
    return next((path for path in tried if (root / path).is_file()), tried[0])
