"""What is chosen inside the training part: how many settings may be tried, and thresholds of tags."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

TRIALS = 3
"""Settings tried on an inner hold-out by group, hand-crafted and deep alike."""


def hold_out(groups: Sequence[str | None], share: float = 0.25, seed: int = 0) -> np.ndarray:
    """Mask of the items of a random ``share`` of the groups, rounded, one at the least.

    An item without a group is one of its own; of one group nothing is held out.
    """
    names = np.array([f"item {i}" if g is None else f"group {g}" for i, g in enumerate(groups)])
    unique = np.unique(names)
    if len(unique) < 2:
        return np.zeros(len(names), dtype=bool)
    n = max(1, round(share * len(unique)))
    return np.isin(names, np.random.default_rng(seed).permutation(unique)[:n])


def best_thresholds(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Threshold of each tag that gives the best F1: a tag holds where its score reaches it.

    Parameters
    ----------
    truth : ndarray of 0 and 1, shape (n_items, n_tags)
    scores : ndarray, shape (n_items, n_tags)
        Probabilities.

    Returns
    -------
    ndarray of float64, shape (n_tags,)
        Halfway between two neighbouring scores, the highest of equals; 0.5 for a tag that no item
        has, or that no item lacks.
    """
    truth, scores = np.asarray(truth, dtype=float), np.asarray(scores, dtype=float)
    found = np.full(truth.shape[1], 0.5)
    for tag in range(truth.shape[1]):
        holds = truth[:, tag]
        if 0 < holds.sum() < len(holds):
            order = np.argsort(-scores[:, tag], kind="stable")
            ranked = scores[order, tag]
            hits, n = np.cumsum(holds[order]), np.arange(1, len(order) + 1)
            ends = np.append(ranked[1:] < ranked[:-1], True)  # ties are taken together
            f1 = np.where(ends, 2 * hits / (n + holds.sum()), -1)
            last = int(np.argmax(f1))
            below = ranked[last + 1] if last + 1 < len(ranked) else 0.0
            found[tag] = (ranked[last] + below) / 2
    return found


def moved(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Scores moved, in the same order, such that each tag's threshold is 0.5.

    Below it ``0.5 s / t``, above ``1 - 0.5 (1 - s) / (1 - t)``: 0 and 1 stay where they are, so do
    ranks.

    Parameters
    ----------
    scores : ndarray of shape (n_items, n_tags), in [0, 1]
    thresholds : ndarray of shape (n_tags,)
    """
    t = np.clip(thresholds, 1e-6, 1 - 1e-6)
    return np.where(scores < t, 0.5 * scores / t, 1 - 0.5 * (1 - scores) / (1 - t))
