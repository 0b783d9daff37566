"""What a metric is: additive counts per item, and a value computed from their sum.

Because ``value`` needs only summed counts, the same two functions give the score of a whole corpus,
of a stratum, of one group, and of every resample of a bootstrap (a matrix product away).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Counts = Callable[[Sequence[Any], Sequence[Any], Any, Any], np.ndarray]
Value = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Metric:
    """A score that is a function of sums over items.

    Parameters
    ----------
    name : str
        As printed on a board, e.g. ``'frame error'``.
    unit : str
        ``'%'`` or ``''``. ``value`` answers in this unit (0-100 when it is ``'%'``).
    greater_is_better : bool
        Direction: False for errors.
    counts : callable (truth, outputs, task, grid) -> ndarray of shape (n_items, d)
        Additive counts, one row per item. ``truth`` holds a code (``classes``, ``frames``), tags with
        their test set (``tags``), an array of numbers (``values``), a list of ``(start_s, end_s, label)``
        (``segments``) or a query (``ranking``) per item; ``outputs`` what the method answered for it.
    value : callable ndarray of shape (..., d) -> ndarray of shape (...)
        From summed counts, vectorised over leading axes. NaN where the sum defines no value.
    itemwise : bool
        Whether an item's counts come from its own answer alone. Not so for hubness, which counts
        a track in the other tracks' lists, nor for areas of tags, which rank the items of a test set.
    """

    name: str
    unit: str
    greater_is_better: bool
    counts: Counts
    value: Value
    itemwise: bool = True

    def score(self, truth: Sequence[Any], outputs: Sequence[Any], task: Any, grid: Any) -> float:
        """Value over all items pooled, in ``unit``."""
        return float(self.value(self.counts(truth, outputs, task, grid).sum(axis=0)))


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """``numerator / denominator``, NaN where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    out = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out
