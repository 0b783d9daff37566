"""How far raters agree: Krippendorff's alpha, with ratings missing where they will.

References
----------
Krippendorff (2011), Computing Krippendorff's Alpha-Reliability (from memory; the tests hold its worked
example).
"""

from __future__ import annotations

from typing import Literal

import numpy as np


def alpha(
    ratings: np.ndarray, level: Literal["nominal", "ordinal", "interval"] = "ordinal"
) -> float:
    """Krippendorff's alpha: 1 is full agreement, 0 what chance gives, below 0 worse than chance.

    Parameters
    ----------
    ratings : ndarray of float, shape (n_units, n_raters)
        NaN where a rater didn't rate a unit. Units with fewer than two ratings say nothing.
    level : {"nominal", "ordinal", "interval"}
        How far apart two ratings are: different or not, by the ratings that lie between, or by their
        squared difference.

    Returns
    -------
    float
        NaN where no unit has two ratings, or all ratings are alike.
    """
    ratings = np.asarray(ratings, dtype=float)
    ratings = ratings[(~np.isnan(ratings)).sum(axis=1) >= 2]
    values = np.unique(ratings[~np.isnan(ratings)])
    if len(values) < 2:
        return float("nan")
    counts = (ratings[:, :, None] == values).sum(axis=1).astype(float)  # (units, values)
    weights = 1 / (counts.sum(axis=1) - 1)
    together = (counts * weights[:, None]).T @ counts - np.diag(weights @ counts)
    totals = together.sum(axis=0)
    apart = _distances(values, totals, level)
    expected = totals @ apart @ totals / (totals.sum() - 1)
    return float(1 - np.sum(together * apart) / expected)


def _distances(values: np.ndarray, totals: np.ndarray, level: str) -> np.ndarray:
    if level == "nominal":
        return (values[:, None] != values).astype(float)
    if level == "ordinal":
        values = np.cumsum(totals) - totals / 2  # mean ranks
    return (values[:, None] - values) ** 2
