"""The board: a row a method, headline metrics with intervals, rank groups, cost and flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mirbench.boards.chance import chance
from mirbench.boards.judge import DIGITS, Judge
from mirbench.boards.labels import prevalence, unknown_share
from mirbench.boards.sensitivity import COLUMN, added
from mirbench.errors import RecordError
from mirbench.metrics import Metric
from mirbench.metrics.classification import linear_recall
from mirbench.metrics.tagging import linear_area
from mirbench.records import Record
from mirbench.stats import FEW_GROUPS, MIN_GROUPS, Interval, rank_groups

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Cell, Protocol

PUBLISHED = Path(__file__).parents[2] / "leaderboards" / "published.csv"
COSTS = ("fit_s", "predict_s", "extract_s", "peak_mb", "n_params", "n_multiply_adds")
CPU = {"fit_s": "fit_cpu_s"}
"""Costs of which records may hold processor time too."""


def board(
    records: Sequence[Record] | Judge,
    protocol: Protocol,
    *,
    published: str | Path | None = None,
    current_code: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Board of a protocol.

    Parameters
    ----------
    records : sequence of Record
    protocol : Protocol
    published : path-like, optional
        Table of published figures; the repository's by default, none where it isn't there.
    current_code : mapping of str to str, optional
        Code hash of each spec as it is now: rows made by other code are flagged.

    Returns
    -------
    DataFrame
        A row a method, best first by the first headline metric pooled over the blocks where
        source and test set are one corpus. Columns: ``rank`` (the range that separable pairs leave
        open), ``letters`` (methods that share one aren't separable), ``method``, ``title``,
        ``family``; for each headline metric ``M``, ``M lo``, ``M hi`` (95 % interval by group),
        then the same for each block as ``M @ BLOCK``; ``n_items``, ``n_groups``, ``interval``
        (how it was made), ``seeds``, ``seed_sd``; ``fit_s`` (of processor where records say it, which
        other work on the machine doesn't change), ``predict_s``, ``extract_s`` (s, mean over cells),
        ``extract_speed`` (seconds of sound a second), ``peak_mb`` (MB), ``n_params``,
        ``multiply_adds`` (of a network, for an item or the excerpt that it hears; NaN in records that don't say it);
        ``published``, ``flags``, ``evidence``.
        ``attrs`` says of what protocol, which metrics and blocks.

    Raises
    ------
    RecordError
        No record, or one that isn't of this protocol.
    """
    judge = records if isinstance(records, Judge) else Judge(records, protocol, current_code)
    quoted = load_published(published)
    heard_s = float(np.mean([_sound_s(protocol, cell) for cell in protocol.cells]))
    rows = [_row(judge, spec, quoted, heard_s) for spec in judge.methods]
    if not rows:
        raise RecordError(f"protocol {protocol.name}: no records yet; run a method under it first")
    table = pd.DataFrame(rows)
    first = judge.headline[0]
    ranks = _ranks(judge, first)
    table.insert(0, "letters", ranks.letters)
    table.insert(0, "rank", [ranks.text(i) for i in range(len(rows))])
    table = table.sort_values(
        [first.name, "method"], ascending=[not first.greater_is_better, True]
    ).reset_index(drop=True)
    table.attrs = about(judge) | {"published": _quote(quoted, judge, "")}
    return table


def load_published(path: str | Path | None = None) -> pd.DataFrame:
    """Published figures, all columns as text; empty where the default file isn't there."""
    if path is None and not PUBLISHED.is_file():
        return pd.DataFrame()
    return pd.read_csv(path or PUBLISHED, dtype=str, keep_default_na=False)


def _ranks(judge: Judge, metric: Metric) -> Any:
    main = judge.counted(next(iter(judge.methods)), metric, judge.main)
    counts = [judge.counts(spec, metric)[:, main] for spec in judge.methods]
    value, kind = metric.value, judge.protocol.task.kind
    summed, short = counts[0][0].sum(axis=0), None
    if kind == "classes":
        matrix = summed.reshape(len(judge.protocol.task.labels), -1)
        short = linear_recall(value, matrix.sum(axis=1))
    elif kind == "tags":
        short = linear_area(value, summed[::2])
    if short is not None:
        counts, value = [c @ short[0] for c in counts], short[1]
    return rank_groups(
        counts,
        judge.rows.loc[main, "group"].to_numpy(dtype=str),
        value,
        greater_is_better=metric.greater_is_better,
    )


def _row(judge: Judge, spec: str, quoted: pd.DataFrame, heard_s: float) -> dict[str, Any]:
    seeds = judge.methods[spec]
    who = seeds[0].identity
    row: dict[str, Any] = {"method": spec, "title": who["title"], "family": who["family"]}
    pooled = [judge.interval(spec, metric, judge.main) for metric in judge.headline]
    for metric, interval in zip(judge.headline, pooled):
        row |= _triple(metric.name, interval)
    for source, test in judge.blocks:
        where = judge.of_block(source, test)
        name = judge.rows.loc[where, "block"].iloc[0]
        for metric in judge.headline:
            row |= _triple(f"{metric.name} @ {name}", judge.interval(spec, metric, where))
    for source in judge.protocol.shares:
        if gain := added(judge, spec, judge.headline[0], source):
            row |= _triple(COLUMN.format(source), gain)
    first = pooled[0]
    return row | {
        "n_items": first.n_items,
        "n_groups": first.n_groups,
        "interval": first.method,
        "seeds": len(seeds),
        "seed_sd": _seed_sd(judge, spec),
        **_cost(seeds, heard_s),
        "published": _quote(quoted, judge, spec),
        "flags": ", ".join(_flags(judge, seeds, first)),
        "evidence": who.get("evidence", judge.protocol.evidence),
    }


def _triple(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.value, f"{name} lo": interval.lo, f"{name} hi": interval.hi}


def _seed_sd(judge: Judge, spec: str) -> float:
    """Standard deviation over seeds of the first headline metric; NaN for one seed."""
    metric = judge.headline[0]
    counts = judge.counts(spec, metric)[:, judge.main]
    return float(np.std(metric.value(counts.sum(axis=1)), ddof=1)) if len(counts) > 1 else np.nan


def _cost(seeds: Sequence[Record], heard_s: float) -> dict[str, float]:
    """Seconds a cell, on average; speed of the features; the largest memory and model.

    ``heard_s``: seconds of distinct sound in a cell, on average.
    """
    cells = [list(r.header["provenance"].get("cells", {}).values()) for r in seeds]
    costs = {}
    for name in COSTS:
        said = [[c.get(CPU.get(name), c.get(name)) for c in cell] for cell in cells]
        known = [[cost for cost in cell if cost is not None] for cell in said]
        if not any(known):
            costs[name] = np.nan
        elif name.endswith("_s"):
            costs[name] = float(np.mean([v for values in known for v in values]))
        else:
            costs[name] = float(max(v for values in known for v in values))
    spent = costs["extract_s"]
    costs["multiply_adds"] = costs.pop("n_multiply_adds")
    costs["extract_speed"] = heard_s / spent if spent > 0 else np.nan
    return costs


def _sound_s(protocol: Protocol, cell: Cell) -> float:
    """Seconds of distinct sound in a cell."""
    ids = {i for part in (cell.train, *cell.tests.values()) for i in part}
    rows = protocol.table.loc[sorted(ids)].drop_duplicates("key")
    return float(rows["duration_s"].sum())


def _flags(judge: Judge, seeds: Sequence[Record], pooled: Interval) -> list[str]:
    who = seeds[0].identity
    flags = []
    if pooled.n_groups < MIN_GROUPS:
        flags.append(f"only {pooled.n_groups} groups")
    elif pooled.few_groups:
        flags.append("few groups")
    if pooled.method == "none" and pooled.n_groups >= MIN_GROUPS:
        flags.append("all groups alike")
    if who["family"] == "external":
        flags.append("external")
    if any(r.identity.get("leaks") for r in seeds):
        flags.append("leaks")
    if set(who.get("trained_on", ())) & set(judge.protocol.items["corpus"]):
        flags.append("contaminated")
    now = judge.current_code.get(who["spec"])
    if now is not None and any(r.identity.get("code") != now for r in seeds):
        flags.append("code changed")
    flags += sorted({f for r in seeds for f in r.header["provenance"].get("flags", ())})
    return flags


def _quote(quoted: pd.DataFrame, judge: Judge, spec: str) -> str:
    """Published figures of the headline metrics, as text; spec ``''``: of no method in particular.

    A paper that doesn't name its positive class is quoted beside ours.
    """
    if quoted.empty:
        return ""
    task, protocol = judge.protocol.task, judge.protocol.name
    names = {m.name for m in judge.headline}
    names |= {name.replace(f"({task.positive})", "(positive class)") for name in names}
    here = (quoted["task"] == task.name) & quoted["protocol"].isin(["", protocol])
    here &= (quoted["method"] == spec) & quoted["metric"].isin(names)
    return "; ".join(
        f"{q['metric']} {q['value']}{' ± ' + q['plus_minus'] if q['plus_minus'] else ''} {q['unit']}"
        f"{' (from memory)' if q.get('evidence') == 'M' else ''}"
        for q in quoted[here].to_dict("records")
    )


def about(judge: Judge) -> dict[Any, Any]:
    """What a board says of itself: its protocol, metrics, blocks and numbers of items and groups."""
    protocol, every = judge.protocol, judge.main
    main = judge.counted(next(iter(judge.methods)), judge.headline[0], every)
    n_left_out = int(every.sum() - main.sum())
    return {
        "protocol": protocol.name,
        "version": protocol.version,
        "hash": protocol.hash,
        "task": protocol.task.title or protocol.task.name,
        "kind": protocol.task.kind,
        "evidence": protocol.evidence,
        "description": protocol.description,
        "metrics": [
            {"name": m.name, "unit": m.unit, "greater_is_better": m.greater_is_better}
            for m in judge.headline
        ],
        "pooled": list(dict.fromkeys(judge.rows.loc[main, "block"])),
        "blocks": list(dict.fromkeys(judge.rows["block"])),
        "n_items": int(main.sum()),
        "n_groups": int(judge.rows.loc[main, "group"].nunique()),
        "few_groups": FEW_GROUPS,
        "min_groups": MIN_GROUPS,
        **({"n_left_out": n_left_out, "counted": _counted(judge)} if n_left_out else {}),
        **_of_kind(judge),
    }


def _of_kind(judge: Judge) -> dict[str, Any]:
    """What chance gives; of classes how many there are, of tags those without a positive and how much
    is unknown, of values the decimals."""
    kind = judge.protocol.task.kind
    levels = chance(judge)
    said: dict[str, Any] = {"chance": levels} if levels else {}
    if kind == "values":
        return {"digits": DIGITS[kind], **said}
    if kind == "classes":
        if any(cell.support for cell in judge.protocol.cells):  # each episode has a few of them
            return said
        return {"n_classes": int(judge.rows.loc[judge.main, "label"].nunique()), **said}
    if kind == "pairs":
        return said
    if kind != "tags":
        return {}
    shares = prevalence(judge)
    missing = [tag for tag, share in shares.items() if not share > 0]
    gaps = unknown_share(judge)
    said |= {"unknown": round(gaps, 6)} if gaps else {}
    return {"n_labels": len(shares), "labels_left_out": missing, **said}


def _counted(judge: Judge) -> dict[str, list[int]]:
    """Of each headline metric the queries that something is relevant to, and their groups."""
    spec = next(iter(judge.methods))
    found = {}
    for metric in judge.headline:
        rows = judge.rows[judge.counted(spec, metric, judge.main)]
        found[metric.name] = [len(rows), int(rows["group"].nunique())]
    return found


def whole_cost(row: Mapping[str, Any]) -> float:
    """Seconds to describe, train and answer for a cell, on average; NaN where nothing is known.

    Parameters
    ----------
    row : mapping
        Of a board, or of a board's JSON, in which None stands for NaN.
    """
    known = [row[c] for c in ("fit_s", "predict_s", "extract_s") if not pd.isna(row[c])]
    return float(sum(known)) if known else np.nan
