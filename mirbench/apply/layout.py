"""A plane map of a catalogue from distances alone: near neighbours stay near."""

from __future__ import annotations

import numpy as np
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from mirbench.neighbours import Distance, first, pairwise

MOST = 1000
"""Tracks laid out by all their distances; further ones are put among these."""

AMONG = 5  # landmarks that place a further track
SHOWN = 5  # neighbours of a track that the map is judged by


def layout(rows: np.ndarray, distance: Distance, random_state: int = 0) -> tuple[np.ndarray, float]:
    """Places of tracks on a plane.

    t-SNE of the distances, made symmetric and shifted where they are negative, that starts from
    classical scaling. It was chosen by measuring: it keeps about half of a track's 5 nearest among its 5
    nearest on the map, SMACOF and spectral embedding a fifth to a third (98 tracks by MFCC statistics,
    and 1,000 points of 10 dimensions in 12 clusters). How far apart distant groups lie says little.

    Beyond `MOST` rows that many landmarks, drawn at random, are laid out; each other row goes to a
    weighted mean of its 5 nearest landmarks.

    Parameters
    ----------
    rows : ndarray, n rows
        As ``transform`` returned them.
    distance : callable
        ``distance(A, B) -> (len(A), len(B))``, smaller is nearer.
    random_state : int

    Returns
    -------
    places : ndarray of shape (n, 2)
        From 0 to 1 on each axis.
    kept : float
        Share of the landmarks' 5 nearest that are among their 5 nearest on the map; NaN for 6 rows or
        fewer, where nothing can be lost.

    References
    ----------
    van der Maaten & Hinton (2008), Visualizing Data using t-SNE, JMLR 9 (from memory).
    """
    n = len(rows)
    rng = np.random.default_rng(random_state)
    chosen = np.arange(n) if n <= MOST else np.sort(rng.choice(n, MOST, replace=False))
    between = _symmetric(pairwise(rows[chosen], rows[chosen], distance).astype(float))
    spots = _of_landmarks(between, random_state)
    places = np.empty((n, 2))
    places[chosen] = spots
    others = np.setdiff1d(np.arange(n), chosen)
    for start in range(0, len(others), MOST):
        some = others[start : start + MOST]
        far = pairwise(rows[some], rows[chosen], distance).astype(float)
        places[some] = [_among(row, spots) for row in far]
    low, high = places.min(axis=0), places.max(axis=0)
    flat = high - low < 1e-9
    scaled = np.where(flat, 0.5, (places - low) / np.where(flat, 1.0, high - low))
    return scaled, _kept(between, scaled[chosen])


def _symmetric(between: np.ndarray) -> np.ndarray:
    """Mean of both directions, shifted where some are negative; 0 to itself."""
    mean = (between + between.T) / 2
    apart = ~np.eye(len(mean), dtype=bool)
    return np.where(apart, mean - min(mean[apart].min(initial=0.0), 0.0), 0.0)


def _of_landmarks(between: np.ndarray, random_state: int) -> np.ndarray:
    n = len(between)
    start = _classical(between)
    if n < 5 or not start.any():
        return start
    start *= 1e-4 / max(start[:, 0].std(), 1e-12)
    model = TSNE(
        metric="precomputed",
        init=start.astype(np.float32),
        perplexity=min(30.0, (n - 1) / 3),
        learning_rate="auto",
        random_state=random_state,
        n_jobs=1,
    )
    with threadpool_limits(1):  # the same places whatever the number of cores
        return np.asarray(model.fit_transform(between.astype(np.float32)), dtype=float)


def _classical(between: np.ndarray) -> np.ndarray:
    """Classical scaling to two dimensions (Torgerson), signs fixed."""
    n = len(between)
    centre = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ between**2 @ centre)
    places = np.zeros((n, 2))
    for axis in range(min(2, n)):
        vector = vectors[:, -1 - axis]
        sign = np.sign(vector[np.argmax(np.abs(vector))])
        places[:, axis] = sign * vector * np.sqrt(max(values[-1 - axis], 0.0))
    return places


def _among(far: np.ndarray, spots: np.ndarray) -> np.ndarray:
    near = first(far, min(AMONG, len(far)))
    over = far[near] - far[near[0]]
    weights = np.exp(-3 * over / max(over[-1], 1e-12))
    return weights @ spots[near] / weights.sum()


def _kept(between: np.ndarray, spots: np.ndarray) -> float:
    if len(between) <= SHOWN + 1:
        return float("nan")
    drawn = np.linalg.norm(spots[:, None] - spots[None], axis=2)
    shared = []
    for i in range(len(between)):
        sides = []
        for row in (between[i].copy(), drawn[i]):
            row[i] = np.inf
            sides.append(set(first(row, SHOWN).tolist()))
        shared.append(len(sides[0] & sides[1]) / SHOWN)
    return float(np.mean(shared))
