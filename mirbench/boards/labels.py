"""Tags tag by tag, values dimension by dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mirbench.boards.judge import LIMITS, Judge, as_judge, within
from mirbench.metrics import Metric
from mirbench.metrics.regression import WIDTH
from mirbench.metrics.tagging import is_area
from mirbench.records import Record
from mirbench.stats import interval_of_sums

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol

TOLD = {"tags": ("PR-AUC", "ROC-AUC"), "values": ("CCC", "R2", "RMSE")}
"""Metrics that are told label by label."""
FACTS = ("n_positive", "prevalence")
COUNTS = {"tags": 2, "values": WIDTH}
"""Counts that an area, or a value, has of each label, one label after the other."""


def by_label(records: Sequence[Record] | Judge, protocol: Protocol) -> pd.DataFrame:
    """Every method on every tag or dimension, over the board's pooled rows.

    Returns
    -------
    DataFrame
        A row for each method and label: ``method``, ``label``; of tags ``n_positive`` and
        ``prevalence`` (%, over test sets weighted by positives: the PR-AUC of what says nothing);
        then PR-AUC and ROC-AUC (of values CCC, R2 and RMSE) with ``lo`` and ``hi``, 95 % by group. NaN
        for a tag without a positive. Empty for other kinds of task.
    """
    judge = as_judge(records, protocol)
    task = protocol.task
    shares = prevalence(judge) if task.kind == "tags" else {}
    positives = _positives(judge) if task.kind == "tags" else {}
    rows: list[dict[str, Any]] = []
    for spec in judge.ranked(judge.headline[0]) if task.kind in TOLD else ():
        for label in task.labels:
            row: dict[str, Any] = {"method": spec, "label": label}
            if label in shares:
                row |= {"n_positive": positives[label], "prevalence": shares[label]}
            rows.append(row)
        for name in TOLD[task.kind]:
            for row, figures in zip(rows[-len(task.labels) :], _figures(judge, spec, name)):
                row |= {name: figures[0], f"{name} lo": figures[1], f"{name} hi": figures[2]}
    table = pd.DataFrame(rows)
    table.attrs = judge.about(judge.headline[0])
    return table


def label_tables(told: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """A table a metric from `by_label`: a row a label, a column a method, with ends of intervals."""
    about = told.attrs
    told = told.copy()
    told.attrs = {}  # pandas copies them with every column
    made = {}
    for name in (n for names in TOLD.values() for n in names if n in told):
        table = told.drop_duplicates("label")[["label", *(c for c in FACTS if c in told)]]
        table = table.reset_index(drop=True)
        for method, own in told.groupby("method", sort=False):
            for end in ("", " lo", " hi"):
                table[f"{method}{end}"] = own[f"{name}{end}"].to_numpy()
        table.attrs = {"digits": about["digits"]}
        made[name] = table
    return made


def _figures(judge: Judge, spec: str, name: str) -> list[tuple[float, float, float]]:
    """Value, lo and hi of each label; each has its own few counts, so only they are resampled."""
    task, width = judge.protocol.task, COUNTS[judge.protocol.task.kind]
    metric = judge.metric(f"{name} ({task.labels[0]})")
    grouped = judge.grouping(judge.main).sum(judge.counts_over(spec, metric, judge.main))
    limits = LIMITS.get(metric.unit, (-np.inf, np.inf))
    found = []
    for place in range(len(task.labels)):
        own = grouped.sums[:, width * place : width * (place + 1)]
        one = type(grouped)(grouped.names, own, grouped.strata, grouped.n_items)
        whole = interval_of_sums(one, metric.value, limits=limits, linear=is_area(metric))
        interval = within(whole, limits)
        found.append((interval.value, interval.lo, interval.hi))
    return found


def of_label(judge: Judge, metric: Metric) -> dict[str, Metric]:
    """The metric of each single label: ``PR-AUC (guitar)`` for ``PR-AUC``; of one of these all its
    like. Empty for metrics that no label has by itself, and for tasks of other kinds."""
    if judge.protocol.task.kind not in TOLD:
        return {}
    labels = judge.protocol.task.labels
    own = next((x for x in labels if metric.name.endswith(f" ({x})")), None)
    name = metric.name.removesuffix(f" ({own})").removeprefix("macro ").removeprefix("micro ")
    every = {label: judge.metrics.get(f"{name} ({label})") for label in labels}
    return {label: found for label, found in every.items() if found is not None}


@dataclass(frozen=True)
class Part:
    """One line of a comparison: a label, its metric, the rows that it scores, those that are counted
    as its items, and the metric that says on which of these a method is better."""

    label: str
    metric: Metric
    scored: np.ndarray
    items: np.ndarray
    gain: Metric


def parts(judge: Judge, metric: Metric, main: np.ndarray) -> list[Part]:
    """What a comparison over the rows of a mask is split into.

    Classes and artists: their own items. Tags: all rows are scored, the items with the tag are
    counted, by their share of its area. Values: a dimension each, items counted by squared error.
    Else one part, ``all``.
    """
    task = judge.protocol.task
    found = []
    for label, one in of_label(judge, metric).items():
        gain = judge.metrics.get(f"MSE ({label})", one)
        found.append(Part(label, one, main, main & holding(judge, label), gain))
    if found:
        return found
    if task.kind in ("segments", "tags", "values", "f0", "sequence", "pairs") or task.oracle:
        return [Part("all", metric, main, main, metric)]
    labels = judge.rows["label"].to_numpy(dtype=str)
    each = [(name, main & (labels == name)) for name in dict.fromkeys(labels[main].tolist())]
    return [Part(name, metric, rows, rows, metric) for name, rows in each]


def holding(judge: Judge, label: str) -> np.ndarray:
    """Mask of the rows whose items have a tag; of values all rows."""
    if judge.protocol.task.kind != "tags":
        return np.ones(len(judge.rows), dtype=bool)
    code = judge.protocol.task.code(label)
    return np.array([marks.tags[code] > 0 for marks in judge.truth], dtype=bool)


def prevalence(judge: Judge) -> dict[str, float]:
    """Share (%) of each tag among the items of which it is known, over the pooled test sets weighted
    by positives: chance's PR-AUC."""
    rows = np.flatnonzero(judge.main).tolist()
    tags = np.stack([judge.truth[i].tags for i in rows]).astype(float)
    tests = np.array([judge.truth[i].test for i in rows])
    _, index = np.unique(tests, return_inverse=True)
    known = np.stack([judge.truth[i].all_known() for i in rows]).astype(float)
    sizes = np.maximum(np.stack([np.bincount(index, column) for column in known.T], axis=1), 1)
    held = np.stack([np.bincount(index, column) for column in tags.T], axis=1)
    total = held.sum(axis=0)
    shares = 100 * (held**2 / sizes).sum(axis=0) / np.where(total > 0, total, np.nan)
    return dict(zip(judge.protocol.task.labels, shares.tolist()))


def unknown_share(judge: Judge) -> float:
    """Share (%) of the pairs of an item and a tag of which nobody said whether it holds."""
    known = [judge.truth[i].known for i in np.flatnonzero(judge.main).tolist()]
    gaps = sum(int((~row).sum()) for row in known if row is not None)
    return 100 * gaps / (len(known) * len(judge.protocol.task.labels))


def _positives(judge: Judge) -> dict[str, int]:
    """Positive answers of each tag, over the pooled rows."""
    labels = judge.protocol.task.labels
    return {label: int((holding(judge, label) & judge.main).sum()) for label in labels}
