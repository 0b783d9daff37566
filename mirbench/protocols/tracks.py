"""Makers of track-level protocols: folds by artist, and the same items in folds by track and by clip."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.model_selection import (
    GroupKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from mirbench.errors import ProtocolError
from mirbench.frames import Grid
from mirbench.protocols.headlines import headline
from mirbench.protocols.kept_items import with_labels
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import Task

TRACKS_KNOWN, ARTISTS_KNOWN = "folds by clip", "folds by track"
"""Training sets that hold other clips of the tested tracks, or other tracks of their artists."""
PATCHES = (
    "One answer a clip: the patches of a clip are averaged (or vote, where a method's name says so), "
    "for all methods alike."
)
TUNED = (
    "one CPU core a cell; at most 3 settings tried on an inner hold-out by artist, whatever the "
    "method; nets: the epochs of their card, early stopping on the same hold-out"
)
UNITS = (
    "Three ways to split the same clips: by artist (the board's first column), by track and by clip, "
    "where artists or even tracks are on both sides; what a random split adds is the protocol "
    "sensitivity."
)


def track_protocol(
    name: str,
    task: Task,
    items: pd.DataFrame,
    cells: Sequence[Cell],
    *,
    evidence: str,
    seeds: Sequence[int] = (0,),
    shares: Sequence[str] = (),
    description: str = "",
) -> Protocol:
    """Protocol over cells of one task, its label set completed by the items.

    ``shares`` names the training sets that share groups with their test sets on purpose.
    """
    full = with_labels(task, items)
    return Protocol(
        name,
        "1",
        full,
        Grid(),
        items,
        tuple(cells),
        tuple(seeds),
        TUNED,
        headline(full),
        evidence,
        f"{description} {PATCHES}".strip(),
        tuple(shares),
    )


def folds_of(items: pd.DataFrame, k: int, task: Task, unit: str = "group", seed: int = 0) -> list:
    """Test positions of ``k`` folds, no value of the column ``unit`` on both sides.

    Folds are stratified by label where an item has one; ``unit`` may be ``"id"`` for folds by clip.

    Raises
    ------
    ProtocolError
        Fewer units than folds, in all or in a class.
    """
    units = items[unit].to_numpy(dtype=str)
    y = items["label"].to_numpy(dtype=str) if task.kind == "classes" else np.zeros(len(items), str)
    counts = pd.Series(units).groupby(y).nunique()
    if counts.min() < k or (task.kind == "classes" and len(counts) < 2):
        found = ", ".join(f"{label or 'all'}: {n}" for label, n in counts.items())
        raise ProtocolError(
            f"{items['corpus'].iloc[0]}: {k} folds by {unit} need {k} of them"
            f"{' in each of at least two classes' if task.kind == 'classes' else ''}, found {found}; "
            "lower the number of folds or add recordings"
        )
    zeros = np.zeros((len(items), 1))
    if task.kind != "classes":
        folds = GroupKFold(k, shuffle=True, random_state=seed).split(zeros, groups=units)
    elif unit == "id":
        folds = StratifiedKFold(k, shuffle=True, random_state=seed).split(zeros, y)
    else:
        folds = StratifiedGroupKFold(k, shuffle=True, random_state=seed).split(zeros, y, units)
    return [test for _, test in folds]


def fold_cells(
    items: pd.DataFrame,
    k: int,
    task: Task,
    *,
    unit: str = "group",
    source: str = "",
    test: str = "",
    seed: int = 0,
) -> list[Cell]:
    """Cells of ``k`` folds of one corpus, trained on ``source`` (its name by default)."""
    test = test or items["corpus"].iloc[0]
    source = source or test
    ids = items["id"].to_numpy()
    cells = []
    for i, fold in enumerate(folds_of(items, k, task, unit, seed)):
        train = np.setdiff1d(np.arange(len(ids)), fold)
        cells.append(
            Cell(f"{source}/{i}", source, tuple(ids[train]), {test: tuple(ids[np.sort(fold)])})
        )
    return cells


def three_units(
    items: pd.DataFrame, tracks: Sequence[str], k: int, task: Task, seed: int = 0
) -> list[Cell]:
    """Folds by artist, by track and by clip of the same items; the last two leak, on purpose."""
    with_track = items.assign(track=list(tracks))
    return [
        *fold_cells(items, k, task, seed=seed),
        *fold_cells(with_track, k, task, unit="track", source=ARTISTS_KNOWN, seed=seed),
        *fold_cells(items, k, task, unit="id", source=TRACKS_KNOWN, seed=seed),
    ]


def across(
    train: Sequence[pd.DataFrame], test: Sequence[pd.DataFrame], k: int, task: Task, seed: int = 0
) -> tuple[pd.DataFrame, list[Cell]]:
    """Tags, values or f0: each of ``train`` to each of ``test``, ``k`` grouped folds where they are one."""
    tables = {table["corpus"].iloc[0]: table for table in (*train, *test)}
    tested = {table["corpus"].iloc[0]: tuple(table["id"]) for table in test}
    cells = []
    for table in train:
        source = table["corpus"].iloc[0]
        if source in tested:
            cells += fold_cells(table, k, task, seed=seed)
        others = {name: ids for name, ids in tested.items() if name != source}
        if others:
            cells.append(Cell(source, source, tuple(table["id"]), others))
    return pd.concat(list(tables.values()), ignore_index=True), cells


def known_tags(items: pd.DataFrame, at_least: int) -> pd.DataFrame:
    """Items with the tags alone that as many items or more of each corpus have."""
    each = [set(json.loads(label)) for label in items["label"]]
    counts = pd.DataFrame(
        [(c, t) for c, tags in zip(items["corpus"], each) for t in tags], columns=["corpus", "tag"]
    ).value_counts()
    corpora = items["corpus"].unique()
    kept = {
        tag
        for tag in set().union(*each)
        if all(counts.get((corpus, tag), 0) >= at_least for corpus in corpora)
    }
    labels = [json.dumps(sorted(tags & kept), ensure_ascii=False) for tags in each]
    return items.assign(label=labels)
