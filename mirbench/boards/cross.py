"""The cross-corpus matrix: train on A, test on B, and what is lost against training on B."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mirbench.boards.judge import LIMITS, Judge, as_judge
from mirbench.metrics import Metric
from mirbench.metrics.tagging import is_area
from mirbench.records import Record
from mirbench.stats import Grouping, Interval, grouped_interval

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol
    from mirbench.tasks import Task

MIN_SHARED = 4
"""Labels that two corpora must share for their cell to enter a mean."""

SAME_ITEM = ["corpus", "item", "start_s"]


def matrix(
    records: Sequence[Record] | Judge, protocol: Protocol, metric: str | None = None
) -> pd.DataFrame:
    """Score of every method in every block, and its drop.

    ``drop(A to B) = score(B to B) - score(A to B)`` on the same items of B with labels that both
    training sets know, signed so that a positive drop is worse (for an error: its rise). The
    diagonal is the figure of the grouped folds within B. A test set of degraded copies is compared
    with the figure on the same recordings undegraded.

    Parameters
    ----------
    records : sequence of Record, or Judge
    protocol : Protocol
    metric : str, optional
        The protocol's first headline metric by default.

    Returns
    -------
    DataFrame
        A row for each block and method, best methods first: ``method``, ``source``, ``test``, ``value``, ``lo``, ``hi``,
        ``closed`` (the value where decisions are held to the labels that training and test set
        share; tasks of one label an item only), ``n_classes`` (labels that training and test set share; only their items count),
        ``n_items``, ``n_groups``, ``interval``, ``drop``, ``drop_lo``, ``drop_hi`` (paired, by
        group; NaN on the diagonal and where B to B wasn't run). ``attrs`` hold metric and unit.
    """
    judge = as_judge(records, protocol)
    chosen = judge.metric(metric)
    rows = []
    for source, test in judge.blocks:
        where, labels = _shared(judge, source, test)
        n_classes = len(labels)
        if not where.any():
            continue
        ours, reference = _pairs(judge, where, source, test)
        for spec in judge.ranked(chosen):
            scored = judge.interval(spec, chosen, where)
            lost = _drop(judge, spec, chosen, ours, reference) if len(ours) else None
            rows.append(
                {
                    "method": spec,
                    "source": source,
                    "test": test,
                    "value": scored.value,
                    "lo": scored.lo,
                    "hi": scored.hi,
                    "closed": _closed(judge, spec, chosen, where, labels),
                    "n_classes": n_classes,
                    "n_items": scored.n_items,
                    "n_groups": scored.n_groups,
                    "interval": scored.method,
                    "drop": lost.value if lost else np.nan,
                    "drop_lo": lost.lo if lost else np.nan,
                    "drop_hi": lost.hi if lost else np.nan,
                }
            )
    table = pd.DataFrame(rows)
    table.attrs = judge.about(chosen)
    return table


def means(crossed: pd.DataFrame, n_labels: int) -> pd.DataFrame:
    """Plain means over the cells of a matrix: a handful of corpora is no sample, so no interval.

    Parameters
    ----------
    crossed : DataFrame
        From `matrix`.
    n_labels : int
        Labels of the task: cells with fewer than 4 shared ones (all, if it has fewer) stay out.

    Returns
    -------
    DataFrame
        A row a method: ``within`` (trained and tested on one corpus, by folds), ``across`` (on two),
        ``across, closed`` (decisions held to the labels that both share), ``drop`` across, and one
        column a kind of changed copies (``+ first 1.0 s``); columns that no cell fills are left out. ``cells`` says how many went into ``across``.
    """
    kept = crossed[crossed["n_classes"] >= min(MIN_SHARED, n_labels)].copy()
    kept["kind"] = [
        f"+ {test.partition(' + ')[2]}"
        if " + " in test
        else ("within" if source == test else "across")
        for source, test in zip(kept["source"], kept["test"])
    ]
    across = kept[kept["kind"] == "across"].groupby("method", sort=False)
    table = kept.pivot_table(index="method", columns="kind", values="value", sort=False)
    table["across, closed"] = across["closed"].mean().reindex(table.index)
    table["drop"] = across["drop"].mean().reindex(table.index)
    table["cells"] = across.size().reindex(table.index, fill_value=0)
    order = dict.fromkeys(crossed["method"])
    table = table.loc[[m for m in order if m in table.index]].dropna(axis=1, how="all")
    table = table.reset_index().rename_axis(columns=None)
    table.attrs = {"digits": crossed.attrs.get("digits", 1)}
    return table


def _labels(items: pd.DataFrame, task: Task) -> set[str]:
    if task.kind in ("values", "f0", "sequence", "pairs"):
        return set(task.labels)
    if task.kind == "tags":
        return {tag for label in items["label"] for tag in json.loads(label)}
    if task.kind != "segments":
        return set(items["label"])
    return {name for label in items["label"] for _, _, name in json.loads(label)}


def _shared(judge: Judge, source: str, test: str) -> tuple[np.ndarray, set[str]]:
    """Mask of a block's rows whose label the training set knows, and the labels they share.

    Items that hold several labels (segments, tags, values, f0) are all kept, and so are queries.
    """
    protocol = judge.protocol
    if protocol.task.kind == "ranking":
        where = judge.of_block(source, test)
        return where, set(judge.rows.loc[where, "label"])
    cells = [
        cell
        for cell in protocol.cells
        if source == cell.source or (source in cell.labelled and test == cell.source)
    ]
    train = [i for cell in cells for i in cell.train]
    shots = f"{source}/"
    train += [
        i
        for cell in protocol.cells
        for name, ids in cell.support.items()
        if test == cell.source and name.startswith(shots)
        for i in ids
    ]
    known = _labels(protocol.table.loc[list(dict.fromkeys(train))], protocol.task)
    where = judge.of_block(source, test)
    shared = known & _labels(judge.rows[where], protocol.task)
    if protocol.task.kind in ("classes", "frames"):
        where = where & judge.rows["label"].isin(shared).to_numpy()
    return where, shared


def _closed(judge: Judge, spec: str, metric: Metric, where: np.ndarray, labels: set[str]) -> float:
    """Value over the rows of a mask, decisions held to ``labels``; NaN but for one label an item."""
    task = judge.protocol.task
    if task.kind != "classes":
        return np.nan
    known = np.isin(task.labels, sorted(labels))
    places = np.flatnonzero(where).tolist()
    truth = [judge.truth[i] for i in places]
    seeds = []
    for record in judge.methods[spec]:
        outputs = judge.outputs(record)
        scores = np.stack([outputs[i] for i in places]).astype(float)
        held = np.where(known, scores, scores.min() - 1)
        seeds.append(metric.counts(truth, list(held), task, judge.protocol.grid).sum(axis=0))
    return float(metric.value(np.mean(seeds, axis=0)))


def _pairs(
    judge: Judge, where: np.ndarray, source: str, test: str
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the block's rows and of the same items in the block they are compared with.

    That is their corpus's diagonal block, or for changed copies (``"A + ..."``) the block of the
    originals. Empty on the diagonal, and where some item wasn't tested there exactly once.
    """
    nothing = np.zeros(0, dtype=np.int64)
    ours = np.flatnonzero(where)
    corpora = judge.rows.loc[where, "corpus"].unique()
    if source == test or len(corpora) != 1:
        return nothing, nothing
    original, plus, _ = test.partition(" + ")
    compared = (source, original) if plus else (corpora[0], corpora[0])
    diagonal = np.flatnonzero(judge.of_block(*compared))
    items = list(zip(*(judge.rows[column].tolist() for column in SAME_ITEM)))
    position = {items[i]: i for i in diagonal}
    if len(position) != len(diagonal) or not {items[i] for i in ours} <= position.keys():
        return nothing, nothing
    return ours, np.array([position[items[i]] for i in ours])


def _drop(
    judge: Judge, spec: str, metric: Metric, ours: np.ndarray, reference: np.ndarray
) -> Interval:
    counts = judge.counts(spec, metric)
    if judge.protocol.task.kind == "ranking":
        sides = [np.isfinite(metric.value(counts[0][rows])) for rows in (ours, reference)]
        both = sides[0] & sides[1]
        ours, reference = (ours[both], reference[both]) if both.any() else (ours, reference)
    sign = 1 if metric.greater_is_better else -1
    return paired_interval(
        counts[:, reference], counts[:, ours], judge.grouping(ours), metric, sign
    )


def gain_between(
    judge: Judge, spec: str, metric: Metric, block: tuple[str, str]
) -> Interval | None:
    """How much better a method is in a block than within the tested corpus, on the same items; None
    where they aren't the same."""
    where = judge.of_block(*block)
    ours, theirs = _pairs(judge, where, *block)
    return _drop(judge, spec, metric, theirs, ours) if len(ours) else None


def paired_interval(
    a: np.ndarray, b: np.ndarray, rows: pd.DataFrame | Grouping, metric: Metric, sign: int = 1
) -> Interval:
    """Interval of ``sign * (value(a) - value(b))`` over the same rows, by group.

    Parameters
    ----------
    a, b : ndarray of shape (n_seeds, n_rows, d)
        Their numbers of seeds may differ: seeds are averaged first.
    rows : DataFrame or Grouping
        The judge's rows, ``n_rows`` of them, or their groups.
    """
    d = a.shape[-1]

    def difference(sums: np.ndarray) -> np.ndarray:
        return sign * (metric.value(sums[..., :d]) - metric.value(sums[..., d:]))

    lo, hi = LIMITS.get(metric.unit, (-np.inf, np.inf))
    if isinstance(rows, pd.DataFrame):
        rows = Grouping.of(*(rows[column].to_numpy(dtype=str) for column in ("group", "stratum")))
    return grouped_interval(
        np.concatenate([a.mean(axis=0), b.mean(axis=0)], axis=-1),
        rows,
        difference,
        limits=(lo - hi, hi - lo),
        linear=is_area(metric),
    )
