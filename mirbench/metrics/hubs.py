"""Hubness: some tracks are near everything, others near nothing.

N_k(x) is the number of the k-nearest-neighbour lists of a test set that track x is in; k is 5 and
no filter applies. Hubness is the skewness of N_k over the tracks, a hub has N_k > 5k, an anti-hub
N_k = 0.

Counts are those of a track as a candidate, so that an interval says how the figure varies with the
tracks that are counted, the lists being what they are.

References
----------
Radovanović, Nanopoulos & Ivanović (2010), JMLR 11, for the skewness; Flexer, Schnitzer & Schlüter
(2012), ISMIR, for music; the limit of 5k from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mirbench.metrics.metric import Metric, ratio
from mirbench.metrics.relevance import Query

K = 5


def hub_metrics() -> list[Metric]:
    """Hubness, anti-hubs and hubs, from `occurrence_counts`."""
    return [
        Metric(f"hubness (k={K})", "", False, occurrence_counts, skewness, itemwise=False),
        Metric(f"anti-hubs (k={K})", "%", False, occurrence_counts, _share(4), itemwise=False),
        Metric(f"hubs (k={K})", "%", False, occurrence_counts, _share(5), itemwise=False),
    ]


def occurrences(
    truth: Sequence[Query], outputs: Sequence[tuple[np.ndarray, np.ndarray]], k: int = K
) -> np.ndarray:
    """N_k of every item, within its own test set."""
    found: dict[int, np.ndarray] = {}
    for query, (ids, _) in zip(truth, outputs, strict=True):
        n = len(query.catalogue)
        own = found.setdefault(id(query.catalogue), np.zeros(n, dtype=np.int64))
        own[np.asarray(ids)[:k]] += 1
    return np.array([found[id(query.catalogue)][query.position] for query in truth])


def occurrence_counts(
    truth: Sequence[Query],
    outputs: Sequence[tuple[np.ndarray, np.ndarray]],
    task: Any = None,
    grid: Any = None,
) -> np.ndarray:
    """Per item 1, N, N^2, N^3, whether it is an anti-hub, whether a hub: (n_items, 6)."""
    n = occurrences(truth, outputs).astype(float)
    return np.stack([np.ones_like(n), n, n**2, n**3, n == 0, n > 5 * K], axis=1)


def skewness(c: np.ndarray) -> np.ndarray:
    """Third standardised moment from the sums of powers; 0 where all occur equally often."""
    mean, square, cube = (ratio(c[..., i], c[..., 0]) for i in (1, 2, 3))
    variance = square - mean**2
    third = cube - 3 * mean * square + 2 * mean**3
    flat = variance <= 1e-9
    return np.where(flat, 0.0, third / np.where(flat, 1.0, variance) ** 1.5)


def _share(column: int) -> Any:
    return lambda c: 100 * ratio(c[..., column], c[..., 0])
