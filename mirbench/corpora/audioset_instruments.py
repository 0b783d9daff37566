"""AudioSet-Instruments: clips of AudioSet with instruments, singing or tools (Arandjelovic and
Zisserman 2018)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, csv_table
from mirbench.corpora.videos import NAMED, own_classes, seconds, with_files
from mirbench.errors import DataError

TITLE = "clips of 10 s of AudioSet with instruments, singing or tools: your own sounds"
LICENCE = "lists: CC BY 4.0 (from memory); videos: their makers', none can be passed on"
HOW = (
    "get class_labels_indices.csv and one or more of balanced_train_segments.csv, "
    f"unbalanced_train_segments.csv and eval_segments.csv of AudioSet there, then {NAMED}"
)
FAULTS = (
    "the paper names 110 classes in a list that we couldn't read: ours are AudioSet's own groups of "
    "instruments, singing and tools (INDICES), 98 of them; give another list in classes.txt, a "
    "name as class_labels_indices.csv has it a line",
    "labels are of raters who heard 10 s at once, and are often incomplete (Gemmeke et al. 2017, from "
    "memory)",
    "videos were taken down since: no two groups have the same ones, so figures aren't comparable",
    "whose a video is isn't in the lists: one maker's videos may be on both sides",
)
BIBTEX = r"""@inproceedings{arandjelovic2018objects,
  author    = {Arandjelovi{\'c}, Relja and Zisserman, Andrew},
  title     = {Objects that sound},
  booktitle = {Proc. European Conf. Computer Vision (ECCV)},
  year      = {2018}
}
@inproceedings{gemmeke2017audio,
  author    = {Gemmeke, Jort F. and Ellis, Daniel P. W. and Freedman, Dylan and Jansen, Aren and Lawrence, Wade and Moore, R. Channing and Plakal, Manoj and Ritter, Marvin},
  title     = {Audio {Set}: an ontology and human-labeled dataset for audio events},
  booktitle = {Proc. IEEE Int. Conf. Acoustics, Speech and Signal Processing (ICASSP)},
  pages     = {776--780},
  year      = {2017}
}"""
PROTOCOLS = ("tags/audioset-instruments",)
LISTS = {
    "balanced_train_segments.csv": "train",
    "unbalanced_train_segments.csv": "train",
    "eval_segments.csv": "test",
}
"""Split by name of the list."""
CLASS_NAMES = "class_labels_indices.csv"
_ADDRESS = "http://storage.googleapis.com/us_audioset/youtube_corpus/v1/csv"
REMOTES = tuple(Remote(name, (f"{_ADDRESS}/{name}",)) for name in (CLASS_NAMES, *LISTS))
"""Lists of AudioSet; no sum is published with them."""
BY_HAND = "only lists of ids are published: get the videos yourself and take their sounds out"
INDICES = frozenset((*range(27, 38), *range(138, 216), 345, *range(418, 426)))
"""Numbers of the classes in class_labels_indices.csv: singing (Singing to Humming), instruments (Musical
instrument to Scratching), and tools (a dentist's drill; Tools to Drill). Our choice."""

_COUNTED = re.compile(r"num_segs=(\d+)")
"""What a published list says of itself in its head: how many clips it has."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/audioset_instruments``: the lists and sounds of one's own.

    Those of ``LISTS`` that are there are read; clips without any of the classes are left out. Columns
    ``tags`` (names of the classes, joined by ``|``), ``split`` (train or test), ``video`` (YouTube id,
    the group), ``clip_start_s`` and ``clip_end_s`` (s in the video), ``video_path`` (absolute, empty
    where there is no video). A file is taken as the clip, whole.

    Parameters
    ----------
    partial : bool
        Load what is there where some sounds are missing, as they are to everybody.

    Raises
    ------
    DataError
        The folder or its lists aren't there, a list isn't as published or hasn't as many clips as its
        head says, a label of a clip isn't among the classes, sounds are missing.
    """
    root = corpus_folder("audioset_instruments", HOW)
    names, known = _class_names(root)
    lists = [root / name for name in LISTS if (root / name).is_file()]
    if not lists:
        raise DataError(f"{root}: holds no {' or '.join(LISTS)}; {HOW}")
    index = pd.concat([_rows(path, names, known) for path in lists], ignore_index=True)
    if index.empty:
        raise DataError(f"{root}: its lists hold no clip of {len(names)} classes; {HOW}")
    index = with_files(index, root, HOW, partial)
    return Corpus(
        "audioset-instruments",
        item_table(index, root, "audioset-instruments"),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(root),
    )


def _class_names(root: Path) -> tuple[dict[str, str], set[str]]:
    """Names of the wanted classes by AudioSet's id, and all ids; DataError of one's own unknown class."""
    path = root / CLASS_NAMES
    table = csv_table(path, ("index", "mid", "display_name"), HOW)
    known = set(table["display_name"])
    ours = table["display_name"][table["index"].isin([str(i) for i in INDICES])]
    wanted = own_classes(root, ours)
    if unknown := sorted(wanted - known):
        raise DataError(f"{path}: has no class {unknown[0]!r}; correct classes.txt")
    kept = table[table["display_name"].isin(wanted)]
    return dict(zip(kept["mid"], kept["display_name"])), set(table["mid"])


def _rows(path: Path, names: dict[str, str], known: set[str]) -> pd.DataFrame:
    """Clips of a list that have one of the classes; its lines are id, start, end, "id,id,..."."""
    kept, n, stated = [], 0, None
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        for words in csv.reader(lines, skipinitialspace=True):
            if not words or words[0].startswith("#"):
                said = _COUNTED.search(",".join(words))
                stated = int(said[1]) if said else stated
                continue
            if len(words) != 4:
                raise DataError(f"{path}: {','.join(words)!r} isn't id, start, end, labels; {HOW}")
            mids = words[3].split(",")
            if lost := [mid for mid in mids if mid not in known]:
                raise DataError(
                    f"{path.with_name(CLASS_NAMES)}: has no class {lost[0]!r}, which {path.name} names; "
                    "get both lists again"
                )
            n += 1
            if tags := [names[mid] for mid in mids if mid in names]:
                kept.append((*words[:3], "|".join(tags)))
    if n != (stated or n or 1):
        raise DataError(f"{path}: {n} clips of {stated or 'those'} that its head names; {HOW}")
    table = pd.DataFrame(kept, columns=["video", "clip_start_s", "clip_end_s", "tags"])
    return table.assign(
        clip_start_s=seconds(table, "clip_start_s", path),
        clip_end_s=seconds(table, "clip_end_s", path),
        split=LISTS[path.name],
    )
