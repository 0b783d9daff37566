"""What is similar to what among training tracks, and how well distances agree with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mirbench.errors import MethodError
from mirbench.metrics.ranking import LENGTH, average_precision
from mirbench.oracle import head, oracle_similarity, ranked_lists


@dataclass(frozen=True)
class Truth:
    """The oracle on one set of tracks.

    Attributes
    ----------
    similarity : ndarray of shape (n, n)
    lists : list of ndarray of int
        The candidates of each track, most similar first.
    relevant : list of ndarray of int
        Those that count as right answers.
    """

    similarity: np.ndarray
    lists: list[np.ndarray]
    relevant: list[np.ndarray]


def truth_of(y: np.ndarray, groups: Sequence[str | None], keys: Sequence[str]) -> Truth:
    """The oracle on tracks with these labels.

    Of tags: the idf-weighted cosine within these tracks, other artists' tracks only, the first five
    relevant, as in the metrics. Of codes: 1 for the same label, all tracks of the label relevant; other artists'
    only, unless every label belongs to one artist (then the label says who it is). Where a track
    has no artist no track is left out.

    Parameters
    ----------
    y : ndarray of int, shape (n,) or (n, n_tags)
        Codes, or tags as 0 and 1.
    groups : sequence of str or None, length n
        Artists.
    keys : sequence of str, length n
        Names that break ties.
    """
    names = None if any(g is None for g in groups) else np.array([str(g) for g in groups])
    if y.ndim == 2:
        similarity = oracle_similarity(y)
        lists = ranked_lists(similarity, names, keys)
        return Truth(similarity, lists, [head(s, r) for s, r in zip(similarity, lists)])
    similarity = (y[:, None] == y).astype(float)
    if names is not None and all(len(set(names[y == code])) == 1 for code in np.unique(y)):
        names = None
    lists = ranked_lists(similarity, names, keys)
    return Truth(similarity, lists, [r[y[r] == y[i]] for i, r in enumerate(lists)])


def mean_average_precision(distances: np.ndarray, truth: Truth) -> float:
    """MAP@20 of lists by distance, 0 to 1; ties by position; NaN where no track has an answer.

    Parameters
    ----------
    distances : ndarray of shape (n, n)
    truth : Truth
        Lists hold the candidates of each track only.
    """
    scores = []
    for row, ranked, relevant in zip(distances, truth.lists, truth.relevant, strict=True):
        if len(relevant):
            candidates = np.sort(ranked)
            best = candidates[np.argsort(row[candidates], kind="stable")[:LENGTH]]
            hits = np.isin(best, relevant)
            scores.append(average_precision(hits, min(len(relevant), LENGTH)))
    return float(np.mean(scores)) if scores else float("nan")


def checked_labels(y: object, n_items: int, who: str) -> np.ndarray:
    """Codes (n,) or tags (n, n_tags) as int64.

    Raises
    ------
    MethodError
        No labels (-1), another number of them than items, or tags other than 0 and 1.
    """
    labels = np.asarray(y, dtype=np.int64)
    if labels.ndim not in (1, 2) or len(labels) != n_items:
        raise MethodError(f"{n_items} items but labels of shape {labels.shape}: give one row each")
    if labels.ndim == 1 and (labels < 0).any():
        raise MethodError(
            f"{who} needs labels: this protocol is a collection without; run it under one whose "
            "training tracks have tags, genres or artists, such as similarity/mini"
        )
    if labels.ndim == 2 and not np.isin(labels, (0, 1)).all():
        raise MethodError("tags are 0 and 1, a column a tag; got other values")
    return labels


def hold_out_groups(
    groups: Sequence[str | None], fraction: float, rng: np.random.Generator
) -> np.ndarray:
    """Mask of the items of a random ``fraction`` of the groups, rounded, at least two of them.

    An item without a group is one of its own. Nothing is held out of fewer than four groups, or
    with ``fraction`` 0.
    """
    names = np.array([f"item {i}" if g is None else f"group {g}" for i, g in enumerate(groups)])
    unique = np.unique(names)
    if fraction <= 0 or len(unique) < 4:
        return np.zeros(len(names), dtype=bool)
    n = max(2, round(fraction * len(unique)))
    return np.isin(names, rng.permutation(unique)[:n])
