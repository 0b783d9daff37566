"""From items to the independent unit: the group (an artist, a speaker, an instrument source)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

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
    n_items : int
        How many items were summed.
    """

    names: tuple[str, ...]
    sums: np.ndarray
    strata: np.ndarray
    n_items: int

    @property
    def total(self) -> np.ndarray:
        """Counts summed over all groups, (d,)."""
        return self.sums.sum(axis=0)

    @property
    def smallest_stratum(self) -> int:
        """Number of groups in the smallest stratum."""
        return int(np.bincount(self.strata).min())


@dataclass(frozen=True)
class Grouping:
    """Which items are of which group, worked out once for counts of many methods.

    Attributes
    ----------
    names : tuple of str
        The G groups, sorted.
    strata : ndarray of int, shape (G,)
    members : sparse array of shape (G, n_items)
        1 where an item is of a group.
    """

    names: tuple[str, ...]
    strata: np.ndarray
    members: sparse.csr_array

    @classmethod
    def of(
        cls,
        groups: Sequence[str] | np.ndarray,
        classes: Sequence[object] | np.ndarray | None = None,
    ) -> Grouping:
        """Groups and strata of the items; the arguments are those of `sum_by_group`."""
        names, index = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
        n = len(index)
        if classes is None:
            strata = np.zeros(len(names), dtype=np.int64)
        else:
            strata = _strata(index, len(names), np.asarray(classes, dtype=str))
        ends = np.concatenate([[0], np.cumsum(np.bincount(index, minlength=len(names)))])
        order = np.argsort(index, kind="stable")
        members = sparse.csr_array((np.ones(n), order, ends), shape=(len(names), n))
        return cls(tuple(names.tolist()), strata, members)

    def sum(self, counts: np.ndarray) -> GroupSums:
        """Counts (n_items, d) or (n_seeds, n_items, d) summed within groups."""
        counts = np.asarray(counts, dtype=float)
        if counts.ndim == 3:
            counts = counts[0] if len(counts) == 1 else counts.mean(axis=0)
        n_items = self.members.shape[1]
        if len(counts) != n_items or n_items == 0:
            raise ValueError(f"{len(counts)} rows of counts for {n_items} groups: need one each")
        return GroupSums(self.names, self.members @ counts, self.strata, n_items)


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
    return Grouping.of(groups, classes).sum(counts)


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
