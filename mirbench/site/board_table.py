"""The main table of a protocol's page: a row a method, with bars, ties, cost and flags."""

from __future__ import annotations

import inspect
import math
from collections.abc import Container, Mapping, Sequence
from typing import Any

import pandas as pd

from mirbench.boards.cells import number, seconds, size, speed, with_interval
from mirbench.boards.text import FEW, heading
from mirbench.records import Record
from mirbench.site.draw import bar
from mirbench.site.names import address, installed
from mirbench.site.scale import Scale, fitted
from mirbench.site.tables import cell, dashed
from mirbench.trust.status import status

INPUTS = ("input", "features", "frames")
"""Parameters of methods that say what they hear, the first that a method has."""
POOLED = "all pooled"
COSTS = ("features (× real time)", "fit", "answer", "memory (MB)", "parameters")


def board_table(
    board: pd.DataFrame,
    methods: Mapping[str, Sequence[Record]],
    ledger: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Columns, rows and choices of the filters.

    Parameters
    ----------
    board : DataFrame
        From `mirbench.boards.board`; without the columns of blocks that are not to be shown.
    methods : mapping of str to sequence of Record
        Records of each spec.
    ledger : mapping
        See `mirbench.trust.status`.
    """
    about, board = board.attrs, board.copy()
    board.attrs = {}  # pandas copies them with every column
    blocks = [POOLED, *about["blocks"]] if len(about["blocks"]) > 1 else [POOLED]
    scored = [_scored(board, m, block) for block in blocks for m in about["metrics"]]
    letters = sorted(set("".join(board["letters"])))
    everywhere = {FEW} if all(FEW in flags for flags in board["flags"]) else set()
    rows = []
    for i, row in enumerate(board.to_dict("records")):
        records = methods[row["method"]]
        who = records[0].identity
        heard = heard_by(who)
        cost = whole_cost(row)
        head = cell(row["method"], href="../" + address("method", who["method"]))
        cells = [
            head,
            cell(dashed(row["rank"]), sort=i),
            cell(row["letters"], ties=[x if x in row["letters"] else "" for x in letters]),
            *[column["cells"][i] for column in scored],
            cell("", tags=flags_of(row, records, ledger, everywhere)),
            cell(row["family"]),
            cell(dashed(heard)),
            cell(_seeds(row), sort=row["seeds"]),
            cell(speed(row["extract_speed"]), sort=row["extract_speed"]),
            cell(seconds(row["fit_s"]), sort=row["fit_s"]),
            cell(seconds(row["predict_s"]), sort=row["predict_s"]),
            cell(number(row["peak_mb"], 0), sort=row["peak_mb"]),
            cell(size(row["n_params"]), sort=row["n_params"]),
        ]
        seen = {
            "family": row["family"],
            "input": heard,
            "cost": "" if math.isnan(cost) else f"{cost:.6g}",
        }
        rows.append({"cells": cells, "data": seen})
    columns = [{"name": name} for name in ("method", "rank", "not separable (ties)")]
    columns += [{"name": c["name"], "block": c["block"]} for c in scored]
    columns += [{"name": name} for name in ("flags", "family", "input", "seeds", *COSTS)]
    return _without_empty(columns, rows) | {
        "blocks": blocks,
        "families": sorted(set(board["family"])),
        "inputs": sorted({row["data"]["input"] for row in rows} - {""}),
    }


def whole_cost(row: Mapping[str, Any]) -> float:
    """Seconds to describe, train and answer for a cell, on average; NaN where nothing is known."""
    known = [row[c] for c in ("fit_s", "predict_s", "extract_s") if not math.isnan(row[c])]
    return sum(known) if known else math.nan


def heard_by(identity: Mapping[str, Any]) -> str:
    """What a method hears, where it has a parameter that says so."""
    known, method = dict(identity["params"]), installed(identity["method"])
    if method is not None:
        signature = inspect.signature(method.function)
        known = {k: p.default for k, p in signature.parameters.items()} | known
    return next((str(known[k]) for k in INPUTS if known.get(k) is not None), "")


def flags_of(
    row: Mapping[str, Any],
    records: Sequence[Record],
    ledger: Mapping[str, Mapping[str, Any]],
    known: Container[str] = (),
) -> list[str]:
    """Where the row comes from, then what to know of it but what is ``known`` of all rows."""
    words = {status(record, ledger) for record in records}
    word = words.pop() if len(words) == 1 else "partly verified"
    flags = [f for f in row["flags"].split(", ") if f and f != "external" and f not in known]
    return [word, *flags]


def _seeds(row: Mapping[str, Any]) -> str:
    spread = "" if math.isnan(row["seed_sd"]) else f" (sd {row['seed_sd']:.1f})"
    return f"{row['seeds']}{spread}"


def _scored(board: pd.DataFrame, metric: Mapping[str, Any], block: str) -> dict[str, Any]:
    name = metric["name"] if block == POOLED else f"{metric['name']} @ {block}"
    three = [board[c].tolist() for c in (name, f"{name} lo", f"{name} hi")]
    # an axis down to chance would leave no room for what is to be compared
    own = [f != "baseline" for f in board["family"]]
    seen = own if any(own) else [True] * len(own)
    scale = fitted([v for values in three for v, kept in zip(values, seen) if kept], 5, 115)
    cells = [
        _score(*found, scale, family) for *found, family in zip(*three, board["family"].tolist())
    ]
    return {"name": heading(dict(metric)), "block": block, "cells": cells}


def _score(value: float, lo: float, hi: float, scale: Scale, family: str) -> dict[str, Any]:
    text = with_interval(value, lo, hi)
    first, _, ends = text.partition(" ")
    return cell(first, small=ends, sort=value, bar=bar(value, lo, hi, scale, family))


def _without_empty(
    columns: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Optional columns in which no row says anything are left out."""
    kept = [
        j
        for j, column in enumerate(columns)
        if j == 0
        or "block" in column
        or any(row["cells"][j]["text"] not in ("", "–") for row in rows)
        or any(row["cells"][j].get("tags") for row in rows)
    ]
    for row in rows:
        row["cells"] = [row["cells"][j] for j in kept]
    return {"columns": [columns[j] for j in kept], "rows": rows}
