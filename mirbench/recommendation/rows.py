"""Rows of a recommendation table: each scores candidate tracks for every user.

Every function returns scores of shape (n_users, n_candidates), larger is better, and sees the
training plays alone; but for `popularity`, where it is given plays that a cold track hasn't got yet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse


def random_order(n_users: int, n_candidates: int, random_state: int = 0) -> np.ndarray:
    """A guess a pair."""
    return np.random.default_rng(random_state).random((n_users, n_candidates))


def popularity(plays: sparse.csr_array) -> np.ndarray:
    """Users that played the candidate, the same list for everyone.

    ``plays`` (n_users, n_candidates): the training plays of warm candidates. Of cold ones those asked
    for: what waiting for plays would tell, and no method can know from the sound.
    """
    listeners = np.asarray((plays > 0).sum(axis=0), dtype=float).ravel()
    return np.tile(listeners, (plays.shape[0], 1))


def by_factors(users: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Inner products x_u . y_i, shapes (n_users, d), (n_candidates, d)."""
    return users @ items.T


def by_tags(
    train: sparse.csr_array, known: Sequence[set[str]], candidates: Sequence[set[str]]
) -> np.ndarray:
    """Cosine of a candidate's tags to a user's profile.

    Tags weigh log(n_tracks / n_tracks with the tag), counted over the training tracks; a profile
    is the sum of a user's tracks, each at unit length, times log(1 + plays).

    Parameters
    ----------
    train : sparse array of shape (n_users, n_known)
    known, candidates : sequence of set of str
        Tags of each track.
    """
    words = sorted(set().union(*known))
    has = np.array([[word in tags for word in words] for tags in known], dtype=float)
    idf = np.log(len(known) / has.sum(axis=0))
    others = np.array([[word in tags for word in words] for tags in candidates], dtype=float)
    tracks, asked = _unit(has * idf), _unit(others * idf)
    weights = sparse.csr_array(train, dtype=float, copy=True)
    weights.data = np.log1p(weights.data)
    return _unit(weights @ tracks) @ asked.T


def by_distance(
    train: sparse.csr_array, known: np.ndarray, candidates: np.ndarray, *, nearest: bool = False
) -> np.ndarray:
    """Minus the Euclidean distance of a candidate's sound to what a user played.

    Parameters
    ----------
    train : sparse array of shape (n_users, n_known)
    known, candidates : ndarray of shape (n, d)
        Statistics of each track's sound; scaled here by the known tracks' deviations.
    nearest : bool
        Distance to the nearest track that the user played; otherwise the mean over those tracks.
    """
    centre, scale = known.mean(axis=0), known.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    a, b = (known - centre) / scale, (candidates - centre) / scale
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    distances = np.sqrt(np.maximum(squares, 0.0))
    rows = [train.indices[train.indptr[u] : train.indptr[u + 1]] for u in range(train.shape[0])]
    reduce = np.min if nearest else np.mean
    return -np.stack([reduce(distances[row], axis=0) for row in rows])


def regressed(known: np.ndarray, targets: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Factors of candidates by least squares on what is known of tracks, with an intercept.

    Shapes (n_known, k), (n_known, d), (n_candidates, k) -> (n_candidates, d).
    """
    centre, mean = known.mean(axis=0), targets.mean(axis=0)
    weights = np.linalg.lstsq(known - centre, targets - mean, rcond=None)[0]
    return mean + (asked - centre) @ weights


def _unit(rows: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1.0)
