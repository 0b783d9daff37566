"""Confidence intervals of a score whose independent unit is the group.

Three regimes, by the number of groups G and the size of the smallest stratum:

========================= ===============================================================
G < 8                     no interval: the groups' own values are all there is to say
fewer than 30 that count  ``'t'``: linearised (delete-one-group jackknife) standard error,
                          Student t with `heavy_tailed_freedom`, on the logit scale where the
                          value has limits
otherwise                 ``'bootstrap'``: groups resampled with replacement within their
                          stratum, expanded percentile interval
========================= ===============================================================

Of values that are linearised already (``linear``), ``'t'`` at any number of groups. What counts is the
smallest stratum, or 1 + the degrees of freedom where a handful of groups makes
most of the errors: the bootstrap of 40 groups of which three err is one of three.

Coverage of the nominal 95 % interval over 8 to 80 groups is simulated by ``benchmarks/interval_coverage.py``;
its table and curve are in ``docs/``. Where errors are so rare that most groups make none, intervals
are wide and cover more than they say.

References
----------
Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 11-13 (from memory).
Hesterberg (2015), What Teachers Should Know About the Bootstrap, The American Statistician 69(4):
the expanded percentile interval, which undoes the narrowness of order ``sqrt((n - 1) / n)``
(from memory).
Satterthwaite (1946), An Approximate Distribution of Estimates of Variance Components (from memory).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special, stats

from mirbench.stats.groups import FEW_GROUPS, MIN_GROUPS, Grouping, GroupSums

Value = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Interval:
    """A value with its confidence interval.

    Attributes
    ----------
    value : float
        Over all items pooled.
    lo, hi : float
        NaN where ``method`` is ``'none'``.
    n_groups, n_items : int
    method : {'bootstrap', 't', 'none'}
        ``'none'``: under 8 groups, or all groups alike, so that no spread can be estimated.
    few_groups : bool
        True where a stratum has fewer than 30 groups.
    group_values : dict of str to float
        The groups' own values, given only under 8 groups.
    """

    value: float
    lo: float
    hi: float
    n_groups: int
    n_items: int
    method: str
    few_groups: bool
    group_values: dict[str, float]


def grouped_interval(
    counts: np.ndarray,
    groups: Sequence[str] | np.ndarray | Grouping,
    value: Value,
    *,
    classes: Sequence[object] | np.ndarray | None = None,
    limits: tuple[float, float] = (-np.inf, np.inf),
    linear: bool = False,
    n_boot: int = 2000,
    confidence: float = 0.95,
    random_state: int = 0,
) -> Interval:
    """Interval of ``value(sum of counts)`` by group.

    Parameters
    ----------
    counts : ndarray of shape (n_items, d) or (n_seeds, n_items, d)
        Additive counts; seeds are averaged before anything else.
    groups : sequence of str, length n_items, or Grouping
        The independent unit of each item; a `Grouping` brings its classes with it.
    value : callable (..., d) -> (...)
        See `mirbench.metrics.Metric`.
    classes : sequence, length n_items, optional
        Class of each item: groups are then resampled within strata, see `sum_by_group`.
    limits : (float, float)
        Range of the value, (0, 100) for a percentage: a ``'t'`` interval is then made on the logit
        scale, so that it stays inside (plain t covers less in every case we simulated).
    linear : bool
        Always ``'t'``: for values that hold to first order alone, such as areas of tags. Resampled
        mean areas of rare tags are off by more than their spread: 88 % coverage where this has 97.
    n_boot : int
        Resamples.
    confidence : float
    random_state : int

    Returns
    -------
    Interval
    """
    grouping = groups if isinstance(groups, Grouping) else Grouping.of(groups, classes)
    return interval_of_sums(
        grouping.sum(counts),
        value,
        limits=limits,
        linear=linear,
        n_boot=n_boot,
        confidence=confidence,
        random_state=random_state,
    )


def interval_of_sums(
    grouped: GroupSums,
    value: Value,
    *,
    limits: tuple[float, float] = (-np.inf, np.inf),
    linear: bool = False,
    n_boot: int = 2000,
    confidence: float = 0.95,
    random_state: int = 0,
) -> Interval:
    """`grouped_interval` of counts that are summed already, for several values of them."""
    few = grouped.smallest_stratum < FEW_GROUPS
    lo, hi, method = np.nan, np.nan, "none"
    if len(grouped.names) >= MIN_GROUPS:
        influences = _influences(grouped, value)
        se, freedom = _error(influences)
        if np.isfinite(se) and se > 1e-12:
            freedom = min(freedom, _heavy_tailed(influences))
            if few or linear or 1 + freedom < FEW_GROUPS:
                half = stats.t.ppf(0.5 + confidence / 2, freedom) * se
                lo, hi = _student(float(value(grouped.total)), half, limits)
                method = "t"
            else:
                lo, hi = _bootstrap(grouped, value, n_boot, confidence, random_state)
                method = "bootstrap"
    own = {}
    if len(grouped.names) < MIN_GROUPS:
        own = dict(zip(grouped.names, value(grouped.sums).tolist()))
    return Interval(
        value=float(value(grouped.total)),
        lo=float(lo),
        hi=float(hi),
        n_groups=len(grouped.names),
        n_items=grouped.n_items,
        method=method,
        few_groups=few,
        group_values=own,
    )


def linearised_error(grouped: GroupSums, value: Value) -> tuple[float, float]:
    """Standard error of the pooled value and its degrees of freedom.

    Delete-one-group jackknife within strata; degrees of freedom after Satterthwaite,
    ``(sum v_h) ** 2 / sum(v_h ** 2 / (n_h - 1))`` with ``v_h`` the variance of stratum h.
    """
    return _error(_influences(grouped, value))


def _error(influences: list[np.ndarray]) -> tuple[float, float]:
    variance, spread = 0.0, 0.0
    for away in influences:
        n = len(away)
        if n < 2:
            return np.nan, np.nan
        v = (n - 1) / n * np.add.reduce(away**2)
        variance += v
        spread += v**2 / (n - 1)
    freedom = variance**2 / spread if spread > 0 else np.nan
    return float(np.sqrt(variance)), float(freedom)


def heavy_tailed_freedom(grouped: GroupSums, value: Value) -> float:
    """Degrees of freedom of the linearised variance where groups' influences aren't normal.

    A sample variance of n values of kurtosis k has the variance
    ``s ** 4 * (k - (n - 3) / (n - 1)) / n``; freedom is twice the squared variance over its
    variance, as Satterthwaite's is with ``k = 3``. The kurtosis is the sample's; 1 at the least.
    """
    return _heavy_tailed(_influences(grouped, value))


def _heavy_tailed(influences: list[np.ndarray]) -> float:
    variance, spread = 0.0, 0.0
    for away in influences:
        n = len(away)
        second = np.add.reduce(away**2) / n
        if n < 2 or second == 0:
            continue
        kurtosis = np.add.reduce(away**4) / n / second**2
        v = (n - 1) * second
        variance += v
        spread += v**2 * (kurtosis - (n - 3) / (n - 1)) / n
    return max(1.0, float(2 * variance**2 / spread)) if spread > 0 else np.inf


def _influences(grouped: GroupSums, value: Value) -> list[np.ndarray]:
    """Of each stratum the values without one of its groups, less their mean.

    The groups that are left of a stratum stand for all of it: their sums are scaled by n / (n - 1).
    """
    order = np.argsort(grouped.strata, kind="stable")
    sums, n_h = grouped.sums[order], np.bincount(grouped.strata)
    ends = np.cumsum(n_h)
    whole = np.repeat(np.add.reduceat(sums, ends - n_h, axis=0), n_h, axis=0)
    scale = np.repeat(n_h / np.maximum(n_h - 1, 1), n_h)[:, None]
    left_out = value(grouped.total - whole + (whole - sums) * scale)
    parts = np.split(left_out, ends[:-1])
    return [part - np.add.reduce(part) / len(part) for part in parts]


def _student(centre: float, half: float, limits: tuple[float, float]) -> tuple[float, float]:
    lo, hi = limits
    if not (np.isfinite(hi - lo) and lo < centre < hi):
        return centre - half, centre + half
    share = (centre - lo) / (hi - lo)
    step = half / (hi - lo) / (share * (1 - share))
    ends = special.expit(special.logit(share) + np.array([-step, step]))
    return float(lo + (hi - lo) * ends[0]), float(lo + (hi - lo) * ends[1])


def _bootstrap(
    grouped: GroupSums, value: Value, n_boot: int, confidence: float, random_state: int
) -> tuple[float, float]:
    totals = np.zeros((n_boot, grouped.sums.shape[1]))
    for stratum in np.unique(grouped.strata):
        members = grouped.sums[grouped.strata == stratum]
        totals += _weights(len(members), n_boot, random_state + int(stratum)) @ members
    n = grouped.smallest_stratum
    tail = stats.norm.cdf(np.sqrt(n / (n - 1)) * stats.t.ppf(0.5 - confidence / 2, n - 1))
    lo, hi = np.nanquantile(value(totals), [tail, 1 - tail])
    return float(lo), float(hi)


@lru_cache(maxsize=8)
def _weights(n: int, n_boot: int, seed: int) -> np.ndarray:
    """How often each of ``n`` groups is drawn in each resample, (n_boot, n); kept: all methods of a
    board are resampled alike."""
    drawn = np.random.default_rng([seed, n]).integers(0, n, size=(n_boot, n))
    cells = drawn + n * np.arange(n_boot)[:, None]
    return np.bincount(cells.ravel(), minlength=n_boot * n).reshape(n_boot, n).astype(float)
