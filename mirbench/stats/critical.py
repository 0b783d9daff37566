"""Many methods over several independent blocks: Friedman, then every pair after Nemenyi and Holm.

References
----------
Demšar (2006), Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 7: the critical
difference of mean ranks. Benavoli, Corani & Mangili (2016), Should We Really Use Post-Hoc Tests Based
on Mean-Ranks?, JMLR 17: why Wilcoxon's signed ranks with Holm's correction stand beside it. Both from
memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from mirbench.stats.paired import friedman, holm
from mirbench.stats.ranks import letter_display

MIN_BLOCKS = 3
MIN_METHODS = 3


@dataclass(frozen=True)
class Critical:
    """M methods over n blocks, best mean rank first.

    Attributes
    ----------
    methods : tuple of str
    n_blocks : int
    mean_ranks : ndarray of shape (M,)
        1 is best.
    statistic, p : float
        Friedman's chi-squared, corrected for ties, and its p-value.
    difference : float
        Nemenyi's critical difference of two mean ranks at ``alpha``.
    alpha : float
    nemenyi, wilcoxon : ndarray of shape (M, M)
        p-values of the pairs, each adjusted for all pairs; 1 on the diagonal.
    nemenyi_letters, wilcoxon_letters : tuple of str
        Methods that share a letter aren't separable; one letter for all where Friedman's test
        doesn't reject.
    """

    methods: tuple[str, ...]
    n_blocks: int
    mean_ranks: np.ndarray
    statistic: float
    p: float
    difference: float
    alpha: float
    nemenyi: np.ndarray
    wilcoxon: np.ndarray
    nemenyi_letters: tuple[str, ...]
    wilcoxon_letters: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What the tests say, in words."""
        p = "p < 0.001" if self.p < 0.001 else f"p = {self.p:.3f}"
        tested = (
            f"Friedman's test of {len(self.methods)} methods over {self.n_blocks} blocks: "
            f"chi-squared {self.statistic:.2f}, {p}"
        )
        if self.p > self.alpha:
            return f"{tested}: no method is separable from another."
        pairs = np.triu_indices(len(self.methods), 1)
        n_pairs = len(pairs[0])
        told = [int((table[pairs] <= self.alpha).sum()) for table in (self.nemenyi, self.wilcoxon)]
        note = ""
        if 2.0 ** (1 - self.n_blocks) * n_pairs > self.alpha:  # the least that Holm leaves
            note = (
                f" {self.n_blocks} blocks are too few for Wilcoxon and Holm to separate any pair."
            )
        return (
            f"{tested}. Of {n_pairs} pairs {told[0]} are separable after Nemenyi (critical "
            f"difference {self.difference:.2f} ranks), {told[1]} after Wilcoxon and Holm.{note}"
        )


def critical_difference(
    scores: pd.DataFrame, *, greater_is_better: bool = True, alpha: float = 0.05
) -> Critical:
    """Compare methods that were all scored on the same independent blocks.

    Parameters
    ----------
    scores : DataFrame of shape (n_blocks, n_methods)
        A row a block (a corpus, a task), a column a method. Only ranks within a row count, so rows
        may be of different metrics of one direction.
    greater_is_better : bool
    alpha : float

    Raises
    ------
    ValueError
        Under 3 blocks or 3 methods, two columns of one name, or a value that is missing or infinite.
    """
    values = scores.to_numpy(dtype=float)
    n, m = values.shape
    if n < MIN_BLOCKS or m < MIN_METHODS:
        raise ValueError(
            f"mean ranks need {MIN_BLOCKS} blocks and {MIN_METHODS} methods or more, there are {n} "
            f"blocks and {m} methods: compare pairs instead"
        )
    if not np.isfinite(values).all():
        raise ValueError("a score is missing or infinite: leave out that block or that method")
    if not scores.columns.is_unique:
        raise ValueError("two methods have one name: names must differ")
    _, _, mean_ranks = friedman(values, greater_is_better)
    order = np.argsort(mean_ranks, kind="stable")
    values = values[:, order]
    statistic, p, mean_ranks = friedman(values, greater_is_better)
    unit = np.sqrt(m * (m + 1) / (6 * n))
    gaps = np.abs(mean_ranks[:, None] - mean_ranks[None, :]) / unit
    nemenyi = stats.studentized_range.sf(gaps * np.sqrt(2), m, np.inf)
    np.fill_diagonal(nemenyi, 1.0)
    critical = stats.studentized_range.ppf(1 - alpha, m, np.inf) / np.sqrt(2) * unit
    wilcoxon = _wilcoxon_holm(values)
    letters = [
        letter_display((table <= alpha) & (p <= alpha), np.arange(m))
        for table in (nemenyi, wilcoxon)
    ]
    return Critical(
        tuple(str(scores.columns[i]) for i in order),
        n,
        mean_ranks,
        statistic,
        p,
        float(critical),
        alpha,
        nemenyi,
        wilcoxon,
        tuple(letters[0]),
        tuple(letters[1]),
    )


def _wilcoxon_holm(values: np.ndarray) -> np.ndarray:
    m = values.shape[1]
    upper = np.triu_indices(m, 1)
    raw = [_wilcoxon(values[:, i] - values[:, j]) for i, j in zip(*upper)]
    table = np.ones((m, m))
    table[upper] = holm(raw)
    table[upper[::-1]] = table[upper]
    return table


def _wilcoxon(differences: np.ndarray) -> float:
    """Signed ranks, zeros left out; 1 where nothing differs."""
    differences = differences[differences != 0]
    return float(stats.wilcoxon(differences).pvalue) if len(differences) else 1.0
