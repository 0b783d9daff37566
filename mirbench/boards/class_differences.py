"""The difference of two methods class by class, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from mirbench.boards.cross import paired_interval
from mirbench.boards.judge import Judge
from mirbench.boards.labels import parts
from mirbench.boards.versus import Comparison
from mirbench.records import Record

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol


def class_differences(
    found: Comparison,
    record_a: Record | Sequence[Record],
    record_b: Record | Sequence[Record],
    protocol: Protocol,
) -> pd.DataFrame:
    """``found.per_class`` with the paired difference of each class and its interval by group.

    Parameters
    ----------
    found : Comparison
        From `mirbench.boards.compare`, of these records.
    record_a, record_b : Record or sequence of Record
        As for `compare`.
    protocol : Protocol

    Returns
    -------
    DataFrame
        Columns of ``per_class``, then ``difference`` (a less b, in the metric's unit), ``lo``,
        ``hi`` (95 %, NaN where there are too few groups) and ``interval`` (how it was made). ``attrs``
        say metric, unit, direction, protocol and evidence.
    """
    sides = [[r] if isinstance(r, Record) else list(r) for r in (record_a, record_b)]
    judge = Judge([*sides[0], *sides[1]], protocol)
    metric = judge.metric(found.metric)
    main = judge.counted(found.a, metric, judge.main)
    measured = []
    for part in parts(judge, metric, main):
        a, b = (judge.counts(spec, part.metric)[:, part.scored] for spec in (found.a, found.b))
        one = paired_interval(a, b, judge.rows[part.scored], part.metric)
        measured.append((one.value, one.lo, one.hi, one.method))
    columns = pd.DataFrame(measured, columns=["difference", "lo", "hi", "interval"])
    table = pd.concat([found.per_class.reset_index(drop=True), columns], axis=1)
    table.attrs = judge.about(metric)
    return table
