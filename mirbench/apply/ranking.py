"""Rank a catalogue by its distance to one recording."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mirbench.apply.catalogue import (
    NAMES,
    described,
    grouping,
    items_of,
    read_catalogue,
    read_query,
    rows_of,
)
from mirbench.apply.command import failing
from mirbench.corpora import load_corpus
from mirbench.errors import DataError, MethodError
from mirbench.features import Extract
from mirbench.items import AudioRef, Item, as_items
from mirbench.methods import find_all, load_method
from mirbench.neighbours import Distance, distance_of, first, pairwise
from mirbench.protocols.kept_items import protocol_items
from mirbench.running.process import one_thread
from mirbench.running.progress import Progress
from mirbench.tasks import Task, load_task


@dataclass(frozen=True)
class Ranking:
    """A catalogue seen from a query.

    Attributes
    ----------
    method : str
        Spec of the method that ranked.
    query : dict
        ``path``, ``duration_s`` (s) and what else is known of it.
    tracks : DataFrame
        The catalogue, the query's own copies left out.
    distances : ndarray of float32, shape (n_tracks,)
        To the query, smaller is nearer.
    order : ndarray of int
        Positions in ``tracks``, nearest first, at most k.
    rows : ndarray, 1 + n_tracks rows
        What the method made of the query and of each track.
    distance : callable
        ``distance(A, B) -> (len(A), len(B))`` between such rows.
    """

    method: str
    query: dict[str, Any]
    tracks: pd.DataFrame
    distances: np.ndarray
    order: np.ndarray
    rows: np.ndarray
    distance: Distance

    def table(self) -> pd.DataFrame:
        """``rank`` (from 1), ``distance``, ``path``, ``duration_s`` (s), and of ``artist``, ``album``,
        ``genre`` and ``title`` those that the catalogue knows."""
        near = self.tracks.iloc[self.order].reset_index(drop=True)
        known = [name for name in NAMES if name in near and near[name].notna().any()]
        table = near[["path", "duration_s", *known]].copy()
        table.insert(0, "rank", np.arange(1, len(near) + 1))
        table.insert(1, "distance", self.distances[self.order])
        return table


def rank(
    spec: str | Callable[..., Any],
    query: str | Path,
    catalogue: str | Path,
    k: int = 20,
    *,
    train: Sequence[str | Path] = (),
    task: str = "same-artist",
    colour: str | None = None,
    progress: bool = True,
) -> Ranking:
    """The ranking behind :func:`mirbench.apply.playlist.playlist`, of the same parameters.

    Nothing is written; that the catalogue has the column ``colour`` is checked before the long work.
    """
    if k < 1:
        raise DataError(f"a list of {k} tracks: give 1 or more")
    what = load_task(task)
    if what.kind != "ranking":
        raise MethodError(f"task {what.name} doesn't rank; use same-artist, same-genre or the like")
    method = load_method(spec)
    estimator = method.build()
    if not hasattr(estimator, "transform"):
        raise MethodError(
            f"{method.spec}: has no transform, so it can't rank; use a method of a ranking task "
            "(mirbench list methods)"
        )
    asked = read_query(query)
    tracks = read_catalogue(catalogue)
    grouping(tracks, colour)
    same = tracks["sha256"] == asked["sha256"][0]
    known = rows_of(tracks[same])[:1]
    tracks = tracks[~same].reset_index(drop=True)
    if tracks.empty:
        raise DataError(f"{catalogue}: holds nothing but the query; add recordings to choose from")
    extracts = find_all(estimator, Extract)
    with Progress(progress) as bars, one_thread(), failing(method, what):
        described(items_of(asked), extracts, bars.task("query", 1))
        advance = bars.task("catalogue", len(tracks))
        tracks = tracks[described(items_of(tracks), extracts, advance)].reset_index(drop=True)
        items = items_of(tracks)
        X, y = _training(train, what) if train else (as_items(items), np.full(len(items), -1))
        estimator.fit(X, y)
        rows = np.asarray(estimator.transform(as_items([*items_of(asked), *items])))
    if len(rows) != 1 + len(items):
        raise MethodError(f"{method.spec}: transform gave {len(rows)} rows for {1 + len(items)}")
    distance = distance_of(estimator)
    with failing(method, what):
        distances = pairwise(rows[:1], rows[1:], distance)[0]
    order = first(distances, min(k, len(tracks)))
    (who,) = rows_of(asked)
    for row in known:  # what an index says of it
        who |= {name: row[name] for name in NAMES if isinstance(row.get(name), str)}
    return Ranking(method.spec, who, tracks, distances, order, rows, distance)


def _training(names: Sequence[str | Path], task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Items with their groups, and codes over the labels (or tags) of all the corpora together."""
    items, labels = [], []
    for name in names:
        corpus = load_corpus(name)
        place = corpus.items.set_index("id")
        for row in protocol_items(corpus, task).to_dict("records"):
            at = place.loc[row["id"]]
            ref = AudioRef(str(at["path"]), float(at["start_s"]), row["duration_s"])
            items.append(Item.from_file(row["key"], ref, row["group"], row["corpus"]))
            labels.append(row["label"])
    words = {word for label in labels for word in (json.loads(label) if task.oracle else [label])}
    task = replace(task, labels=tuple(sorted(words)))
    return as_items(items), np.array([task.target(label) for label in labels], dtype=np.int64)
