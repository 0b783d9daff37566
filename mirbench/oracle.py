"""The oracle of tag similarity: how alike two tracks are, given their tags, and who comes first.

Prétet, Richard & Peeters (2020) rank by a similarity of a private catalogue's tags; ours is a
pluggable function of tags: add one to `ORACLES` under the name that a task's ``oracle`` gives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from mirbench.errors import ProtocolError


def idf(tags: np.ndarray) -> np.ndarray:
    """Weight of each tag, ``log(n / tracks that have it)``; 0 for tags that no track has.

    Parameters
    ----------
    tags : ndarray of shape (n_tracks, n_tags)
        0 and 1.
    """
    have = np.asarray(tags, dtype=bool).sum(axis=0)
    return np.log(len(tags) / np.maximum(have, 1)) * (have > 0)


def cosine(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Cosines between rows, (len(A), len(B)); 0 where a row is all 0."""
    lengths = [np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12) for side in (A, B)]
    return (A / lengths[0]) @ (B / lengths[1]).T


def idf_cosine(tags: np.ndarray) -> np.ndarray:
    """Cosine of the tag vectors weighted by `idf` within these tracks, (n_tracks, n_tracks)."""
    weighted = np.asarray(tags, dtype=float) * idf(tags)
    return cosine(weighted, weighted)


def jaccard(tags: np.ndarray) -> np.ndarray:
    """Shared tags over all tags of the two, (n_tracks, n_tracks)."""
    tags = np.asarray(tags, dtype=float)
    shared = tags @ tags.T
    either = tags.sum(axis=1)[:, None] + tags.sum(axis=1)[None, :] - shared
    return np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)


TOP = 5
"""Tracks at the head of the oracle's list that are relevant (Prétet et al. 2020)."""

ORACLES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "idf-cosine": idf_cosine,
    "jaccard": jaccard,
}


def oracle_similarity(tags: np.ndarray, name: str = "idf-cosine") -> np.ndarray:
    """Similarities of all pairs of tracks by the oracle of that name, (n_tracks, n_tracks).

    The weights are those of the tracks given: inside a split, of that split alone.

    Raises
    ------
    ProtocolError
        No oracle of that name; lists the known.
    """
    if name not in ORACLES:
        raise ProtocolError(f"unknown oracle {name!r}; known: {', '.join(ORACLES)}")
    return ORACLES[name](tags)


def ranked_lists(
    similarity: np.ndarray,
    groups: Sequence[str] | np.ndarray | None = None,
    keys: Sequence[str] | None = None,
) -> list[np.ndarray]:
    """The oracle's ranked list of each track: the other tracks, most similar first.

    Parameters
    ----------
    similarity : ndarray of shape (n, n)
    groups : sequence of str, optional
        Artists: tracks of a track's own are left out of its list (artist filter).
    keys : sequence of str, optional
        A name of each track that breaks ties, by its hash: the same way for every list, and with
        no regard to the order of the tracks. By position without.

    Returns
    -------
    list of ndarray of int
        Positions, for each track.
    """
    n = len(similarity)
    if keys is None:
        place = np.arange(n)
    else:
        place = np.argsort(np.argsort([hashlib.sha256(str(k).encode()).hexdigest() for k in keys]))
    group = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    lists = []
    for i, row in enumerate(np.round(similarity, 9)):  # equal but for rounding is a tie
        order = np.lexsort((place, -row))
        lists.append(order[(group[order] != group[i]) & (order != i)])
    return lists


def head(similarity: np.ndarray, ranked: np.ndarray) -> np.ndarray:
    """The first `TOP` of a track's ranked list, those that are similar to it at all.

    Parameters
    ----------
    similarity : ndarray of shape (n,)
        Of the track to all others.
    ranked : ndarray of int
        Its list.
    """
    first = ranked[:TOP]
    return first[similarity[first] > 1e-9]
