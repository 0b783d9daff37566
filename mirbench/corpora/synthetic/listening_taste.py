"""Who listens to what in the embedded listening corpus: audible factors, tastes, popularity, plays.

The truth behind the counts, all of it in the corpus's files: a track has a value on each of the
factors `AUDIBLE`, which are sums over its tags, so they can be heard; a user has a taste for each
factor. One play of user u is of track i with a probability in proportion to

    popularity_i * exp(taste_u . factor_i)

so that the counts have ``len(AUDIBLE)`` factors and one of popularity. Popularity has a long tail
(by artist and, less so, by track) and nothing to do with the sound. All numbers are our choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic.signals import random_for

AUDIBLE: Mapping[str, Mapping[str, float]] = {
    "energy": {
        "fast": 1.0,
        "slow": -1.0,
        "busy": 0.5,
        "sparse": -0.5,
        "distortion": 1.0,
        "drone": -0.5,
        "walking bass": 0.5,
    },
    "electronic": {
        "electronic drums": 1.0,
        "synth lead": 1.0,
        "synth pad": 1.0,
        "synth bass": 1.0,
        "sub bass": 0.5,
        "filter sweep": 0.5,
        "pumping": 0.5,
        "guitar": -0.5,
        "plucked bass": -0.5,
        "hand drums": -0.5,
    },
    "voice": {"high voice": 1.0, "low voice": 1.0, "choir": 0.7},
    "register": {
        "bright": 1.0,
        "mellow": -1.0,
        "high register": 1.0,
        "low register": -1.0,
        "whistle": 0.7,
        "bells": 0.5,
        "sub bass": -0.5,
    },
    "percussion": {
        "drum kit": 1.0,
        "electronic drums": 1.0,
        "hand drums": 1.0,
        "shaker": 0.5,
        "handclaps": 0.7,
    },
    "blown and bowed": {"flute": 1.0, "reed": 1.0, "brass": 1.0, "bowed strings": 1.0},
    "struck and plucked": {
        "mallets": 1.0,
        "bells": 1.0,
        "harp": 1.0,
        "harpsichord": 0.7,
        "electric piano": 0.7,
        "arpeggio": 0.5,
    },
    "held": {
        "legato": 1.0,
        "staccato": -1.0,
        "sustained chords": 0.7,
        "drone": 1.0,
        "repeated chords": -0.5,
        "off-beat chords": -0.5,
    },
}
"""Audible factor -> tag -> its part."""

USERS = 600
PLAYS = (20, 240)  # of a user, drawn evenly on a logarithmic scale
TASTE = 0.45  # deviation of a user's own taste for a factor of unit variance
SCENE = 0.4  # how much of the mean of a favourite genre is in a user's taste
TAIL = 0.9  # popularity of the artist of rank r: r ** -TAIL
TRACK_TAIL = 1.0  # largest log-ratio of an artist's tracks to one another
DIGITS = 4  # everything is rounded before use: what the files say is what was drawn from


def audible_factors(tags: Sequence[str]) -> pd.DataFrame:
    """Factors of tracks, shape (n_tracks, n_factors), mean 0 and variance 1 over the tracks.

    Parameters
    ----------
    tags : sequence of str
        Tags of each track, joined by ``|``.
    """
    sums = np.array(
        [[sum(part.get(tag, 0.0) for tag in text.split("|")) for part in AUDIBLE.values()] for text in tags]
    )  # fmt: skip
    values = (sums - sums.mean(axis=0)) / sums.std(axis=0)
    return pd.DataFrame(np.round(values, DIGITS), columns=list(AUDIBLE))


def draw_popularity(artists: Sequence[str], seed: int) -> np.ndarray:
    """Popularity of tracks, shape (n_tracks,), 1 for the most popular artist's best at most."""
    rng = random_for(seed, "listening/popularity")
    names = list(dict.fromkeys(artists))
    rank = dict(zip(names, rng.permutation(len(names)) + 1))
    own = np.exp(-TRACK_TAIL * rng.random_sample(len(artists)))
    by_artist = np.array([float(rank[name]) ** -TAIL for name in artists])
    return np.round(by_artist * own, DIGITS)


def draw_users(factors: pd.DataFrame, genres: Sequence[str], seed: int) -> pd.DataFrame:
    """Users, one a row: ``user``, ``genre`` (the favourite), ``plays``, and a taste for each factor."""
    rng = random_for(seed, "listening/users")
    known = sorted(set(genres))
    centres = factors.groupby(np.asarray(genres)).mean()
    favourite = [known[k] for k in rng.randint(len(known), size=USERS)]
    low, high = np.log(PLAYS)
    plays = np.exp(low + (high - low) * rng.random_sample(USERS)).astype(int)
    # a sum of twelve uniform draws less 6: near enough to normal, and the same on every machine
    own = rng.random_sample((USERS, factors.shape[1], 12)).sum(axis=2) - 6.0
    taste = TASTE * own + SCENE * centres.loc[favourite].to_numpy()
    users = pd.DataFrame(
        {"user": [f"user {k:03d}" for k in range(USERS)], "genre": favourite, "plays": plays}
    )
    return users.join(pd.DataFrame(np.round(taste, DIGITS), columns=list(factors)))


def draw_plays(
    users: pd.DataFrame,
    tracks: Sequence[str],
    factors: pd.DataFrame,
    popularity: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """Plays as a long table: ``user``, ``track``, ``count`` (1 or more), in the order of both."""
    affinity = users[list(factors)].to_numpy() @ factors.to_numpy().T
    weights = popularity * np.round(np.exp(affinity), DIGITS + 2)
    rows = []
    for user, n, weight in zip(users["user"], users["plays"], weights, strict=True):
        rng = random_for(seed, f"listening/{user}")
        ends = np.cumsum(weight)
        drawn = np.searchsorted(ends, rng.random_sample(n) * ends[-1], side="right")
        counts = np.bincount(drawn, minlength=len(tracks))
        rows += [(user, tracks[i], int(counts[i])) for i in np.flatnonzero(counts).tolist()]
    return pd.DataFrame(rows, columns=["user", "track", "count"])
