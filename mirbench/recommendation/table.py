"""The table: every row judged on cold and on warm tracks, and claims about the cold ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pandas as pd

from mirbench.boards.claims import verdict
from mirbench.recommendation import rows
from mirbench.recommendation.data import Listening, predicted
from mirbench.recommendation.evaluate import (
    DECILES,
    METRICS,
    Judged,
    by_popularity,
    difference,
    interval,
    judge,
    value,
)
from mirbench.recommendation.setting import user_factors
from mirbench.recommendation.wmf import factorise
from mirbench.records import Record
from mirbench.stats import Interval

EAR = "a perfect ear"
"""Regression on the audible factors that the plays were drawn from: what sound can tell at most."""
RANDOM, MEAN, TRUE = "random", "mean factor", "true factors"
WAITED = "popularity (its plays are known)"
Scores = Mapping[str, Sequence[np.ndarray]]


def cold_scores(
    data: Listening, records: Sequence[Record], sound: Mapping[str, np.ndarray] | None = None
) -> dict[str, list[np.ndarray]]:
    """Scores of cold tracks by row, one array a seed; ``sound`` has the statistics ``warm`` and ``cold``."""
    s = data.setting
    users = user_factors(s, data.warm)
    mean = np.tile(data.warm.mean(axis=0), (len(s.cold), 1))
    out = {
        RANDOM: [rows.random_order(*s.asked.shape)],
        MEAN: [rows.by_factors(users, mean)],
        "tags": [rows.by_tags(s.train, data.tags(s.warm), data.tags(s.cold))],
    }
    if sound:
        out["MFCC distance (mean)"] = [rows.by_distance(s.train, sound["warm"], sound["cold"])]
        nearest = rows.by_distance(s.train, sound["warm"], sound["cold"], nearest=True)
        out["MFCC distance (nearest)"] = [nearest]
    for record in sorted(records, key=lambda r: (r.spec, r.identity["seed"])):
        scores = rows.by_factors(users, predicted(record, s.cold))
        out.setdefault(named(record.spec), []).append(scores)
    ears = data.audible(s.warm)
    if ears.shape[1]:
        heard = rows.regressed(ears, data.warm, data.audible(s.cold))
        out[EAR] = [rows.by_factors(users, heard)]
    out[WAITED] = [rows.popularity(s.asked)]
    out[TRUE] = [rows.by_factors(users, data.cold)]
    return out


def warm_scores(
    data: Listening, sound: Mapping[str, np.ndarray] | None = None
) -> dict[str, list[np.ndarray]]:
    """Scores of warm tracks by row; the factorisation is left out where `implicit` isn't installed."""
    s = data.setting
    tags = data.tags(s.warm)
    out = {
        RANDOM: [rows.random_order(*s.train.shape)],
        "popularity": [rows.popularity(s.train)],
        "tags": [rows.by_tags(s.train, tags, tags)],
    }
    if sound:
        out["MFCC distance (mean)"] = [rows.by_distance(s.train, sound["warm"], sound["warm"])]
    if find_spec("implicit"):
        factors = factorise(s.train, data.warm.shape[1])
        out["factorisation"] = [rows.by_factors(*factors)]
    out["factorisation at unit norm"] = [rows.by_factors(user_factors(s, data.warm), data.warm)]
    return out


def named(spec: str) -> str:
    """Row of a method's answers."""
    return f"predicted: {spec}"


def judged_cold(data: Listening, scores: Scores) -> dict[str, Judged]:
    """Each row on cold tracks; seeds averaged pair by pair."""
    played = data.setting.asked.toarray() > 0
    return {row: _mean([judge(one, played) for one in each]) for row, each in scores.items()}


def judged_warm(data: Listening, scores: Scores) -> dict[str, Judged]:
    """Each row on held-out plays of warm tracks; what a user played in training is no candidate."""
    played, known = (side.toarray() > 0 for side in (data.setting.held, data.setting.train))
    return {row: _mean([judge(one, played, known) for one in each]) for row, each in scores.items()}


def board(
    judged: Mapping[str, Judged], artists: Sequence[str], users: Sequence[str]
) -> pd.DataFrame:
    """Text cells: each metric with its interval by artist, then by user; coverage."""
    lines = []
    for row, one in judged.items():
        line = {"row": row}
        for metric in METRICS:
            found = interval(one, metric, artists, "artist")
            line[f"{metric} [by artist]"] = _cell(found)
            line[f"{metric} [by user]"] = _bounds(interval(one, metric, users, "user"))
        lines.append(line | {"coverage@20": f"{one.coverage:.0f}"})
    return pd.DataFrame(lines)


def deciles(judged: Mapping[str, Judged], listeners: np.ndarray) -> pd.DataFrame:
    """Recall@20 by decile of popularity, 1 the least played tenth of the candidates."""
    lines = [
        {"row": row} | {str(k): _number(v) for k, v in by_popularity(one, listeners).items()}
        for row, one in judged.items()
    ]
    return pd.DataFrame(lines, columns=["row", *map(str, range(1, DECILES + 1))])


def compare(
    judged: Mapping[str, Judged],
    claims: Sequence[tuple[str, str]],
    artists: Sequence[str],
    users: Sequence[str],
) -> pd.DataFrame:
    """Claims (better, worse) between rows with the difference in AUC and mAP, and the verdict by artist."""
    lines = []
    for better, worse in claims:
        for metric in METRICS[1:]:
            line = {"claim": f"{better} above {worse}", "metric": metric}
            missing = [row for row in (better, worse) if row not in judged]
            if missing:
                lines.append(
                    line
                    | {"by artist": "–", "by user": "–", "verdict": f"no record of {missing[0]}"}
                )
                continue
            pair = judged[better], judged[worse]
            found = difference(*pair, metric, artists, "artist")
            other = difference(*pair, metric, users, "user")
            line |= {"by artist": f"{found.value:+.1f} {_bounds(found)}", "by user": _bounds(other)}
            lines.append(line | {"verdict": verdict(found)})
    return pd.DataFrame(lines)


def values(judged: Mapping[str, Judged]) -> pd.DataFrame:
    """Metrics in percent, a row each."""
    return pd.DataFrame({row: {m: value(one, m) for m in METRICS} for row, one in judged.items()}).T


def _mean(seeds: Sequence[Judged]) -> Judged:
    pairs = seeds[0].pairs.copy()
    for metric in METRICS:
        pairs[metric] = np.mean([one.pairs[metric] for one in seeds], axis=0)
    return replace(seeds[0], pairs=pairs, coverage=float(np.mean([s.coverage for s in seeds])))


def _cell(found: Interval) -> str:
    return f"{found.value:.1f} {_bounds(found)}"


def _bounds(found: Interval) -> str:
    return "[–]" if np.isnan(found.lo) else f"[{found.lo:.1f}, {found.hi:.1f}]"


def _number(found: float) -> str:
    return "–" if np.isnan(found) else f"{found:.0f}"
