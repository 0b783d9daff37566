"""Triplets of tracks from an oracle's ranked lists: anchor, positive, negative.

An anchor's list holds the other tracks, most similar first. A positive is one of the first
``n_positives`` of the list; for each anchor and positive, at rank i, ``n_negatives`` negatives are
drawn from the ranks after i in one of three ways (Prétet et al. 2020):

- ``neighbors``: the ranks right after i;
- ``random``: uniformly over the ranks after i;
- ``distance``: according to similarity. The exact law isn't published; ours: `BINS` intervals of
  equal width between the smallest and the largest similarity of the candidates, one of those that
  hold a track drawn uniformly, then a track in it, so that the few tracks that are nearly as
  similar as the positive come as often as the many that aren't similar at all.

Negatives of one anchor and positive are distinct: each is drawn by the law among those left. Where
fewer are left than asked for, all are taken.

With ``strict`` (our choice) candidates begin where the similarity is lower than the positive's: of
tracks that are equally similar, only the tie-break says who comes first. All lists are of one set of
tracks, the ones trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mirbench.errors import MethodError

BINS = 10
"""Intervals of similarity in distance-based mining (our choice)."""

Draw = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def neighbors(similarities: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """The first ``n`` places."""
    return np.arange(min(n, len(similarities)))


def uniform(similarities: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """``n`` places, all equally likely, none twice."""
    return rng.permutation(len(similarities))[:n]


def distance(similarities: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """``n`` places, none twice: an interval of similarity, then a place in it."""
    weights = bin_weights(similarities)
    return rng.choice(len(weights), size=min(n, len(weights)), replace=False, p=weights)


def bin_weights(similarities: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Probability of each place: those of all intervals that hold one sum to the same.

    Parameters
    ----------
    similarities : ndarray of shape (n,), n > 0
    bins : int
        Intervals of equal width between the smallest and the largest.
    """
    low, high = similarities.min(), similarities.max()
    width = max(high - low, 1e-12) / bins
    which = np.minimum((similarities - low) / width, bins - 1).astype(int)
    count = np.bincount(which, minlength=bins)
    return 1 / (count[which] * np.count_nonzero(count))


MINERS: dict[str, Draw] = {"neighbors": neighbors, "random": uniform, "distance": distance}


def mine(
    lists: Sequence[np.ndarray],
    similarity: np.ndarray,
    strategy: str,
    rng: np.random.Generator,
    *,
    n_positives: int = 10,
    n_negatives: int = 1,
    per_anchor: int | None = None,
    negatives_from: int = 0,
    strict: bool = True,
) -> np.ndarray:
    """Triplets of all anchors, those of an anchor next to each other.

    Parameters
    ----------
    lists : sequence of ndarray of int
        For each track the others, most similar first; filtered by artist or not
        (`mirbench.oracle.ranked_lists`).
    similarity : ndarray of shape (n, n)
        The oracle's.
    strategy : {"neighbors", "random", "distance"}
    rng : Generator
    n_positives : int
        Positives are among so many first ranks.
    n_negatives : int
        For each anchor and positive.
    per_anchor : int, optional
        Positives drawn for each anchor, among those that have a negative; all by default.
    negatives_from : int
        No negative before this rank (0 is the first).
    strict : bool
        Negatives are less similar than the positive; else only of a later rank.

    Returns
    -------
    ndarray of int, shape (n_triplets, 3)
        Positions of anchor, positive and negative.

    Raises
    ------
    MethodError
        Unknown strategy.
    """
    if strategy not in MINERS:
        raise MethodError(f'unknown mining "{strategy}": use one of {", ".join(MINERS)}')
    draw = MINERS[strategy]
    triplets = [np.zeros((0, 3), dtype=int)]
    for anchor, ranked in enumerate(lists):
        values = np.round(similarity[anchor, ranked], 9)  # as the lists were ranked
        starts = first_negatives(values, n_positives, negatives_from, strict)
        usable = np.flatnonzero(starts < len(ranked))
        if per_anchor is not None:
            usable = np.sort(rng.permutation(usable)[:per_anchor])
        for rank in usable:
            places = starts[rank] + draw(values[starts[rank] :], n_negatives, rng)
            rows = np.full((len(places), 3), [anchor, ranked[rank], -1])
            rows[:, 2] = ranked[places]
            triplets.append(rows)
    return np.concatenate(triplets)


def first_negatives(
    values: np.ndarray, n_positives: int, negatives_from: int, strict: bool
) -> np.ndarray:
    """First rank that is a negative to each of the first ``n_positives`` ranks.

    ``values`` are similarities that fall; a rank past the last says that there is no negative.
    """
    ranks = np.arange(min(n_positives, len(values)))
    after = np.searchsorted(-values, -values[ranks], side="right") if strict else ranks + 1
    return np.maximum(after, negatives_from)
