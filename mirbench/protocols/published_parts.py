"""Parts of published splits: from lists and a loaded corpus to one held-out cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from mirbench.corpora.corpus import Corpus
from mirbench.errors import DataError
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.protocols.published_lists import PublishedList, read_lines
from mirbench.protocols.tracks import track_protocol
from mirbench.tasks import Task

VALIDATION = "The published validation part belongs to the training items (column split)."


def paths_of(lists: Mapping[str, PublishedList]) -> dict[str, str]:
    """Part of each path of the lists, its suffix taken off."""
    return {
        line.strip().removesuffix(".npy").removesuffix(".wav"): part
        for part, which in lists.items()
        for line in read_lines(which)
    }


def check_counts(parts: Mapping[str, str], published: Mapping[str, int], corpus: Corpus) -> None:
    """DataError unless each part has as many items as published."""
    found = Counter(parts.values())
    wrong = [f"{part}: {found[part]} of {n}" for part, n in published.items() if found[part] != n]
    if wrong:
        raise DataError(
            f"{corpus.source}: not the published number of clips ({', '.join(wrong)}); get the lists anew"
        )


def held_out(
    name: str,
    task: Task,
    corpus: Corpus,
    parts: Mapping[str, str],
    words: str,
    partial: bool,
    may_lack: Collection[str] = (),
) -> Protocol:
    """One cell: trained on the training and validation parts, tested on the test part.

    ``parts`` says the part of each item by its id; all must be in the corpus but those in ``may_lack``
    or, with ``partial``, any.

    Raises
    ------
    DataError
        A listed item isn't in the corpus or has no label, or a side of the split is empty.
    """
    items = protocol_items(corpus, task)
    items = items[items["id"].isin(parts)].reset_index(drop=True)
    part = items["id"].map(parts)
    there = set(items["id"])
    lost = [i for i in parts if i not in there]
    if not partial and (wrong := [i for i in lost if i not in may_lack]):
        raise DataError(
            f"{corpus.source}: {len(wrong)} of {len(parts)} items of {name} aren't there or have no label "
            f"({wrong[0]} is the first); get the whole corpus, or make it of what is there with partial=True"
        )
    if not (part == "test").any() or not part.isin(("train", "validation")).any():
        raise DataError(
            f"{corpus.source}: no recording of the training or the test part of {name} is there; get more"
        )
    items["split"] = part.where(part != "test", None)
    test, train = items["id"][part == "test"], items["id"][part != "test"]
    cell = Cell(corpus.name, corpus.name, tuple(train), {corpus.name: tuple(test)})
    told = f"{words} {VALIDATION}" if (part == "validation").any() else words
    short = f" Listed recordings left out: {len(lost)}." if lost else ""
    return published_protocol(name, task, items, [cell], told + short, partial)


def published_protocol(
    name: str, task: Task, items: pd.DataFrame, cells: Sequence[Cell], words: str, partial: bool
) -> Protocol:
    """Protocol over cells of a published split; of classes, accuracy stands beside the headline."""
    made = track_protocol(
        f"{name}-partial" if partial else name,
        task,
        items,
        cells,
        evidence="real",
        description=f"{words} Made of what is there, not the published split."
        if partial
        else words,
    )
    if task.kind != "classes":
        return made
    return replace(made, headline=(*made.headline, "accuracy"))  # what published tables print
