"""Boards and other tables for a terminal, whole at any width."""

from __future__ import annotations

import io
import math
import re
import textwrap

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mirbench.boards.cells import with_interval
from mirbench.boards.text import folded, heading, notes, summary

COST = ("seeds", "features", "family", "fit")
"""Columns of a board that go first where there is no room, in this order."""
LEAST = 26
"""Width of the column of methods: specs are told apart by their ends."""


def to_text(board: pd.DataFrame, width: int = 120) -> str:
    """The board for a terminal, ``width`` columns wide.

    What there is no room for beside ranks and scores stands in a further table below.
    """
    board = board.assign(published="")  # sentences: they are on the page
    whole = summary(board).drop(columns=["memory", "parameters"], errors="ignore")
    shown = _fitting(whole, [heading(m) for m in board.attrs["metrics"]], width)
    about = f"{board.attrs['task']}: {board.attrs['protocol']}"
    parts = [text_table(shown, max(width, _needed(shown)))]
    below = [c for c in whole if c not in (*shown.attrs["kept"], "flags")]
    if below:
        parts.append(text_table(whole[["method", *below]], width))
    said = [textwrap.fill(note, width) for note in notes(board)]
    return "\n".join([about, "\n".join(parts), *said, ""])


def _fitting(table: pd.DataFrame, metrics: list[str], width: int) -> pd.DataFrame:
    """The table, made narrower step by step as long as the terminal has no room for it.

    ``attrs["kept"]`` names its columns as they were called.
    """
    for column in COST:
        if column in table and _needed(_headings_folded(table)) > width:
            table = table.drop(columns=column)
    for column in reversed(metrics[1:]):
        if _needed(_headings_folded(_intervals_below(_flags_below(table)))) > width:
            table = table.drop(columns=column)
    kept = list(table)
    for narrower in (_headings_folded, _flags_below, _intervals_below, _headings_folded):
        if _needed(table) > width:
            table = narrower(table)
    table.attrs["kept"] = kept
    return table


def _needed(table: pd.DataFrame) -> int:
    """Columns of a terminal that the table takes."""
    return sum(
        2
        + max(
            LEAST if c == "method" else 0, _longest(c), *(_longest(_broken(c, v)) for v in table[c])
        )
        for c in table
    )


def _longest(text: object) -> int:
    return max(map(len, str(text).splitlines()), default=0)


def _flags_below(table: pd.DataFrame) -> pd.DataFrame:
    """Flags on lines of their own under the method, in brackets."""
    if "flags" not in table:
        return table
    under = [
        "\n ".join([method, *textwrap.wrap(f"({flags})" if flags else "", 24)])
        for method, flags in zip(table["method"], table["flags"])
    ]
    return table.assign(method=under).drop(columns="flags")


def _headings_folded(table: pd.DataFrame) -> pd.DataFrame:
    """Headings over as many lines as their column is too narrow for."""
    names = {
        column: textwrap.fill(
            str(column),
            max(
                *map(len, re.split(r"(?<=-)|\s+", str(column))),
                *(_longest(v) for v in table[column]),
            ),
        )
        for column in table
    }
    return table.rename(columns=names)


def _intervals_below(table: pd.DataFrame) -> pd.DataFrame:
    """Each interval on a line of its own, under its value."""
    return table.map(lambda cell: re.sub(r"(?m)^(\S+) (\[.+\])$", r"\1\n\2", cell))


def text_table(table: pd.DataFrame, width: int = 120, keys: int = 1) -> str:
    """Any table for a terminal, each value and its interval in one cell.

    Columns that there is no room for stand in further tables below, behind the first ``keys``
    columns again.
    """
    table = folded(table)
    for narrower in (_headings_folded, _intervals_below, _headings_folded):
        if _needed(table) > width:
            table = narrower(table)
    first = list(table.columns[:keys])
    parts = [first]
    for column in table.columns[keys:]:
        if len(parts[-1]) > keys and _needed(table[[*parts[-1], column]]) > width:
            parts.append(first)
        parts[-1] = [*parts[-1], column]
    return "\n".join(_drawn(table[part]) for part in parts)


def _drawn(table: pd.DataFrame) -> str:
    drawn = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in table.columns:
        least = LEAST if column == "method" else None
        drawn.add_column(Text(str(column)), no_wrap=True, min_width=least)
    for row in table.to_dict("records"):
        drawn.add_row(*(Text(_broken(k, v)) for k, v in row.items()))
    sink = io.StringIO()
    Console(file=sink, width=_needed(table), color_system=None).print(drawn)
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines()) + "\n"


def _broken(column: object, value: object) -> str:
    """A method's spec on lines of its own for name and parameters, other values as they are."""
    return re.sub(r"[:,](?=[\w]+=)", r"\g<0>\n ", str(value)) if column == "method" else str(value)


def to_matrix_text(matrix: pd.DataFrame, width: int = 120) -> str:
    """A cross-corpus matrix for a terminal: score, interval, drop and number of classes a cell."""
    tests = list(dict.fromkeys(matrix["test"]))
    counts, digits = set(matrix["n_classes"]), matrix.attrs.get("digits", 1)
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for cell in matrix.to_dict("records"):
        text = with_interval(cell["value"], cell["lo"], cell["hi"], digits)
        if not math.isnan(cell["drop"]):
            text += f"\ndrop {round(cell['drop'], digits) + 0.0:+.{digits}f}"
        if len(counts) > 1:
            text += f"\n{cell['n_classes']} classes"
        rows.setdefault((cell["method"], cell["source"]), {})[cell["test"]] = text
    order = list(dict.fromkeys(matrix["method"]))
    table = pd.DataFrame(
        [
            [*key, *(rows[key].get(test, "") for test in tests)]
            for key in sorted(rows, key=lambda key: (order.index(key[0]), key[1]))
        ],
        columns=["method", "trained on", *tests],
        dtype=object,
    )
    title = f"{heading({'name': matrix.attrs['metric'], 'unit': matrix.attrs['unit']})} by test set"
    same = [f"{counts.pop()} classes in every cell"] if len(counts) == 1 else []
    about = "; ".join([*_drops(matrix), *same])
    title += f" ({about})" if about else ""
    return f"{textwrap.fill(title, width)}\n{text_table(table, width, keys=2)}"


def _drops(matrix: pd.DataFrame) -> list[str]:
    """What the drops of a matrix are against: that depends on the kind of block."""
    changed = matrix.loc[matrix["drop"].notna(), "test"].str.contains(" + ", regex=False)
    against = []
    if not changed.all():
        against.append("training on the tested corpus, same items")
    if changed.any():
        where = "" if changed.all() else " in columns with a plus"
        against.append(f"the same items unchanged, same fit{where}")
    return [f"drop: against {', or '.join(against)}; positive is worse"] if against else []
