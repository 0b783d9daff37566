"""Protocol sensitivity: what the same method gains on the same items when artists or tracks are shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mirbench.boards.cross import gain_between
from mirbench.boards.judge import Judge, as_judge
from mirbench.metrics import Metric
from mirbench.records import Record
from mirbench.stats import Interval

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol

COLUMN = "added by {}"
"""Column of a board: points added to the first headline metric by a split that shares groups."""


def added(judge: Judge, spec: str, metric: Metric, source: str) -> Interval | None:
    """What training on ``source``, which shares groups with its tests, adds; paired by item.

    None where it tests other items than the board's main folds.
    """
    for shared, test in judge.blocks:
        if shared == source:
            return gain_between(judge, spec, metric, (source, test))
    return None


def sensitivity(
    records: Sequence[Record] | Judge, protocol: Protocol, metric: str | None = None
) -> pd.DataFrame:
    """Each method under each split of the same items.

    Returns
    -------
    DataFrame
        ``method``, ``family``, ``split`` (a training set; the main folds' is their corpus),
        ``value``, ``lo``, ``hi``, ``added``, ``added_lo``, ``added_hi`` (points more than in the main
        folds, paired, by group; NaN for those); best methods of the main folds first. Empty where
        the protocol has no training set that shares groups.
    """
    judge = as_judge(records, protocol)
    chosen = judge.metric(metric)
    rows = []
    for spec in judge.ranked(chosen) if protocol.shares else ():
        for source, test in judge.blocks:
            if source != test and source not in protocol.shares:
                continue
            here = judge.interval(spec, chosen, judge.of_block(source, test))
            gain = added(judge, spec, chosen, source) if source != test else None
            rows.append(
                {
                    "method": spec,
                    "family": judge.methods[spec][0].identity["family"],
                    "split": source,
                    "value": here.value,
                    "lo": here.lo,
                    "hi": here.hi,
                    "added": gain.value if gain else np.nan,
                    "added_lo": gain.lo if gain else np.nan,
                    "added_hi": gain.hi if gain else np.nan,
                    "n_items": here.n_items,
                    "n_groups": here.n_groups,
                }
            )
    table = pd.DataFrame(rows)
    table.attrs = judge.about(chosen)
    return table
