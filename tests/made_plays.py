"""Made-up plays, their corpus and protocol, and the factorisation by its definition."""

from functools import cache

import numpy as np
import pandas as pd
from scipy import sparse

from mirbench.corpora import Corpus
from mirbench.protocols.latent import latent_protocol
from mirbench.recommendation.plays import Plays

FACTORS = 3


def long(*triples):
    return pd.DataFrame(triples, columns=["user", "track", "count"])


def made(n_users=120, n_artists=20, per_artist=3, seed=0):
    """Plays drawn from true factors that an artist's tracks nearly share."""
    rng = np.random.default_rng(seed)
    artists = np.repeat(rng.standard_normal((n_artists, FACTORS)), per_artist, axis=0)
    items = artists + 0.3 * rng.standard_normal(artists.shape)
    users = rng.standard_normal((n_users, FACTORS))
    counts = rng.poisson(0.2 * np.exp(users @ items.T)).clip(max=60)
    counts[:, 0] += 1
    counts[0] += 1
    tracks = tuple(f"tiny/{a:02d}/{k}" for a in range(n_artists) for k in range(per_artist))
    names = tuple(f"u{k}" for k in range(n_users))
    return Plays(names, tracks, sparse.csr_array(counts.astype(float))), items


def half(counts, other):
    """Ridge regressions by the definition, with every confidence and preference written out."""
    c, p = 1 + 2.0 * np.log(1 + counts / 1e-6), (counts > 0).astype(float)
    ridge = 1e-5 * np.eye(other.shape[1])
    return np.array(
        [
            np.linalg.solve(other.T @ np.diag(c_) @ other + ridge, other.T @ np.diag(c_) @ p_)
            for c_, p_ in zip(c, p)
        ]
    )


def loss(counts, users, items):
    c, p = 1 + 2.0 * np.log(1 + counts / 1e-6), counts > 0
    return np.sum(c * (p - users @ items.T) ** 2) + 1e-5 * (np.sum(users**2) + np.sum(items**2))


@cache
def tiny_plays():
    return made()[0]


@cache
def tiny_corpus():
    names = list(tiny_plays().tracks)
    items = pd.DataFrame(
        {
            "id": names,
            "path": names,
            "key": [f"key {k}" for k in range(len(names))],
            "start_s": 0.0,
            "duration_s": 5.0,
            "group": [name.split("/")[1] for name in names],
            "tags": [f"tag {int(name.split('/')[1]) % 4}|every" for name in names],
        }
    )
    return Corpus("tiny", items, evidence="embedded")


@cache
def tiny_protocol():
    return latent_protocol("latent/tiny", tiny_corpus(), tiny_plays(), n_factors=FACTORS)
