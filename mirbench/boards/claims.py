"""A paper's claims, each a comparison of two rows: reproduced, not reproduced, or not separable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student_t
from scipy.stats import ttest_1samp

from mirbench.boards.cross import paired_interval
from mirbench.boards.judge import Judge
from mirbench.errors import ProtocolError
from mirbench.stats import Interval


@dataclass(frozen=True)
class Claim:
    """``better`` scores better than ``worse``; with ``tie`` the two are within that many points, with
    ``slack`` ``better`` isn't worse by so many; without ``worse`` the metric of ``better`` is above 0.

    Attributes
    ----------
    words : str
    better, worse : str
        Specs of two methods of one protocol; ``worse`` may be empty.
    metric : str or None
        The protocol's first headline metric for None.
    tie, slack : float
        Margins of practical equivalence in the metric's unit; 0 for an order.
    source : str or None
        Training set that is judged (``"n=5"`` labels a class); what the board's first column pools for None.
    """

    words: str
    better: str
    worse: str
    metric: str | None = None
    tie: float = 0.0
    slack: float = 0.0
    source: str | None = None


def judged(judge: Judge, claim: Claim) -> np.ndarray:
    """Mask of the rows that a claim is about.

    Raises
    ------
    ProtocolError
        No test set has the claim's training set.
    """
    if claim.source is None:
        return judge.main
    where = (judge.rows["source"] == claim.source).to_numpy()
    if not where.any():
        known = ", ".join(dict.fromkeys(judge.rows["source"]))
        raise ProtocolError(
            f"{judge.protocol.name} has no training set {claim.source!r}; it has {known}"
        )
    return where


def difference(judge: Judge, claim: Claim) -> Interval:
    """By how much ``better`` is better, paired by item and resampled by group, over pooled rows; without
    ``worse`` its value, resampled by group."""
    metric = judge.metric(claim.metric)
    if not claim.worse:
        return judge.interval(claim.better, metric, judged(judge, claim))
    where = judge.counted(claim.better, metric, judged(judge, claim))
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


def over_cells(gains: Sequence[float]) -> Interval:
    """Mean of the cells' own differences, with Student's t over cells (95 %): where each cell is a seed
    of a generator and a fit of its own, what another seed, draw and fit would have changed is in it.

    NaN ends for one cell.
    """
    n, mean = len(gains), float(np.mean(gains))
    if n < 2:
        return Interval(mean, np.nan, np.nan, n, n, "none", False, {})
    half = float(student_t.ppf(0.975, n - 1) * np.std(gains, ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half, n, n, "t", False, {})


def p_over_cells(gains: Sequence[float], slack: float = 0.0) -> float:
    """p of Student's t over cells, two-sided, that the mean of the differences is ``-slack``: below .05 where
    `over_cells` gives an interval without it. NaN for one cell.
    """
    shifted = np.asarray(gains, dtype=float) + slack
    if len(shifted) < 2:
        return np.nan
    if not np.ptp(shifted):  # no spread: certain, whichever way
        return float(shifted[0] == 0)
    return float(ttest_1samp(shifted, 0).pvalue)


def claims_table(judge: Judge, claims: Iterable[Claim], *, cells: bool = False) -> pd.DataFrame:
    """Each claim with its difference, interval and verdict; and in how many of the pooled blocks
    (corpora, or seeds of a generator) the claim holds.

    Parameters
    ----------
    judge : Judge
    claims : iterable of Claim
    cells : bool
        Whether intervals and counts are over the protocol's cells (`over_cells`), in place of over groups
        and blocks.

    Returns
    -------
    DataFrame
        ``claim``, ``metric``, ``difference`` (text), ``blocks``, ``verdict``; claims about a method
        without a record say which. With ``cells`` also ``p``, two-sided (`p_over_cells`), NaN without.
    """
    each = judge.rows["cell"].unique() if cells else judge.blocks
    parts = [
        (judge.rows["cell"] == one).to_numpy() if cells else judge.of_block(*one) for one in each
    ]
    rows = []
    for claim in claims:
        metric = judge.metric(claim.metric)
        row: dict[str, Any] = {"claim": claim.words, "metric": metric.name}
        row |= {"difference": "–", "blocks": "–"}
        row |= {"p": np.nan} if cells else {}
        specs = [spec for spec in (claim.better, claim.worse) if spec]
        missing = [spec for spec in specs if spec not in judge.methods]
        if missing:
            rows.append(row | {"verdict": f"no record of {missing[0]}"})
            continue
        gains = _gains(judge, claim, parts)
        found = over_cells(gains) if cells else difference(judge, claim)
        if cells and not claim.tie:
            row["p"] = p_over_cells(gains, claim.slack)
        row["difference"] = f"{found.value:+.2f} [{found.lo:+.2f}, {found.hi:+.2f}]"
        if not claim.tie:
            row["blocks"] = f"{sum(gain > -claim.slack for gain in gains)} of {len(gains)}"
        rows.append(row | {"verdict": verdict(found, claim.tie, claim.slack)})
    return pd.DataFrame(rows)


def _gains(judge: Judge, claim: Claim, parts: Iterable[np.ndarray]) -> list[float]:
    """By how much the claim's better row is better in each part of the judged rows, a mask each."""
    metric = judge.metric(claim.metric)
    sign = 1 if metric.greater_is_better else -1
    gains = []
    for part in parts:
        where = part & judged(judge, claim)
        if where.any():
            values = [
                float(metric.value(judge.counts(spec, metric)[:, where].mean(axis=0).sum(axis=0)))
                for spec in (claim.better, claim.worse)
                if spec
            ]
            gains.append(sign * (values[0] - values[1]) if claim.worse else values[0])
    return gains
