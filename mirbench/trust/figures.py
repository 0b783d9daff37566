"""Headline figures recomputed from answers, under the names of a board's columns."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mirbench.boards.judge import Judge, block_name

DIGITS = 6
"""Significant digits that a board's CSV prints."""


def figures(judge: Judge) -> dict[str, dict[str, float]]:
    """By method: ``M`` over the board's pooled rows, ``M @ BLOCK`` in each block, of each headline M.

    The values of `mirbench.boards.table.board`, without the intervals, which take the time.
    """
    names = [block_name(*block) for block in judge.blocks]
    places = {block: i for i, block in enumerate(judge.blocks)}
    codes = np.array([places[pair] for pair in zip(judge.rows["source"], judge.rows["test"])])
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(names)))
    found: dict[str, dict[str, float]] = {spec: {} for spec in judge.methods}
    for metric in judge.headline:
        columns = [metric.name, *(f"{metric.name} @ {name}" for name in names)]
        for spec in judge.methods:
            mean = judge.counts(spec, metric).mean(axis=0)
            sums = [mean[judge.main].sum(axis=0), *np.add.reduceat(mean[order], starts)]
            found[spec] |= dict(zip(columns, map(float, metric.value(np.stack(sums)))))
    return found


def figures_fault(claimed: Mapping[str, object], found: Mapping[str, float]) -> str:
    """The first claimed figure that differs from the recomputed one to the printed digits."""
    for name, value in found.items():
        if name not in claimed:
            return f"{name} is missing"
        stated = claimed[name]
        if stated is None:
            stated = math.nan
        if isinstance(stated, bool) or not isinstance(stated, (int, float)):
            return f"{name} is {str(stated)[:40]!r}, not a number"
        if not same(float(stated), value):
            return f"{name} is {stated:.{DIGITS}g}, recomputed {value:.{DIGITS}g}"
    return ""


def same(a: float, b: float) -> bool:
    """Equal to the printed digits; NaN equals NaN."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return math.isclose(a, b, rel_tol=10.0**-DIGITS, abs_tol=1e-9)
