"""A board as one static HTML file: no script, no outside request, every text escaped."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from mirbench.boards.text import FAMILIES, FOLDING, by_block, heading, notes, summary

BAR = 120


def to_html(
    board: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame] | None = None,
    pictures: Mapping[str, bytes] | None = None,
) -> str:
    """Page of a board.

    Parameters
    ----------
    board : DataFrame
        From `mirbench.boards.board`.
    tables : mapping of str to DataFrame, optional
        Further tables of text cells by title.
    pictures : mapping of str to bytes, optional
        SVG files by caption, see `mirbench.boards.looks.image`.
    """
    about = board.attrs
    shown = {}
    if len(about["blocks"]) > 1:
        for metric in about["metrics"]:
            title = f"{heading(metric)}, training to test set"
            shown[title] = by_block(board, metric["name"])
    shown |= tables or {}
    here = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=here, autoescape=True, undefined=jinja2.StrictUndefined)
    printed = summary(board)
    return environment.get_template("page.html").render(
        about=about,
        columns=list(printed.columns),
        rows=_cells(board, printed),
        notes=notes(board),
        pictures=[
            {"alt": caption, "data": base64.b64encode(svg).decode()}
            for caption, svg in (pictures or {}).items()
        ],
        tables=[
            {"title": title, "columns": list(t.columns), "rows": t.to_numpy(object).tolist()}
            for title, t in shown.items()
        ],
    )


def _cells(board: pd.DataFrame, printed: pd.DataFrame) -> list[list[dict[str, Any]]]:
    bars: dict[str, list[dict[str, Any]]] = {
        heading(metric): _bars(board, metric["name"]) for metric in board.attrs["metrics"]
    }
    return [
        [
            {
                "text": cell,
                "wraps": column in FOLDING,
                "bar": bars[column][i] if column in bars else None,
            }
            for column, cell in zip(printed.columns, row)
        ]
        for i, row in enumerate(printed.to_numpy(object).tolist())
    ]


def _bars(board: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    """Positions of dot and interval in a bar ``BAR`` units wide that all rows share."""
    columns = [name, f"{name} lo", f"{name} hi"]
    low, high = board[columns].min().min(), board[columns].max().max()
    span = (high - low) or 1.0

    def at(value: float) -> float | None:
        return None if math.isnan(value) else round(5 + (BAR - 10) * (value - low) / span, 2)

    return [
        {
            "at": at(value),
            "lo": at(lo),
            "hi": at(hi),
            "family": family if family in FAMILIES else "user",
        }
        for value, lo, hi, family in zip(*(board[c] for c in columns), board["family"])
    ]
