"""Metrics of ranked lists, one list a query; hubness is in `mirbench.metrics.hubs`.

Conventions
-----------
The candidates of a query are the other tracks of its test set. A filter takes the tracks of the
query's own artist or album off the list *and* off what is relevant. A query without a relevant
candidate is left out of every mean; ``no relevant track`` says how many are. A list that ends
early misses what it doesn't hold.

With R the relevant candidates and L the list (of 20 in the metrics that say so), values in percent:

- precision@k: hits among the first k, over k; R-precision: precision@|R|.
- recall@20: hits over \\|R\\|.
- MAP: mean over queries of AP = (1 / \\|R\\|) sum_i rel_i precision@i; MAP@20 divides by
  min(\\|R\\|, 20), ``MAP@20 (over hits)`` by the hits in the list.
- RR@20: 1 / rank of the first hit, 0 without.
- nDCG@20: sum_i rel_i / log2(i + 1) over its ideal; ``nDCG@20 (graded)`` takes 2^s - 1 of the oracle's
  similarity s as the gain of every candidate.
- k-NN accuracy: the label most of the first k have is the query's; among the labels with most
  votes that of the nearest track decides.

References
----------
Prétet, Richard & Peeters (2020), ICASSP, for the 20 tracks returned and the oracle's first 5; which
normalisation of AP and which gain it takes isn't stated, hence the variants.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mirbench.errors import MethodError
from mirbench.metrics.hubs import hub_metrics
from mirbench.metrics.metric import Counts, Metric, Value, ratio
from mirbench.metrics.relevance import Query

CUTS = (1, 5, 10, 20)
VOTERS = (1, 5, 10)
LENGTH = 20
Ranked = tuple[np.ndarray, np.ndarray]


def ranking_metrics(task: Any) -> list[Metric]:
    """Metrics for tasks of kind ``'ranking'``."""
    if task.oracle:
        # the filter belongs to this task: a track's own artist is no answer
        return [*_oracle("artist", ""), *_oracle("", " (own artist allowed)"), *hub_metrics()]
    without = "album" if task.column == "artist" else "artist"
    metrics = []
    for kind in (without, ""):
        suffix = f" ({kind} filter)" if kind else ""
        counts = label_counts(kind)
        columns = [*_label_columns(), *(_vote_columns() if task.column != "artist" else [])]
        metrics += [
            Metric(f"{name}{suffix}", "%", True, counts, _mean_of(column))
            for name, column in columns
        ]
        metrics.append(Metric(f"no relevant track{suffix}", "%", False, counts, _left_out))
    return [*metrics, *hub_metrics()]


def _label_columns() -> list[tuple[str, int]]:
    names = ["R-precision", "MAP", "MRR", *(f"precision@{k}" for k in CUTS)]
    return [(name, i) for i, name in enumerate(names)]


def _vote_columns() -> list[tuple[str, int]]:
    first = len(_label_columns())
    return [(f"k-NN accuracy (k={k})", first + i) for i, k in enumerate(VOTERS)]


def label_counts(without: str) -> Counts:
    """Counts a query, (n_queries, 2 + n_metrics): 1 and the metrics, 0 to 1; or 0s, and at last 1
    where nothing is relevant."""

    def one(query: Query, ids: np.ndarray) -> np.ndarray:
        catalogue, own = query.catalogue, query.position
        relevant = catalogue.relevant(own, without)
        n = int(relevant.sum())
        ids = ids[catalogue.allowed(own, without)[ids]]
        hits = relevant[ids]
        labels = catalogue.codes[ids]
        scores = [
            hits[:n].sum() / max(n, 1),
            average_precision(hits, n),
            reciprocal_rank(hits),
            *(hits[:k].sum() / k for k in CUTS),
            *(vote(labels[:k]) == catalogue.codes[own] for k in VOTERS),
        ]
        return _row(n, scores)

    return _counts(one)


ORACLE_NAMES = (
    *(f"{name}@{LENGTH}" for name in ("MAP", "recall", "RR", "nDCG")),
    f"MAP@{LENGTH} (over hits)",
    f"nDCG@{LENGTH} (graded)",
)


def _oracle(without: str, suffix: str) -> list[Metric]:
    counts = oracle_counts(without)
    return [
        Metric(f"{name}{suffix}", "%", True, counts, _mean_of(i))
        for i, name in enumerate(ORACLE_NAMES)
    ]


def oracle_counts(without: str) -> Counts:
    """As `label_counts`, of the metrics `ORACLE_NAMES`."""

    def one(query: Query, ids: np.ndarray) -> np.ndarray:
        catalogue, own = query.catalogue, query.position
        allowed = catalogue.allowed(own, without)
        ids = ids[allowed[ids]][:LENGTH]
        relevant = catalogue.relevant(own, without)
        n = int(relevant.sum())
        hits = relevant[ids]
        similar = np.maximum(catalogue.similarity[own], 0)
        scores = [
            average_precision(hits, min(n, LENGTH)),
            hits.sum() / max(n, 1),
            reciprocal_rank(hits),
            discounted(hits) / max(discounted(np.ones(min(n, LENGTH))), 1e-12),
            average_precision(hits, int(hits.sum())),
            discounted(_gain(similar[ids]))
            / max(discounted(_gain(np.sort(similar[allowed])[::-1][:LENGTH])), 1e-12),
        ]
        return _row(n, scores)

    return _counts(one)


def average_precision(hits: np.ndarray, most: int) -> float:
    """Sum of the precisions at the ranks of the hits, over the most hits there can be."""
    if not hits.any():
        return 0.0
    ranks = np.flatnonzero(hits) + 1
    precision = np.arange(1, len(ranks) + 1) / ranks
    return float(precision.sum() / most)


def reciprocal_rank(hits: np.ndarray) -> float:
    """1 / rank of the first hit; 0 without."""
    return 1.0 / (int(np.argmax(hits)) + 1) if hits.any() else 0.0


def discounted(gains: np.ndarray) -> float:
    """Discounted cumulative gain, sum of gain / log2(rank + 1)."""
    return float(np.sum(gains / np.log2(np.arange(2, len(gains) + 2))))


def vote(labels: np.ndarray) -> int:
    """Most frequent of the labels, of equals the one met first; -1 without any."""
    if not len(labels):
        return -1
    values, first, n = np.unique(labels, return_index=True, return_counts=True)
    return int(values[np.lexsort((first, -n))[0]])


def _gain(similarity: np.ndarray) -> np.ndarray:
    return np.exp2(similarity) - 1


def _row(n_relevant: int, scores: Sequence[float]) -> np.ndarray:
    """The scores, whether the query counts, whether it is left out."""
    counted = n_relevant > 0
    return np.array([*np.array(scores, dtype=float) * counted, counted, not counted], dtype=float)


def _mean_of(column: int) -> Value:
    return lambda c: 100 * ratio(c[..., column], c[..., -2])


def _left_out(c: np.ndarray) -> np.ndarray:
    return 100 * ratio(c[..., -1], c[..., -2] + c[..., -1])


def _counts(one: Callable[[Query, np.ndarray], np.ndarray]) -> Counts:
    def counts(
        truth: Sequence[Query], outputs: Sequence[Ranked], task: Any = None, grid: Any = None
    ) -> np.ndarray:
        if len(truth) != len(outputs):
            raise MethodError(f"{len(outputs)} lists for {len(truth)} queries; give one each")
        return np.array([one(q, checked(q, *ranked)) for q, ranked in zip(truth, outputs)])

    return counts


def checked(query: Query, ids: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """The list's positions; MethodError where it is no ranked list of the query's candidates."""
    ids, distances = np.asarray(ids), np.asarray(distances)
    n = len(query.catalogue)
    if ids.dtype.kind not in "iu" or ids.ndim != 1 or ids.shape != distances.shape:
        raise MethodError("a ranked list needs one whole number and one distance a candidate")
    if len(ids) < min(n - 1, LENGTH):
        raise MethodError(
            f"a ranked list holds {len(ids)} tracks; give {min(n - 1, LENGTH)} or more"
        )
    if len(ids) and (ids.min() < 0 or ids.max() >= n):
        raise MethodError(f"a ranked list names position {ids.max()}; there are {n} tracks")
    if len(np.unique(ids)) < len(ids) or (ids == query.position).any():
        raise MethodError("a ranked list holds a track twice, or the query itself")
    if not np.isfinite(distances).all() or (np.diff(distances) < 0).any():
        raise MethodError("a ranked list's distances must be finite and ascend")
    return ids
