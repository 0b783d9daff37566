"""Kinetics-Sounds: clips of 10 s of actions that one hears (Arandjelovic and Zisserman 2017)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import all_listed, corpus_folder, csv_table
from mirbench.corpora.videos import NAMED, own_classes, seconds, sounds_of, with_files
from mirbench.errors import DataError

TITLE = "clips of 10 s of 31 actions that one hears, by the lists of Kinetics-400: your own sounds"
LICENCE = "lists: CC BY 4.0 (from memory); videos: their makers', none can be passed on"
HOW = f"get train.csv and val.csv of Kinetics-400 (and test.csv, if you test) there, then {NAMED}"
FAULTS = (
    "the paper has 34 classes of a first version of Kinetics; users' lists for the one that was published "
    "have 31 or 32, and ours the 31 that we could read: give another in classes.txt, a class a line",
    "videos were taken down since: no two groups have the same ones, so figures aren't comparable",
    "one label a clip, though several may be heard; music or speech was laid over some (from memory)",
    "whose a video is isn't in the lists: one maker's videos may be on both sides",
)
BIBTEX = r"""@inproceedings{arandjelovic2017look,
  author    = {Arandjelovi{\'c}, Relja and Zisserman, Andrew},
  title     = {Look, listen and learn},
  booktitle = {Proc. IEEE Int. Conf. Computer Vision (ICCV)},
  pages     = {609--617},
  year      = {2017}
}"""
PROTOCOLS = ("actions/kinetics-sounds", "audiovisual/kinetics-sounds")
_ADDRESS = "https://s3.amazonaws.com/kinetics/400/annotations"
REMOTES = tuple(
    Remote(f"{name}.csv", (f"{_ADDRESS}/{name}.csv",)) for name in ("train", "val", "test")
)
"""Lists of Kinetics-400; no sum is published with them."""
BY_HAND = "only lists of ids are published: get the videos yourself and take their sounds out"
CLASSES = (
    *("blowing nose", "blowing out candles", "bowling", "chopping wood", "dribbling basketball"),
    *("laughing", "mowing lawn", "playing accordion", "playing bagpipes", "playing bass guitar"),
    *("playing clarinet", "playing drums", "playing guitar", "playing harmonica"),
    *("playing keyboard", "playing organ", "playing piano", "playing saxophone"),
    *("playing trombone", "playing trumpet", "playing violin", "playing xylophone"),
    *("ripping paper", "shoveling snow", "shuffling cards", "singing", "stomping grapes"),
    *("tap dancing", "tapping guitar", "tapping pen", "tickling"),
)
"""As two users' scripts have them, which agree; the paper's own list wasn't seen."""
PARTS = {"train": "train", "val": "validation", "test": "test"}
"""Split by name of the list."""
COLUMNS = ("label", "youtube_id", "time_start", "time_end")


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/kinetics_sounds``: the lists and sounds of one's own.

    Lists are in the folder itself or in its ``annotations``; rows of other classes are left out, and
    ``test.csv`` may be missing or be without labels. Where it is there, a sound that no list names is
    an error: a list was cut. Columns ``label``, ``split``, ``video`` (YouTube
    id, the group), ``clip_start_s`` and ``clip_end_s`` (s in the video), ``video_path`` (absolute, empty
    where there is no video). A file is taken as the clip, whole.

    Parameters
    ----------
    partial : bool
        Load what is there where some sounds are missing, as they are to everybody.

    Raises
    ------
    DataError
        The folder or a list isn't there, a list hasn't the published columns, sounds are missing or
        aren't listed.
    """
    root = corpus_folder("kinetics_sounds", HOW)
    folder = root / "annotations" if (root / "annotations").is_dir() else root
    classes = own_classes(root, CLASSES)
    parts = [_rows(folder / f"{name}.csv", split, classes) for name, split in PARTS.items()]
    index = pd.concat(parts, ignore_index=True)
    if index.empty:
        raise DataError(f"{folder}: its lists hold no clip of {len(classes)} classes; {HOW}")
    if (folder / "test.csv").is_file():
        videos = {
            v for n in PARTS for v in csv_table(folder / f"{n}.csv", COLUMNS[1:], HOW)["youtube_id"]
        }
        there = sounds_of(root)
        named = {p.stem for p in there if not videos.isdisjoint((p.stem, p.stem[:11], p.stem[1:]))}
        all_listed(there, named, folder / "train.csv", HOW, partial)
    index = with_files(index.drop_duplicates(), root, HOW, partial)
    return Corpus(
        "kinetics-sounds",
        item_table(index, root, "kinetics-sounds", source=folder),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(folder),
    )


def _rows(path: Path, split: str, classes: set[str]) -> pd.DataFrame:
    """Clips of a list that are of one of the classes."""
    if split == "test" and not path.is_file():
        return pd.DataFrame()
    if split == "test" and "label" not in csv_table(path, COLUMNS[1:], HOW):
        return pd.DataFrame()
    table = csv_table(path, COLUMNS, HOW)
    table = table[table["label"].isin(classes)]
    return pd.DataFrame(
        {
            "video": table["youtube_id"],
            "clip_start_s": seconds(table, "time_start", path),
            "clip_end_s": seconds(table, "time_end", path),
            "label": table["label"],
            "split": split,
        }
    )
