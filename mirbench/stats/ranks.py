"""Rank groups: who is separable from whom, and which ranks that leaves open.

Two methods share a letter unless a paired sign-flip test by group separates them after Holm's
correction over all pairs. A method's rank is the range that the separable pairs leave open:
``1`` only for one that beats all others, ``2–4`` where one beats it and it beats none of the next
two. The letters are the compact letter display of Piepho (2004), J. Comput. Graph. Stat. 13(2)
(insert and absorb; from memory).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mirbench.stats.groups import MIN_GROUPS, sum_by_group
from mirbench.stats.paired import flip_p_value, holm, swaps

Value = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Ranks:
    """Ranks of M methods, in the order given.

    Attributes
    ----------
    best, worst : list of int
        First and last rank that the separable pairs leave open; 0 where nothing can be ranked.
    letters : list of str
        Methods that share a letter aren't separable; empty where nothing can be ranked.
    p_values : ndarray of shape (M, M)
        Adjusted p-values; 1 on the diagonal, NaN where nothing can be tested.
    """

    best: list[int]
    worst: list[int]
    letters: list[str]
    p_values: np.ndarray

    def text(self, i: int) -> str:
        """Rank of a method as printed: ``'1'``, ``'2–4'`` or ``''``."""
        lo, hi = self.best[i], self.worst[i]
        return "" if lo == 0 else str(lo) if lo == hi else f"{lo}–{hi}"


def rank_groups(
    counts: Sequence[np.ndarray],
    groups: Sequence[str] | np.ndarray,
    value: Value,
    *,
    greater_is_better: bool,
    alpha: float = 0.05,
    n_flips: int = 10_000,
    random_state: int = 0,
) -> Ranks:
    """Rank methods that were scored on the same items.

    Parameters
    ----------
    counts : sequence of M arrays of shape (n_items, d) or (n_seeds, n_items, d)
    groups : sequence of str, length n_items
    value : callable (..., d) -> (...)
    greater_is_better : bool
    alpha : float
        Family-wise error rate of the separations.
    n_flips : int
        Random swaps, more of them where Holm's correction over many pairs needs it.

    Returns
    -------
    Ranks
        Without ranks under 8 groups.
    """
    sums = [sum_by_group(c, groups).sums for c in counts]
    m = len(sums)
    p = np.full((m, m), np.nan)
    if len(sums[0]) < MIN_GROUPS:
        return Ranks([0] * m, [0] * m, [""] * m, p)
    np.fill_diagonal(p, 1.0)
    upper = np.triu_indices(m, 1)
    swapped = swaps(len(sums[0]), max(n_flips, 40 * len(upper[0])), random_state)
    moved = [swapped @ s for s in sums]
    raw = [flip_p_value(sums[i], sums[j], moved[i], moved[j], value) for i, j in zip(*upper)]
    p[upper] = holm(raw)
    p[upper[::-1]] = p[upper]
    values = np.array([float(value(s.sum(axis=0))) for s in sums])
    return ranks_from_p_values(values, p, greater_is_better, alpha)


def ranks_from_p_values(
    values: np.ndarray, p_values: np.ndarray, greater_is_better: bool, alpha: float = 0.05
) -> Ranks:
    """Ranks and letters from values (M,) and symmetric adjusted p-values (M, M)."""
    goodness = np.asarray(values, dtype=float) * (1 if greater_is_better else -1)
    separable = p_values <= alpha
    beats = separable & (goodness[:, None] > goodness[None, :])
    best = (1 + beats.sum(axis=0)).tolist()
    worst = (len(goodness) - beats.sum(axis=1)).tolist()
    order = np.argsort(-goodness, kind="stable")
    return Ranks(best, worst, letter_display(separable, order), p_values)


def letter_display(separable: np.ndarray, order: Sequence[int] | np.ndarray) -> list[str]:
    """Compact letter display: methods share a letter unless separable.

    Parameters
    ----------
    separable : ndarray of bool, shape (M, M)
    order : sequence of int
        Best first: it hands out the letters.
    """
    m = len(separable)
    columns = [frozenset(range(m))]
    for i, j in zip(*np.triu_indices(m, 1)):
        if separable[i, j]:
            split = []
            for column in columns:
                split += [column - {i}, column - {j}] if {i, j} <= column else [column]
            columns = [c for c in set(split) if not any(c < other for other in split)]
    position = {method: rank for rank, method in enumerate(order)}
    columns.sort(key=lambda column: sorted(position[i] for i in column))
    return ["".join(_letter(k) for k, c in enumerate(columns) if i in c) for i in range(m)]


def _letter(k: int) -> str:
    return chr(ord("a") + k) if k < 26 else f"({k + 1})"
