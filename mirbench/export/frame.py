"""Records as tidy tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mirbench.boards.judge import Judge, as_judge
from mirbench.metrics.tagging import THRESHOLD
from mirbench.records import Record

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol

TOP = 20
"""Neighbours of each query that are exported."""

PLACE = ("cell", "source", "test", "id", "corpus", "group", "duration_s")


def to_frame(
    records: Sequence[Record] | Judge, protocol: Protocol, *, top: int = TOP
) -> pd.DataFrame:
    """What each method answered for each item, one row an (item, test set, method, seed).

    Parameters
    ----------
    records : sequence of Record, or Judge
        Of this protocol.
    protocol : Protocol
    top : int
        Neighbours of each query of a ranking.

    Returns
    -------
    DataFrame
        ``protocol``, ``method`` (its spec), ``family``, ``seed``, ``cell``, ``source``, ``test``,
        ``id``, ``corpus``, ``group``, ``duration_s`` (s), ``pooled`` (whether the board's first column
        counts the row), ``truth`` (a label; for segments JSON, as in the protocol), ``metric`` and
        ``value`` (the protocol's first headline metric of this row alone, NaN where one row has
        none), then by kind of task:

        classes
            ``decision``, ``correct``, and ``score LABEL`` for each label.
        frames
            the same from mean scores over the scored frames, and ``frames``: the decided codes
            (positions in the task's labels) frame by frame.
        tags
            ``decision``: tags that score 0.5 or more, as JSON like ``truth``, and ``score TAG`` for each;
            ``unknown`` where there are tags that nobody looked for, as JSON.
        values
            ``value LABEL`` for each dimension (``truth`` is a JSON list in their order).
        segments
            ``segments``: a list of ``start_s``, ``end_s``, ``label``.
        f0
            ``f0`` (Hz) and ``voicing`` (0 to 1): lists, each 10 ms (``truth`` as in the protocol).
        sequence
            ``tokens``: a list of labels (``truth`` is JSON of such a list).
        pairs
            ``videos`` (ids of the items they belong to, best first) and their ``scores``.
        ranking
            ``neighbours`` (ids, nearest first) and ``distances``.
    """
    judge = as_judge(records, protocol)
    metric = judge.headline[0]
    rows = judge.rows
    base = rows[list(PLACE)].assign(pooled=judge.main, truth=rows["label"])
    if protocol.unknown:
        base["unknown"] = rows["unknown"]
    kinds = {
        "classes": _classes,
        "tags": _tags,
        "values": _values,
        "frames": _frames,
        "segments": _segments,
        "f0": _pitch,
        "sequence": _tokens,
    }
    parts = []
    for spec, seeds in judge.methods.items():
        counts = judge.counts(spec, metric)
        # an area of tags ranks many items: one by itself has none
        ranks = protocol.task.kind == "tags" and not metric.itemwise
        values = np.full(counts.shape[:2], np.nan) if ranks else metric.value(counts)
        for record, value in zip(seeds, values):
            outputs = judge.outputs(record)
            if protocol.task.kind == "ranking":
                answers = _ranking(outputs, judge.truth, top)
            elif protocol.task.kind == "pairs":
                answers = _matched(outputs, judge.truth, top)
            else:
                answers = kinds[protocol.task.kind](outputs, protocol)
            part = pd.concat([base, pd.DataFrame(answers, index=base.index)], axis=1)
            if protocol.task.kind in ("classes", "frames"):
                right = part["decision"] == part["truth"]
                part.insert(list(part).index("decision") + 1, "correct", right)
            part.insert(list(part).index("truth") + 1, "metric", metric.name)
            part.insert(list(part).index("metric") + 1, "value", value)
            who = record.identity
            for at, name in enumerate(("family", "seed")):
                part.insert(at, name, who[name])
            part.insert(0, "method", spec)
            part.insert(0, "protocol", protocol.name)
            parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def scores_frame(records: Sequence[Record] | Judge, protocol: Protocol) -> pd.DataFrame:
    """Every headline metric of every method over the board's pooled rows, one row a pair.

    Columns ``protocol``, ``protocol_hash``, ``task``, ``evidence``, ``method``, ``title``, ``family``,
    ``seeds``, ``metric``, ``unit``, ``greater_is_better``, ``value``, ``lo``, ``hi`` (95 % by group, NaN
    where there are too few), ``n_items``, ``n_groups``.
    """
    judge = as_judge(records, protocol)
    rows = []
    for spec, seeds in judge.methods.items():
        for metric in judge.headline:
            found = judge.interval(spec, metric, judge.main)
            rows.append(
                {
                    "protocol": protocol.name,
                    "protocol_hash": protocol.hash,
                    "task": protocol.task.name,
                    "evidence": protocol.evidence,
                    "method": spec,
                    "title": seeds[0].identity["title"],
                    "family": seeds[0].identity["family"],
                    "seeds": len(seeds),
                    "metric": metric.name,
                    "unit": metric.unit,
                    "greater_is_better": metric.greater_is_better,
                    "value": found.value,
                    "lo": found.lo,
                    "hi": found.hi,
                    "n_items": found.n_items,
                    "n_groups": found.n_groups,
                }
            )
    return pd.DataFrame(rows)


def _classes(outputs: list[Any], protocol: Protocol) -> dict[str, Any]:
    labels = np.array(protocol.task.labels, dtype=object)
    scores = np.array(outputs, dtype=np.float32)
    columns: dict[str, Any] = {"decision": labels[scores.argmax(axis=1)]}
    return columns | {f"score {label}": scores[:, i] for i, label in enumerate(labels)}


def _tags(outputs: list[Any], protocol: Protocol) -> dict[str, Any]:
    tags = protocol.task.labels
    scores = np.array(outputs, dtype=np.float32).reshape(-1, len(tags))
    decided = [[tag for tag, holds in zip(tags, row >= THRESHOLD) if holds] for row in scores]
    columns: dict[str, Any] = {"decision": [json.dumps(d, ensure_ascii=False) for d in decided]}
    return columns | {f"score {tag}": scores[:, i] for i, tag in enumerate(tags)}


def _values(outputs: list[Any], protocol: Protocol) -> dict[str, Any]:
    labels = protocol.task.labels
    values = np.array(outputs, dtype=np.float32).reshape(-1, len(labels))
    return {f"value {label}": values[:, i] for i, label in enumerate(labels)}


def _frames(outputs: list[Any], protocol: Protocol) -> dict[str, Any]:
    means = [np.asarray(scores, dtype=np.float32).mean(axis=0) for scores in outputs]
    codes = [np.asarray(scores).argmax(axis=1).astype(np.uint8) for scores in outputs]
    return _classes(means, protocol) | {"frames": codes}


def _segments(outputs: list[Any], protocol: Protocol) -> dict[str, Any]:
    names = ("start_s", "end_s", "label")
    return {"segments": [[dict(zip(names, segment)) for segment in own] for own in outputs]}


def _pitch(outputs: list[Any], protocol: Protocol) -> dict[str, Any]:
    tables = [np.asarray(answer, dtype=np.float32) for answer in outputs]
    return {name: [table[:, i] for table in tables] for i, name in enumerate(("f0", "voicing"))}


def _tokens(outputs: list[Any], protocol: Protocol) -> dict[str, Any]:
    labels = protocol.task.labels
    return {"tokens": [[labels[code] for code in answer] for answer in outputs]}


def _matched(outputs: list[Any], truth: list[Any], top: int) -> dict[str, Any]:
    first = [np.argsort(-scores, kind="stable")[:top] for scores, _ in outputs]
    return {
        "videos": [[pair.ids[i] for i in best] for pair, best in zip(truth, first)],
        "scores": [scores[best] for (scores, _), best in zip(outputs, first)],
    }


def _ranking(outputs: list[Any], truth: list[Any], top: int) -> dict[str, Any]:
    return {
        "neighbours": [
            [query.catalogue.ids[i] for i in ids[:top]] for query, (ids, _) in zip(truth, outputs)
        ],
        "distances": [np.asarray(distances[:top], dtype=np.float32) for _, distances in outputs],
    }
