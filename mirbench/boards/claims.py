"""A paper's claims, each a comparison of two rows: reproduced, not reproduced, or not separable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from mirbench.boards.cross import paired_interval
from mirbench.boards.judge import Judge
from mirbench.stats import Interval


@dataclass(frozen=True)
class Claim:
    """``better`` scores better than ``worse``; with ``tie`` the two are within that many points, with
    ``slack`` ``better`` isn't worse by so many.

    Attributes
    ----------
    words : str
    better, worse : str
        Specs of two methods of one protocol.
    metric : str or None
        The protocol's first headline metric for None.
    tie, slack : float
        Margins of practical equivalence in the metric's unit; 0 for an order.
    """

    words: str
    better: str
    worse: str
    metric: str | None = None
    tie: float = 0.0
    slack: float = 0.0


def difference(judge: Judge, claim: Claim) -> Interval:
    """By how much ``better`` is better, paired by item and resampled by group, over pooled rows."""
    metric = judge.metric(claim.metric)
    where = judge.counted(claim.better, metric, judge.main)
    a, b = (judge.counts(spec, metric)[:, where] for spec in (claim.better, claim.worse))
    sign = 1 if metric.greater_is_better else -1
    return paired_interval(a, b, judge.rows[where], metric, sign)


def verdict(found: Interval, tie: float = 0.0, slack: float = 0.0) -> str:
    """In words, from the interval of the difference."""
    if tie:
        inside = found.lo > -tie and found.hi < tie
        apart = found.lo > 0 or found.hi < 0
        return "reproduced" if inside else "not reproduced" if apart else "not separable"
    if found.lo > -slack:
        return "reproduced"
    if found.hi < -slack:
        return "not reproduced: the other way round"
    return "not separable"


def claims_table(judge: Judge, claims: Iterable[Claim]) -> pd.DataFrame:
    """Each claim with its difference, interval and verdict; and in how many of the pooled blocks
    (corpora, or seeds of a generator) the difference has the claim's sign.

    Returns
    -------
    DataFrame
        ``claim``, ``metric``, ``difference`` (text), ``blocks``, ``verdict``; claims about a method
        without a record say which.
    """
    rows = []
    for claim in claims:
        metric = judge.metric(claim.metric)
        row = {"claim": claim.words, "metric": metric.name, "difference": "–", "blocks": "–"}
        missing = [spec for spec in (claim.better, claim.worse) if spec not in judge.methods]
        if missing:
            rows.append(row | {"verdict": f"no record of {missing[0]}"})
            continue
        found = difference(judge, claim)
        row["difference"] = f"{found.value:+.2f} [{found.lo:+.2f}, {found.hi:+.2f}]"
        if not claim.tie:
            gains = _by_block(judge, claim)
            row["blocks"] = f"{sum(gain > 0 for gain in gains)} of {len(gains)}"
        rows.append(row | {"verdict": verdict(found, claim.tie, claim.slack)})
    return pd.DataFrame(rows)


def _by_block(judge: Judge, claim: Claim) -> list[float]:
    metric = judge.metric(claim.metric)
    sign = 1 if metric.greater_is_better else -1
    gains = []
    for source, test in judge.blocks:
        where = judge.of_block(source, test) & judge.main
        if where.any():
            sums = [
                judge.counts(spec, metric)[:, where].mean(axis=0).sum(axis=0)
                for spec in (claim.better, claim.worse)
            ]
            gains.append(float(sign * (metric.value(sums[0]) - metric.value(sums[1]))))
    return gains
