"""What a corpus is made of: items, lengths, groups, formats and labels, counted from its item table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile as sf

from mirbench.boxes import boxes_of
from mirbench.corpora.corpus import Corpus
from mirbench.errors import ProtocolError
from mirbench.protocols.kept_items import label_column, protocol_items
from mirbench.tasks import TASKS, Task

PERCENTILES = (0, 5, 25, 50, 75, 95, 100)
LARGEST = 5
"""Groups that are named, the largest ones."""
CHANNELS = {1: "mono", 2: "stereo"}


@dataclass(frozen=True)
class LabelCount:
    """A label: its items (of segments: their number), groups, and length (h); of a dimension of values
    its least, mean and greatest as ``about``."""

    label: str
    n: int
    n_groups: int
    hours: float
    about: str = ""


@dataclass(frozen=True)
class Labels:
    """Labels of a task in a corpus, most frequent first; ``unit`` is what ``n`` counts, ``without`` how
    many items have none of the task's. ``task`` is empty where the classes of a folder are no task's."""

    task: str
    column: str
    unit: str
    counts: tuple[LabelCount, ...]
    without: int = 0


@dataclass(frozen=True)
class Composition:
    """Counts of a corpus.

    Attributes
    ----------
    n_items, n_files, n_bytes, n_groups : int
    hours : float
    lengths : tuple of (int, float)
        Percentile and length of an item (s).
    group_sizes : tuple of int
        Items of the smallest, the median and the largest group.
    largest : tuple of (str, int)
        Largest groups and their items.
    formats : tuple of (str, int)
        Codec, rate and channels, and how many files are so; most frequent first.
    labels : tuple of Labels
    columns : tuple of str
        Of the item table.
    """

    n_items: int
    n_files: int
    n_bytes: int
    n_groups: int
    hours: float
    lengths: tuple[tuple[int, float], ...]
    group_sizes: tuple[int, int, int]
    largest: tuple[tuple[str, int], ...]
    formats: tuple[tuple[str, int], ...]
    labels: tuple[Labels, ...]
    columns: tuple[str, ...]


def composition(corpus: Corpus, tasks: Iterable[str]) -> Composition:
    """Counts of a loaded corpus.

    Parameters
    ----------
    corpus : Corpus
    tasks : iterable of str
        Names of tasks whose labels are counted; one that the corpus has no labels for is passed over.
        Where there is none, all tasks whose column the corpus has; where it has no such column either,
        its column ``label`` as it is.
    """
    items = corpus.items
    files = list(dict.fromkeys(items["path"]))
    length = items["duration_s"].to_numpy(dtype=float)
    sizes = items["group"].value_counts()
    order = sorted(sizes.items(), key=lambda pair: (-pair[1], str(pair[0])))
    formats = Counter(_format(path) for path in files)
    return Composition(
        n_items=len(items),
        n_files=len(files),
        n_bytes=sum(Path(path).stat().st_size for path in files),
        n_groups=len(sizes),
        hours=float(length.sum() / 3600),
        lengths=tuple((q, float(np.percentile(length, q))) for q in PERCENTILES),
        group_sizes=(int(sizes.min()), int(sizes.median()), int(sizes.max())),
        largest=tuple((str(name), int(n)) for name, n in order[:LARGEST]),
        formats=tuple(sorted(formats.items(), key=lambda pair: (-pair[1], pair[0]))),
        labels=tuple(_labels(corpus, _asked(corpus, tasks))) or tuple(_classes(items)),
        columns=tuple(map(str, items.columns)),
    )


def _asked(corpus: Corpus, names: Iterable[str]) -> list[Task]:
    chosen = [TASKS[name] for name in dict.fromkeys(names)]
    if chosen:
        return chosen
    found: dict[str, Task] = {}
    for task in TASKS.values():
        if task.column in corpus.items and task.kind not in ("ranking", "pairs"):
            found.setdefault(task.column, task)
    return [*found.values()]


def _labels(corpus: Corpus, tasks: Iterable[Task]) -> Iterable[Labels]:
    seen = set()
    for task in tasks:
        try:
            items = protocol_items(corpus, task)
        except ProtocolError:
            continue  # of a task over what isn't in the item table, as factors of listening
        column = task.column if task.kind == "values" else label_column(corpus, task)
        made = {"values": _ranges, "f0": _pitches, "pairs": _videos}.get(task.kind, _counts)
        table = made(items, task)
        key = (column, tuple(table))
        if key not in seen:
            seen.add(key)
            unit = {"segments": "segments", "sequence": "tokens"}.get(task.kind, "items")
            without = len(corpus.items) - len(items)
            yield Labels(task.name, column, unit, tuple(table), without)


def _classes(items: pd.DataFrame) -> Iterable[Labels]:
    """Classes of a corpus without a task: its column ``label``, as the sub-folders of a folder are."""
    if "label" in items:
        labelled = items[items["label"].notna() & (items["label"] != "")]
        columns = labelled["label"], labelled["group"], labelled["duration_s"].astype(float)
        without = len(items) - len(labelled)
        yield Labels("", "label", "items", tuple(_counted(list(zip(*columns)))), without)


def _counts(items: pd.DataFrame, task: Task) -> list[LabelCount]:
    return _counted(
        [
            (label, group, seconds)
            for truth, group, length in zip(items["label"], items["group"], items["duration_s"])
            for label, seconds in _of_item(truth, float(length), task)
        ]
    )


def _counted(rows: list[tuple[str, str, float]]) -> list[LabelCount]:
    """Counts of rows of a label, a group and a length (s)."""
    table = pd.DataFrame(rows, columns=["label", "group", "seconds"])
    found = [
        LabelCount(str(label), len(own), own["group"].nunique(), float(own["seconds"].sum() / 3600))
        for label, own in table.groupby("label")
    ]
    return sorted(found, key=lambda count: (-count.n, count.label))


def _of_item(truth: str, length_s: float, task: Task) -> list[tuple[str, float]]:
    """Labels of an item, each with how long it holds (s)."""
    if task.kind == "segments":
        return [(str(label), end - start) for start, end, label in json.loads(truth)]
    if task.kind == "sequence":
        tokens = json.loads(truth)
        return [(str(token), length_s / len(tokens)) for token in tokens]
    return [(str(tag), length_s) for tag in (json.loads(truth) if task.holds_tags else [truth])]


def _ranges(items: pd.DataFrame, task: Task) -> list[LabelCount]:
    values = np.array([json.loads(label) for label in items["label"]], dtype=float)
    n, groups = len(items), int(items["group"].nunique())
    hours = float(items["duration_s"].sum() / 3600)
    return [
        LabelCount(label, n, groups, hours, f"{v.min():.3g} to {v.max():.3g}, mean {v.mean():.3g}")
        for label, v in zip(task.labels, values.T)
    ]


def _pitches(items: pd.DataFrame, task: Task) -> list[LabelCount]:
    f0_hz = np.concatenate([task.target(label)[:, 1] for label in items["label"]])
    voiced = f0_hz[f0_hz > 0]
    said = f"{100 * len(voiced) / len(f0_hz):.0f} % voiced" + (
        f", {voiced.min():.0f} to {voiced.max():.0f} Hz, median {np.median(voiced):.0f} Hz"
        if len(voiced)
        else ""
    )
    hours = float(items["duration_s"].sum() / 3600)
    return [LabelCount("f0", len(items), int(items["group"].nunique()), hours, said)]


def _videos(items: pd.DataFrame, task: Task) -> list[LabelCount]:
    boxed = sum(boxes_of(label) is not None for label in items["label"])
    said = f"{boxed} with boxes of what sounds" if boxed else "no boxes of what sounds"
    hours = float(items["duration_s"].sum() / 3600)
    return [LabelCount("video", len(items), int(items["group"].nunique()), hours, said)]


def _format(path: str) -> str:
    """``'Ogg Vorbis, 22,050 Hz, mono'``."""
    head = sf.info(path)
    codec = f"{head.format_info.partition(' (')[0]}, {head.subtype_info}"
    if head.format == "OGG":
        codec = f"Ogg {head.subtype_info}"
    channels = CHANNELS.get(head.channels, f"{head.channels} channels")
    return f"{codec}, {head.samplerate:,} Hz, {channels}"
