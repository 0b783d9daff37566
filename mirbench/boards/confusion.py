"""Confusion matrices, labels ordered by their coarsest level so that families lie together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mirbench.boards.judge import Judge, as_judge
from mirbench.metrics.classification import class_counts
from mirbench.records import Record

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol


def confusion(records: Sequence[Record] | Judge, protocol: Protocol, spec: str) -> pd.DataFrame:
    """Confusion matrix of a method over the board's pooled rows, for tasks of one label an item.

    Returns
    -------
    DataFrame
        Truth in rows, decisions in columns, counts averaged over seeds; labels that are neither
        true nor decided are left out. The order follows ``Task.levels``, the coarsest first;
        ``attrs["families"]`` holds the finest level's name of each row.
    """
    judge = as_judge(records, protocol)
    task = protocol.task
    n = len(task.labels)
    metric = next(m for m in judge.metrics.values() if m.counts is class_counts)
    counts = judge.counts(spec, metric)[:, judge.main].sum(axis=1).mean(axis=0).reshape(n, n)
    seen = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    # levels are given finest first
    order = sorted(seen, key=lambda i: [level[i] for level in reversed(list(task.levels.values()))])
    names = [task.labels[i] for i in order]
    table = pd.DataFrame(counts[np.ix_(order, order)], index=names, columns=names)
    finest = next(iter(task.levels.values()), ())
    table.attrs = judge.about(metric) | {
        "method": spec,
        "families": [finest[i] for i in order] if finest else [],
    }
    return table.rename_axis(index="truth", columns="decision")
