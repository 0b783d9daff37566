"""More views of the same records: by stratum, by class, by group, and over training sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mirbench.boards.judge import Judge, as_judge, training_size
from mirbench.errors import ProtocolError
from mirbench.metrics import Metric
from mirbench.records import Record
from mirbench.stats import sum_by_group

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol

NOT_STRATA = {
    "id",
    "corpus",
    "item",
    "start_s",
    "duration_s",
    "degradation",
    "key",
    "group",
    "label",
}
NOT_STRATA |= {"members", "album"}


def strata_columns(protocol: Protocol) -> list[str]:
    """Columns of the protocol's items that errors can be broken down by."""
    tested = {i for cell in protocol.cells for ids in cell.tests.values() for i in ids}
    items = protocol.items[protocol.items["id"].isin(tested)]
    return [str(c) for c in items if c not in NOT_STRATA and items[c].notna().any()]


def strata(records: Sequence[Record] | Judge, protocol: Protocol, column: str) -> pd.DataFrame:
    """Headline metrics by stratum (language, sex, style, ...), over the board's pooled rows.

    Returns
    -------
    DataFrame
        A row for each method and value of ``column``: ``method``, ``column``, the headline metrics
        (but those of one class) with ``lo`` and ``hi``, ``n_items``, ``n_groups``. Items without a
        value are left out.

    Raises
    ------
    ProtocolError
        The protocol's items have no such column; lists those there are.
    """
    known = strata_columns(protocol)
    if column not in known:
        raise ProtocolError(
            f"protocol {protocol.name}: no stratum {column!r}; "
            f"its items have {', '.join(known) or 'none'}"
        )
    judge = as_judge(records, protocol)
    return _split(judge, column, judge.rows[column])


def by_class(records: Sequence[Record] | Judge, protocol: Protocol) -> pd.DataFrame:
    """Headline metrics over the items of each class; see `strata`. For classes and frames only: of
    tags and values `mirbench.boards.labels.by_label` tells label by label."""
    judge = as_judge(records, protocol)
    return _split(judge, "label", judge.rows["label"])


def _split(judge: Judge, name: str, column: pd.Series) -> pd.DataFrame:
    main = judge.main & column.notna().to_numpy()
    text = column.astype(str).to_numpy()
    metrics = of_strata(judge)
    rows = []
    for value in sorted(set(text[main])):
        where = main & (text == value)
        for spec in judge.ranked(judge.headline[0]):
            row = {"method": spec, name: value}
            for metric in metrics:
                found = judge.interval(spec, metric, where)
                row |= {
                    metric.name: found.value,
                    f"{metric.name} lo": found.lo,
                    f"{metric.name} hi": found.hi,
                }
            rows.append(row | {"n_items": found.n_items, "n_groups": found.n_groups})
    table = pd.DataFrame(rows)
    table.attrs = {"digits": judge.about(judge.headline[0])["digits"]}
    return table


def of_strata(judge: Judge) -> list[Metric]:
    """Headline metrics that a part of the items has too.

    Precision and F of one class say nothing over items that may all be of one class.
    """
    task = judge.protocol.task
    one_class = tuple(f"({label})" for label in task.labels)
    kept = [m for m in judge.headline if not m.name.endswith(one_class)]
    return kept if task.kind in ("classes", "frames", "segments") else list(judge.headline)


def by_group(
    records: Sequence[Record] | Judge, protocol: Protocol, metric: str | None = None
) -> pd.DataFrame:
    """The groups' own values, (methods, groups): what is left to print under 8 groups."""
    judge = as_judge(records, protocol)
    chosen = judge.metric(metric)
    every = judge.rows["group"].to_numpy(dtype=str)
    groups = every[judge.main]
    values: dict[str, dict[str, float]] = {}
    for spec in judge.ranked(chosen):
        if judge.protocol.task.kind == "tags":  # a group's items are ranked by themselves
            values[spec] = {
                str(name): judge.interval(spec, chosen, judge.main & (every == name)).value
                for name in np.unique(groups)
            }
            continue
        grouped = sum_by_group(judge.counts(spec, chosen)[:, judge.main], groups)
        values[spec] = dict(zip(grouped.names, chosen.value(grouped.sums).tolist()))
    table = pd.DataFrame.from_dict(values, orient="index").rename_axis("method")
    table.attrs = {"digits": judge.about(chosen)["digits"]}
    return table


def curve(
    records: Sequence[Record] | Judge, protocol: Protocol, metric: str | None = None
) -> pd.DataFrame:
    """Learning curve of a protocol whose training sets are named by size (``n=80``), its test sets pooled.

    Returns
    -------
    DataFrame
        ``method``, ``family``, ``test``, ``size``, ``value``, ``lo``, ``hi``; empty where the
        protocol has no such training sets.
    """
    judge = as_judge(records, protocol)
    chosen = judge.metric(metric)
    rows = []
    for source in dict.fromkeys(source for source, _ in judge.blocks):
        size = training_size(source)
        if size is None:
            continue
        test = ", ".join(tested for other, tested in judge.blocks if other == source)
        where = (judge.rows["source"] == source).to_numpy()
        for spec in judge.ranked(chosen):
            seeds = judge.methods[spec]
            found = judge.interval(spec, chosen, where)
            who = {"method": spec, "family": seeds[0].identity["family"], "test": test}
            rows.append(who | {"size": size, "value": found.value, "lo": found.lo, "hi": found.hi})
    columns = ["method", "family", "test", "size", "value", "lo", "hi"]
    table = pd.DataFrame(rows, columns=columns)
    counted = "labels a class" if protocol.few_labels else "training items"
    table.attrs = judge.about(chosen) | {"size": counted}
    return table
