"""Paired tests of two methods on the same items, and corrections for many.

References
----------
McNemar (1947), exact form: a binomial test on the discordant items.
Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure.
Friedman (1937), The Use of Ranks to Avoid the Assumption of Normality.
All three from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from mirbench.stats.groups import sum_by_group

Value = Callable[[np.ndarray], np.ndarray]

MIN_FLIP_GROUPS = 6
EXACT_FLIPS = 2**12


def sign_flip_test(
    counts_a: np.ndarray,
    counts_b: np.ndarray,
    groups: Sequence[str] | np.ndarray,
    value: Value,
    *,
    n_flips: int = 10_000,
    random_state: int = 0,
) -> float:
    """Two-sided p-value of ``value(sum a) - value(sum b)``, methods swapped group by group.

    Under the hypothesis that the methods are exchangeable, swapping them within a group changes
    nothing. Every assignment is enumerated up to 12 groups; beyond, ``n_flips`` random ones and
    the observed one are used, so that the test is valid at any ``n_flips``.

    Parameters
    ----------
    counts_a, counts_b : ndarray of shape (n_items, d) or (n_seeds, n_items, d)
        Counts of the same items in the same order.
    groups : sequence of str, length n_items
    value : callable (..., d) -> (...)

    Raises
    ------
    ValueError
        Under 6 groups: the smallest possible p-value would exceed 0.05.

    Notes
    -----
    Exchangeable is more than equal in value. Where each group holds one class and the methods lean
    to different classes, some groups favour one and some the other, and swaps make large differences
    often: the test is cautious. At the extreme, against a method that always says one class and
    errs in all ``n`` groups of the other, an error's p-value is ``2 ** (1 - n)`` at the least,
    however many groups the first class has. The interval of the difference, which resamples within
    classes, isn't wide then: read both.
    """
    sums_a, sums_b = (sum_by_group(counts, groups).sums for counts in (counts_a, counts_b))
    if len(sums_a) < MIN_FLIP_GROUPS:
        raise ValueError(
            f"a sign-flip test needs {MIN_FLIP_GROUPS} groups or more, there are {len(sums_a)}: "
            "compare the groups' own values instead"
        )
    swapped = swaps(len(sums_a), n_flips, random_state)
    return flip_p_value(sums_a, sums_b, swapped @ sums_a, swapped @ sums_b, value)


def swaps(n_groups: int, n_flips: int, random_state: int) -> np.ndarray:
    """0/1 matrix (n_draws, n_groups) of swaps whose first row, all 0, is what was observed."""
    if 2**n_groups <= EXACT_FLIPS:
        return (np.arange(2**n_groups)[:, None] >> np.arange(n_groups) & 1).astype(float)
    rng = np.random.default_rng(random_state)
    drawn = rng.integers(0, 2, size=(n_flips, n_groups))
    return np.concatenate([np.zeros((1, n_groups)), drawn])


def flip_p_value(
    sums_a: np.ndarray,
    sums_b: np.ndarray,
    swapped_a: np.ndarray,
    swapped_b: np.ndarray,
    value: Value,
) -> float:
    """p-value from group sums (G, d) and the sums (n_draws, d) over the swapped groups."""
    moved = swapped_b - swapped_a
    difference = value(sums_a.sum(axis=0) + moved) - value(sums_b.sum(axis=0) - moved)
    # A swap may leave no value (a precision with nothing decided): it counts as extreme.
    as_extreme = ~(np.abs(difference) < np.abs(difference[0]) - 1e-9)
    return float(as_extreme.mean())


def mcnemar_exact(
    right_a: Sequence[bool], right_b: Sequence[bool], groups: Sequence[str] | np.ndarray
) -> tuple[float, int, int]:
    """Exact McNemar test.

    Parameters
    ----------
    right_a, right_b : sequence of bool, length n_items
        Whether each method is right on an item.
    groups : sequence of str, length n_items

    Returns
    -------
    p : float
    only_a, only_b : int
        Items that only one of the methods gets right.

    Raises
    ------
    ValueError
        If a group holds two items: they aren't independent, use `sign_flip_test`.
    """
    if len(set(groups)) != len(groups):
        raise ValueError(
            "McNemar's test needs one item a group (items of a group aren't independent): "
            "use sign_flip_test"
        )
    a, b = np.asarray(right_a, dtype=bool), np.asarray(right_b, dtype=bool)
    only_a, only_b = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    if only_a + only_b == 0:
        return 1.0, 0, 0
    return float(stats.binomtest(only_a, only_a + only_b).pvalue), only_a, only_b


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Holm's adjusted p-values, in the order given."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def friedman(scores: np.ndarray, greater_is_better: bool = True) -> tuple[float, float, np.ndarray]:
    """Friedman's test over many methods.

    Parameters
    ----------
    scores : ndarray of shape (n_blocks, n_methods)
        A block is an independent unit (a group, a corpus) on which every method was scored.
    greater_is_better : bool

    Returns
    -------
    statistic, p : float
        Chi-squared with ``n_methods - 1`` degrees of freedom, corrected for ties.
    mean_ranks : ndarray of shape (n_methods,)
        1 is best.
    """
    scores = np.asarray(scores, dtype=float)
    ranks = stats.rankdata(-scores if greater_is_better else scores, axis=1)
    if np.ptp(ranks) == 0:
        return 0.0, 1.0, ranks.mean(axis=0)
    n, k = ranks.shape
    mean_ranks = ranks.mean(axis=0)
    between = n * np.sum((mean_ranks - (k + 1) / 2) ** 2)
    within = np.sum((ranks - (k + 1) / 2) ** 2) / (n * (k - 1))
    statistic = between / within
    return float(statistic), float(stats.chi2.sf(statistic, k - 1)), mean_ranks
