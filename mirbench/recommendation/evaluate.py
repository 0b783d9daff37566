"""How well scores put what users played before what they didn't.

Conventions
-----------
A user's candidates are the tracks asked of, cold or warm, without those of its training plays; R are
those among them that it played. A user without any is left out. Equal scores are put in a random
order, another for each user and the same for all rows; AUC counts them half. In percent:

- recall@k: hits among the first k, over \\|R\\|;
- AUC: share of pairs (played, not played) in the right order, the mean over users;
- mAP@500: mean over users of (1 / min(\\|R\\|, 500)) sum over hits of precision at their rank, which is
  plain MAP where there are fewer candidates;
- coverage@k: share of the candidates that are among the first k of some user.

Each is a mean over users of a sum over their played tracks, so it parts into (user, track) pairs, and
an interval can resample either side. By user: would other listeners of these tracks be served as
well? By artist: would other music? Artists are held out whole, and a track's sound, tags and
factors are as one artist's: for rows that go by the content, and for all comparisons between them, the artist is the
independent unit, and there are far fewer artists than users. Ranks are taken as they are: an artist
drawn twice doesn't crowd the lists, so intervals by artist leave that out.

Scores are dense arrays: of a collection with a million users judge a sample of them.

References
----------
McFee et al. (2012), The Million Song Dataset Challenge, for mAP@500 (from memory).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from mirbench.errors import MethodError
from mirbench.metrics.metric import ratio
from mirbench.stats import Interval, grouped_interval

FIRST = 20
DEPTH = 500
METRICS = (f"recall@{FIRST}", "AUC", f"mAP@{DEPTH}")
UNITS = ("artist", "user")
DECILES = 10


@dataclass(frozen=True)
class Judged:
    """A row's scores, judged.

    Attributes
    ----------
    pairs : DataFrame
        A row a (user, played track): ``user`` and ``track`` (positions), ``weight`` (1 / \\|R\\|), and of
        each metric the pair's part; the metric is the sum of parts over the sum of weights.
    coverage : float
        Percent of the candidates.
    left_out : int
        Users with nothing to find, or nothing else.
    """

    pairs: pd.DataFrame
    coverage: float
    left_out: int


def judge(
    scores: np.ndarray,
    played: np.ndarray,
    known: np.ndarray | None = None,
    *,
    random_state: int = 0,
) -> Judged:
    """Judge scores.

    Parameters
    ----------
    scores : ndarray of shape (n_users, n_candidates)
    played : ndarray of bool, same shape
        What is to be found.
    known : ndarray of bool, same shape, optional
        Training plays: no candidates of that user.
    random_state : int
        Of the order of equal scores.

    Raises
    ------
    MethodError
        Shapes differ, scores aren't finite, or no user has anything to find.
    """
    scores = np.asarray(scores, dtype=float)
    known = np.zeros(played.shape, dtype=bool) if known is None else known
    if scores.shape != played.shape or known.shape != played.shape:
        raise MethodError(
            f"scores of shape {scores.shape} for plays of shape {played.shape}; give one a user and track"
        )
    if not np.isfinite(scores).all():
        raise MethodError("scores must be finite; NaN or infinity has no place in a list")
    ties = np.random.default_rng(random_state).random(scores.shape)
    parts, shown = [], np.zeros(scores.shape[1], dtype=bool)
    for user in range(len(scores)):
        tracks = np.flatnonzero(~known[user])
        hits, own = played[user, tracks], scores[user, tracks]
        order = np.lexsort((ties[user, tracks], -own))
        shown[tracks[order[:FIRST]]] = True
        n = int(hits.sum())
        if 0 < n < len(tracks):
            parts.append(_parts(user, tracks, hits, own, order))
    if not parts:
        raise MethodError("no user has both a track to find and another; ask about more tracks")
    candidates = (~known).any(axis=0)
    coverage = 100 * float(shown[candidates].mean())
    return Judged(pd.concat(parts, ignore_index=True), coverage, len(scores) - len(parts))


def _parts(
    user: int, tracks: np.ndarray, hits: np.ndarray, scores: np.ndarray, order: np.ndarray
) -> pd.DataFrame:
    n = int(hits.sum())
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(1, len(order) + 1)
    found = np.sort(rank[hits])
    precision = dict(zip(found.tolist(), np.arange(1, n + 1) / found))
    # of each played track the share of the others below it, by mid-ranks: over all, and among the played
    below = rankdata(scores)[hits] - rankdata(scores[hits])
    ranks = rank[hits]
    average = [precision[r] / min(n, DEPTH) if r <= DEPTH else 0.0 for r in ranks.tolist()]
    return pd.DataFrame(
        {
            "user": user,
            "track": tracks[hits],
            "weight": 1.0 / n,
            METRICS[0]: (ranks <= FIRST) / n,
            METRICS[1]: below / (len(order) - n) / n,
            METRICS[2]: average,
        }
    )


def value(judged: Judged, metric: str) -> float:
    """A metric in percent: the mean over users."""
    return 100 * float(judged.pairs[metric].sum() / judged.pairs["weight"].sum())


def interval(judged: Judged, metric: str, groups: Sequence[str], by: str) -> Interval:
    """A metric in percent with its 95 % interval.

    Parameters
    ----------
    judged : Judged
    metric : str
    groups : sequence of str
        Group of each user or of each candidate (its artist).
    by : {'user', 'artist'}
        Which of the two is resampled.
    """
    return _interval(judged.pairs[[metric, "weight"]].to_numpy(), _groups(judged, groups, by))


def difference(a: Judged, b: Judged, metric: str, groups: Sequence[str], by: str) -> Interval:
    """By how many points of a metric ``a`` is better than ``b``, paired; arguments as `interval`.

    Raises
    ------
    MethodError
        They weren't judged on the same plays.
    """
    same = ["user", "track", "weight"]
    if not a.pairs[same].equals(b.pairs[same]):
        raise MethodError("two rows of different plays can't be compared; judge both on the same")
    gain = (a.pairs[metric] - b.pairs[metric]).to_numpy()
    counts = np.stack([gain, a.pairs["weight"].to_numpy()], axis=1)
    return _interval(counts, _groups(a, groups, by), lowest=-100.0)


def by_popularity(judged: Judged, listeners: np.ndarray, metric: str = METRICS[0]) -> pd.Series:
    """A metric by decile of the candidates' popularity, 1 the least played tenth of the tracks.

    Each pair has the part in its decile's mean that it has in the whole; NaN without any pair.

    Parameters
    ----------
    judged : Judged
    listeners : ndarray of shape (n_candidates,)
        How many users played each.
    metric : str
    """
    place = rankdata(listeners, method="ordinal") - 1
    decile = 1 + DECILES * place.astype(int) // len(listeners)
    sums = judged.pairs[[metric, "weight"]].groupby(decile[judged.pairs["track"]]).sum()
    return (100 * sums[metric] / sums["weight"]).reindex(range(1, DECILES + 1))


def _groups(judged: Judged, groups: Sequence[str], by: str) -> np.ndarray:
    if by not in UNITS:
        raise MethodError(f"by={by!r}; resample by {' or '.join(UNITS)}")
    position = judged.pairs["user" if by == "user" else "track"].to_numpy()
    return np.asarray(groups, dtype=str)[position]


def _interval(counts: np.ndarray, groups: np.ndarray, lowest: float = 0.0) -> Interval:
    return grouped_interval(
        counts, groups, lambda c: 100 * ratio(c[..., 0], c[..., 1]), limits=(lowest, 100.0)
    )
