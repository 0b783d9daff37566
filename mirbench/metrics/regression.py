"""Metrics of numbers: an item has one a dimension, a method answers with as many.

All items are pooled. With truth x and answer y of a dimension:

- R2: 1 - sum (x - y)^2 / sum (x - mean x)^2; the truth's mean, said of every item, has 0, and worse is
  negative without limit.
- CCC: concordance, 2 cov(x, y) / (var x + var y + (mean x - mean y)^2), variances over n; 1 is
  identity, a constant answer has 0.
- Pearson: correlation; NaN for a constant answer.
- MSE and RMSE: (root of the) mean squared error, in the truth's units (squared).

``R2`` is the mean over dimensions, ``R2 (valence)`` that of one; so for the others. All but MSE and
RMSE are NaN where the truth is constant; means are over the dimensions that have a value.
Counts are about a centre that is near the mean of the truth, and keep it: variances of numbers far from
0 lose no digits, and counts that were made about several centres can still be summed.
``cosine`` is the mean over items of the cosine between truth and answer; an answer of only zeros has
0, and a truth of only zeros is left out.

References
----------
Lin (1989), A Concordance Correlation Coefficient to Evaluate Reproducibility, Biometrics 45(1) (from
memory).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from mirbench.errors import MethodError
from mirbench.metrics.metric import Metric, Value, ratio

CONSTANT = 1e-12
"""Variance over mean square about the centre at which numbers are taken as constant: rounding leaves
that much."""
CENTRE_BITS = 16
"""Binary digits of a centre: few, so that sums of centres and of their squares are exact."""
WIDTH = 11
"""Counts of a dimension, see `moments`."""


def regression_metrics(task: Any) -> list[Metric]:
    """Metrics for tasks of kind ``'values'``: means over the dimensions, then each dimension's."""
    values: tuple[tuple[str, bool, Value], ...] = (
        ("CCC", True, concordance),
        ("R2", True, determination),
        ("Pearson", True, correlation),
        ("RMSE", False, root_error),
        ("MSE", False, squared_error),
    )
    metrics = [
        Metric(name, "", up, moments, partial(_mean_known, value=value), itemwise=False)
        for name, up, value in values
    ]
    metrics.append(Metric("cosine", "", True, cosines, mean_cosine))
    return metrics + [
        Metric(
            f"{name} ({label})",
            "",
            up,
            moments,
            partial(_pick, value=value, place=place),
            itemwise=False,
        )
        for name, up, value in values
        for place, label in enumerate(task.labels)
    ]


def moments(
    truth: Sequence[np.ndarray], outputs: Sequence[np.ndarray], task: Any, grid: Any = None
) -> np.ndarray:
    """Of each dimension 1, c, c^2, x, y, cx, cy, x^2, y^2, xy and (x - y)^2, where c is the centre and x
    and y are about it: (n_items, 11 * n_dimensions).

    Parameters
    ----------
    truth, outputs : sequence of ndarray of shape (n_dimensions,)
    task : Task
    grid : ignored
        Here so that all counts have one signature.

    Raises
    ------
    MethodError
        If the lengths differ or a number isn't finite.
    """
    x, y = _stacked(truth, outputs, task)
    c = np.broadcast_to(centres(x), x.shape)
    errors = (x - y) ** 2
    x, y = x - c, y - c
    parts = [np.ones_like(x), c, c**2, x, y, c * x, c * y, x**2, y**2, x * y, errors]
    return np.stack(parts, axis=-1).reshape(len(x), WIDTH * x.shape[1])


def centres(x: np.ndarray) -> np.ndarray:
    """Mean of each column, rounded to 16 binary digits: (n, d) -> (d,)."""
    fraction, exponent = np.frexp(x.mean(axis=0) if len(x) else np.zeros(x.shape[1]))
    return np.ldexp(np.round(np.ldexp(fraction, CENTRE_BITS)), exponent - CENTRE_BITS)


def cosines(
    truth: Sequence[np.ndarray], outputs: Sequence[np.ndarray], task: Any, grid: Any = None
) -> np.ndarray:
    """Cosine between truth and answer, and 1; both 0 where the truth is: (n_items, 2)."""
    x, y = _stacked(truth, outputs, task)
    lengths = [np.linalg.norm(side, axis=1) for side in (x, y)]
    cosine = np.nan_to_num(ratio((x * y).sum(axis=1), lengths[0] * lengths[1]))
    return np.stack([cosine, lengths[0] > 0], axis=1).astype(float)


def mean_cosine(counts: np.ndarray) -> np.ndarray:
    """Mean cosine from summed `cosines`."""
    return ratio(counts[..., 0], counts[..., 1])


def determination(counts: np.ndarray) -> np.ndarray:
    """R2 of each dimension, (..., n_dimensions)."""
    spread, _, _, errors, _ = _sums(counts)
    return 1 - ratio(errors, spread)


def concordance(counts: np.ndarray) -> np.ndarray:
    """CCC of each dimension, (..., n_dimensions)."""
    spread, _, together, errors, _ = _sums(counts)
    # var x + var y + (mean x - mean y)^2 is the mean squared error and twice the covariance
    return np.where(spread > 0, ratio(2 * together, errors + 2 * together), np.nan)


def correlation(counts: np.ndarray) -> np.ndarray:
    """Pearson's correlation of each dimension, (..., n_dimensions)."""
    spread, of_answers, together, _, _ = _sums(counts)
    return np.clip(ratio(together, np.sqrt(spread * of_answers)), -1, 1)


def squared_error(counts: np.ndarray) -> np.ndarray:
    """Mean squared error of each dimension, (..., n_dimensions)."""
    _, _, _, errors, n = _sums(counts)
    return ratio(errors, n)


def root_error(counts: np.ndarray) -> np.ndarray:
    """Root of the mean squared error of each dimension, (..., n_dimensions)."""
    return np.sqrt(squared_error(counts))


def _sums(counts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Sums of squares of truth and of answers about their means, and of their products; of squared
    errors; and the number of items. Squares that are left by rounding are 0."""
    counts = np.asarray(counts, dtype=float)
    shape = (*counts.shape[:-1], counts.shape[-1] // WIDTH, WIDTH)
    n, c, cc, x, y, cx, cy, xx, yy, xy, errors = np.moveaxis(counts.reshape(shape), -1, 0)
    c = _over(c, n)  # of one centre this is the centre, and the next three are 0 but for rounding
    between, cx, cy = cc - n * c**2, cx - c * x, cy - c * y
    xx, yy, xy = xx + between + 2 * cx, yy + between + 2 * cy, xy + between + cx + cy
    together = xy - _over(x * y, n)
    return _spread(n, x, xx), _spread(n, y, yy), together, errors, n


def _spread(n: np.ndarray, x: np.ndarray, xx: np.ndarray) -> np.ndarray:
    """Sum of squares about the mean; 0 where what is left is rounding."""
    spread = xx - _over(x**2, n)
    return np.where(spread > CONSTANT * xx, spread, 0.0)


def _over(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return np.nan_to_num(ratio(numerator, denominator))


def _pick(counts: np.ndarray, value: Value, place: int) -> np.ndarray:
    return value(counts)[..., place]


def _mean_known(counts: np.ndarray, value: Value) -> np.ndarray:
    values = value(counts)
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))


def _stacked(
    truth: Sequence[np.ndarray], outputs: Sequence[np.ndarray], task: Any
) -> tuple[np.ndarray, np.ndarray]:
    n = len(task.labels)
    if len(truth) != len(outputs):
        raise MethodError(
            f"{len(truth)} items in the truth but {len(outputs)} outputs: "
            "a method must answer once for every item, in order"
        )
    for i, output in enumerate(outputs):
        if np.shape(output) != (n,) or not np.isfinite(output).all():
            raise MethodError(
                f"values of item {i} have shape {np.shape(output)} or aren't finite: "
                f"{n} numbers are due"
            )
    x = np.array([np.asarray(t, dtype=float) for t in truth]).reshape(len(truth), n)
    y = np.array([np.asarray(o, dtype=float) for o in outputs]).reshape(len(truth), n)
    return x, y
