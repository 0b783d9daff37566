"""The main table of a protocol's page: a row a method, with bars, ties, cost and flags."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import pandas as pd

from mirbench.boards.cells import number, seconds, size, speed, with_interval
from mirbench.boards.table import whole_cost
from mirbench.boards.text import FEW, heading
from mirbench.records import Record
from mirbench.site.draw import ENDS, bar
from mirbench.site.known import Known
from mirbench.site.names import address
from mirbench.site.scale import LEAST_ERROR, fitted, tenfold
from mirbench.site.tables import cell, dashed, records_of
from mirbench.trust.status import status

POOLED = "all pooled"
COSTS = (
    "features (× real time)",
    "fit",
    "answer",
    "memory (MB)",
    "parameters",
    "multiply-adds",
)


def board_table(
    board: pd.DataFrame,
    methods: Mapping[str, Sequence[Record]],
    known: Known,
) -> dict[str, Any]:
    """Columns, rows and choices of the filters.

    Parameters
    ----------
    board : DataFrame
        From `mirbench.boards.board`; without the columns of blocks that are not to be shown.
    methods : mapping of str to sequence of Record
        Records of each spec.
    known : Known
    """
    about, board = board.attrs, board.copy()
    board.attrs = {}  # pandas copies them with every column
    digits = about.get("digits", 1)
    blocks = [POOLED, *about["blocks"]] if len(about["blocks"]) > 1 else [POOLED]
    scored = [_scored(board, m, block, digits) for block in blocks for m in about["metrics"]]
    letters = sorted({x for own in board["letters"] for x in _letters(own)}, key=_place)
    everywhere = {FEW} if all(FEW in flags for flags in board["flags"]) else set()
    rows, inputs = [], set()
    for i, row in enumerate(records_of(board)):
        records = methods[row["method"]]
        who = records[0].identity
        heard = known.heard.get(row["method"], "")
        inputs.add(heard)
        cost = whole_cost(row)
        head = cell(row["method"], href="../" + address("method", who["method"]))
        cells = [
            head,
            cell(dashed(row["rank"]), sort=i),
            *[column["cells"][i] for column in scored],
            cell(
                row["letters"], ties=[x if x in _letters(row["letters"]) else "" for x in letters]
            ),
            cell("", tags=flags_of(row, records, known.ledger, everywhere)),
            cell(row["family"]),
            cell(dashed(heard)),
            cell(_seeds(row, digits), sort=row["seeds"]),
            cell(speed(row["extract_speed"]), sort=row["extract_speed"]),
            cell(seconds(row["fit_s"]), sort=row["fit_s"]),
            cell(seconds(row["predict_s"]), sort=row["predict_s"]),
            cell(number(row["peak_mb"], 0), sort=row["peak_mb"]),
            cell(size(row["n_params"]), sort=row["n_params"]),
            cell(size(row["multiply_adds"]), sort=row["multiply_adds"]),
        ]
        seen = {
            "family": row["family"],
            "input": heard,
            "cost": "" if math.isnan(cost) else f"{cost:.6g}",
        }
        rows.append({"cells": cells, "data": seen})
    columns = [{"name": name} for name in ("method", "rank")]
    columns += [{"name": c["name"], "block": c["block"]} for c in scored]
    rest = ("not separable (ties)", "flags", "family", "input", "seeds", *COSTS)
    columns += [{"name": name} for name in rest]
    _drop_empty(columns, rows)
    return {
        "columns": columns,
        "rows": rows,
        "blocks": blocks,
        "families": sorted(set(board["family"])),
        "inputs": sorted(inputs - {""}),
    }


def flags_of(
    row: Mapping[str, Any],
    records: Sequence[Record],
    ledger: Mapping[str, Mapping[str, Any]],
    everywhere: Container[str] = (),
) -> list[str]:
    """Where the row comes from, then what to know of it but what holds ``everywhere``."""
    words = {status(record, ledger) for record in records}
    word = words.pop() if len(words) == 1 else "partly verified"
    flags = [f for f in row["flags"].split(", ") if f and f != "external" and f not in everywhere]
    return [word, *flags]


def _letters(display: str) -> list[str]:
    """Its letters one by one; after z they are numbers in brackets."""
    return re.findall(r"[a-z]|\(\d+\)", display)


def _place(letter: str) -> tuple[int, str]:
    return len(letter), letter


def _seeds(row: Mapping[str, Any], digits: int) -> str:
    spread = "" if math.isnan(row["seed_sd"]) else f" (sd {row['seed_sd']:.{digits}f})"
    return f"{row['seeds']}{spread}"


def _scored(
    board: pd.DataFrame, metric: Mapping[str, Any], block: str, digits: int
) -> dict[str, Any]:
    name = metric["name"] if block == POOLED else f"{metric['name']} @ {block}"
    three = [board[c].tolist() for c in (name, f"{name} lo", f"{name} hi")]
    # an axis down to chance would leave no room for what is to be compared
    own = [f != "baseline" for f in board["family"]]
    seen = own if any(own) else [True] * len(own)
    kept = [[v for v, keep in zip(values, seen) if keep] for values in three]
    place = _axis([v for values in kept for v in values], kept[0], metric)
    cells = [
        _score((value, lo, hi), place, family, digits)
        for value, lo, hi, family in zip(*three, board["family"].tolist())
    ]
    return {"name": heading(dict(metric)), "block": block, "cells": cells}


def _axis(
    values: Sequence[float], drawn: Sequence[float], metric: Mapping[str, Any]
) -> Callable[[float], float]:
    """Where bars are drawn: ``values`` decide the ends, ``drawn`` whether errors' logarithm is taken."""
    if not tenfold(drawn, metric["greater_is_better"], metric["unit"]):
        return fitted(values, *ENDS)
    if not metric["greater_is_better"]:
        least = min(v for v in drawn if v > 0) / 2
        errors = fitted([max(v, least) for v in values], *ENDS, log=True)
        return lambda value: errors(max(value, least))
    lacking = fitted([max(100 - v, LEAST_ERROR) for v in values], *ENDS[::-1], log=True)
    return lambda value: lacking(max(100 - value, LEAST_ERROR))


def _score(
    three: tuple[float, float, float], place: Callable[[float], float], family: str, digits: int
) -> dict[str, Any]:
    value, lo, hi = three
    text = with_interval(value, lo, hi, digits)
    first, _, ends = text.partition(" ")
    return cell(first, small=ends, sort=value, bar=bar(value, lo, hi, place, family))


def _drop_empty(columns: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """Take out optional columns in which no row says anything."""
    kept = [
        j
        for j, column in enumerate(columns)
        if j == 0
        or "block" in column
        or any(row["cells"][j]["text"] not in ("", "–") for row in rows)
        or any(row["cells"][j]["tags"] for row in rows)
    ]
    for row in rows:
        row["cells"] = [row["cells"][j] for j in kept]
    columns[:] = [columns[j] for j in kept]
