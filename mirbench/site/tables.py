"""Tables as the templates take them: cells of text with what they sort by, link to and are tinted by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mirbench.boards.cells import DASH, number, with_interval
from mirbench.boards.text import folded

CELL: dict[str, Any] = {
    "sort": None,
    "href": None,
    "small": "",
    "level": None,
    "bar": "",
    "tags": (),
    "ties": (),
}
TABLE: dict[str, Any] = {
    "note": "",
    "fold": "",
    "open": False,
    "heat": False,
    "tight": False,
    "wraps": False,
}
LEVELS = 10
"""Tints of a heat map, from 0 (none)."""


def cell(text: object, **more: Any) -> dict[str, Any]:
    """A cell: its text and any of ``sort`` (a number), ``href``, ``small`` (text below), ``level``
    (tint), ``bar`` (picture), ``tags`` (words in boxes), ``ties`` (letters in columns)."""
    sort = more.get("sort")
    if isinstance(sort, float):
        more["sort"] = "" if math.isnan(sort) else f"{sort:.8g}"
    return {"text": str(text), **CELL, **more}


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[dict[str, Any]]],
    **more: Any,
) -> dict[str, Any]:
    """A table; the first cell of a row is its heading.

    ``more``: ``note`` above it, ``fold`` (what stands on it where it can be closed) and ``open``, and
    its look: ``heat``, ``tight``, ``wraps``.
    """
    return {"caption": caption, "columns": columns, "rows": rows, **TABLE, **more}


def plain(caption: str, frame: pd.DataFrame, **more: Any) -> dict[str, Any]:
    """Any table of values, each with its interval in one cell."""
    texts = folded(frame)
    rows = []
    for i in range(len(texts)):
        row = []
        for column in texts:
            value = frame[column].iloc[i]
            text = texts[column].iloc[i]
            numeric = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
            row.append(cell(text, sort=float(value)) if numeric else cell(text))
        rows.append(row)
    return table(caption, [str(c) for c in texts], rows, **more)


def heat(
    caption: str,
    values: pd.DataFrame,
    *,
    better_high: bool,
    ends: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    corner: str = "method",
    digits: int = 1,
    links: dict[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Values with a tint each, the better the stronger.

    Parameters
    ----------
    caption : str
    values : DataFrame
        Rows and columns by name; NaN is a dash without tint.
    better_high : bool
    ends : pair of DataFrame, optional
        Lower and upper ends of intervals, as small text.
    corner : str
        What the rows are.
    links : mapping of str to str, optional
        Address of a row's name.
    """
    tints = levels(values.to_numpy(dtype=float), better_high)
    rows = []
    for i, name in enumerate(values.index):
        row = [cell(name, href=(links or {}).get(str(name)))]
        for j, value in enumerate(values.iloc[i].tolist()):
            small = ""
            if ends is not None:
                lo, hi = (end.to_numpy(dtype=float)[i, j] for end in ends)
                text = with_interval(value, lo, hi, digits)
                small = text.partition(" ")[2]
            level = None if math.isnan(value) else int(tints[i, j])
            row.append(cell(number(value, digits), sort=float(value), small=small, level=level))
        rows.append(row)
    return table(caption, [corner, *map(str, values.columns)], rows, heat=True, **more)


def levels(values: np.ndarray, better_high: bool) -> np.ndarray:
    """Tint of each value, 0 for the worst; NaN counts as the worst."""
    known = values[np.isfinite(values)]
    if not len(known) or known.max() == known.min():
        return np.zeros(values.shape, dtype=int)
    share = (values - known.min()) / (known.max() - known.min())
    share = np.nan_to_num(share if better_high else 1 - share)
    return np.clip((share * LEVELS).astype(int), 0, LEVELS - 1)


def pivoted(
    frame: pd.DataFrame, index: str, columns: str, value: str = "value"
) -> tuple[pd.DataFrame, tuple[pd.DataFrame, pd.DataFrame]]:
    """Values and ends of a long table as (rows, columns), both in the order in which they come."""
    order = [list(dict.fromkeys(frame[c].astype(str))) for c in (index, columns)]
    text = frame.assign(**{index: frame[index].astype(str), columns: frame[columns].astype(str)})
    start = "" if value == "value" else f"{value}{' ' if f'{value} lo' in frame else '_'}"
    wide = [
        text.pivot(index=index, columns=columns, values=c).reindex(order[0])[order[1]]
        for c in (value, f"{start}lo", f"{start}hi")
    ]
    return wide[0], (wide[1], wide[2])


def dashed(text: str) -> str:
    """The text, a dash where it is empty."""
    return text or DASH


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A mapping a row."""
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
