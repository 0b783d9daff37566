"""From items to the independent unit: the group (an artist, a speaker, an instrument source)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FEW_GROUPS = 30
MIN_GROUPS = 8


@dataclass(frozen=True)
class GroupSums:
    """Counts summed within groups.

    Attributes
    ----------
    names : tuple of str
        The G groups, sorted.
    sums : ndarray of shape (G, d)
        Summed counts of each group.
    strata : ndarray of int, shape (G,)
        Stratum of each group; all 0 where groups are not stratified.
    """

    names: tuple[str, ...]
    sums: np.ndarray
    strata: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Counts summed over all groups, (d,)."""
        return self.sums.sum(axis=0)

    @property
    def smallest_stratum(self) -> int:
        """Number of groups in the smallest stratum."""
        return int(np.bincount(self.strata).min())


def sum_by_group(
    counts: np.ndarray,
    groups: Sequence[str] | np.ndarray,
    classes: Sequence[object] | np.ndarray | None = None,
) -> GroupSums:
    """Sum additive counts within groups, and stratify the groups by the classes they hold.

    A speaker holds speech only, an artist music only: resampling speakers and artists from one
    bag would change the prevalence of the classes from draw to draw, or lose a class. Groups are
    therefore strata by the set of classes of their items, and resampled within them. A stratum of
    one group, which has no spread to show, joins the next smallest stratum.

    Parameters
    ----------
    counts : ndarray of shape (n_items, d) or (n_seeds, n_items, d)
        Counts of several seeds are averaged: a group is one draw, however many seeds it has.
    groups : sequence of str, length n_items
    classes : sequence, length n_items, optional
        Class of each item; None: one stratum.

    Raises
    ------
    ValueError
        If lengths differ or there is no item.
    """
    counts = np.asarray(counts, dtype=float)
    if counts.ndim == 3:
        counts = counts.mean(axis=0)
    if len(counts) != len(groups) or len(counts) == 0:
        raise ValueError(f"{len(counts)} rows of counts for {len(groups)} groups: need one each")
    names, index = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    sums = np.zeros((len(names), counts.shape[1]))
    np.add.at(sums, index, counts)
    if classes is None:
        strata = np.zeros(len(names), dtype=np.int64)
    else:
        strata = _strata(index, len(names), np.asarray(classes, dtype=str))
    return GroupSums(tuple(names.tolist()), sums, strata)


def _strata(index: np.ndarray, n_groups: int, classes: np.ndarray) -> np.ndarray:
    labels, code = np.unique(classes, return_inverse=True)
    holds = np.zeros((n_groups, len(labels)), dtype=bool)
    holds[index, code] = True
    _, strata, sizes = np.unique(holds, axis=0, return_inverse=True, return_counts=True)
    strata = strata.reshape(-1)
    while len(sizes) > 1 and sizes.min() < 2:
        smallest, next_smallest = np.argsort(sizes, kind="stable")[:2]
        strata[strata == smallest] = next_smallest
        _, strata, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    return strata
