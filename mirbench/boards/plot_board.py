"""Picture of a board: intervals, ranks and ties."""

from __future__ import annotations

import math
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from mirbench.boards.looks import (
    LONGEST,
    LOOKS,
    STYLE,
    in_brackets,
    not_a_result,
    shortened,
    stretch,
)

MOST_ABREAST = 5
"""Panels in a line."""


@mpl.rc_context(STYLE)
def plot_board(board: pd.DataFrame, groups: Mapping[str, pd.DataFrame] | None = None) -> Figure:
    """Headline metrics of a board: a dot and its 95 % interval a method, a panel a metric.

    On the right: the rank that separable pairs leave open, and a column a tie group; methods that
    share a shaded column aren't separable.

    Parameters
    ----------
    board : DataFrame
        From `mirbench.boards.board`.
    groups : mapping of str to DataFrame, optional
        `mirbench.boards.by_group` of each headline metric: drawn as small dots where the board has
        too few groups for intervals.
    """
    metrics = board.attrs["metrics"]
    n = len(board)
    names = [shortened(method, LONGEST) for method in board["method"]]
    lines = math.ceil(len(metrics) / MOST_ABREAST)
    abreast = math.ceil(len(metrics) / lines)
    width = 1.2 + 0.065 * max(map(len, names)) + 2.6 * abreast
    height = 0.5 + lines * (0.6 + 0.27 * max(n, 3))
    figure = Figure(figsize=(width, height), layout="constrained")
    panels = figure.subplots(lines, abreast, sharey=True, squeeze=False).ravel()
    for unused in panels[len(metrics) :]:
        unused.set_visible(False)
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=5, lw=1.2, label=family)
        for family, (colour, marker) in LOOKS.items()
        if family in set(board["family"])
    ]
    for axes, metric in zip(panels, metrics):
        _dots(axes, board, metric["name"])
        if groups and metric["name"] in groups and board[f"{metric['name']} lo"].isna().all():
            own = groups[metric["name"]]
            for row, method in enumerate(board["method"]):
                values = own.loc[method].to_numpy(float)
                axes.plot(values, np.full(len(values), row), ".", color="#999999", ms=3, zorder=2)
        better = "higher" if metric["greater_is_better"] else "lower"
        axes.set_xlabel(f"{metric['name']}{in_brackets(metric['unit'])}\n{better} is better")
        axes.grid(axis="x", color="#dddddd", lw=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        if not (board[f"{metric['name']} lo"] < 0).any():  # a log axis has no room below 0
            stretch(
                axes,
                "x",
                board[metric["name"]],
                greater_is_better=metric["greater_is_better"],
                unit=metric["unit"],
            )
        if not metric["greater_is_better"] and axes.get_xscale() == "linear":
            axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    panels[0].set_yticks(range(n), names)
    panels[0].set_ylim(n - 0.5, -0.5)
    _ties(panels[abreast - 1], board)
    if groups and board.attrs["n_groups"] < board.attrs["min_groups"]:
        handles.append(Line2D([], [], color="#999999", marker=".", lw=0, label="a group"))
    figure.legend(
        handles=handles,
        loc="outside upper center",
        ncols=len(handles),
        frameon=False,
        title=not_a_result(board.attrs),
        title_fontsize=8,
    )
    return figure


def _ties(axes: Axes, board: pd.DataFrame) -> None:
    """Rank and tie letters to the right of a panel; x in hundredths of its width."""
    place = axes.get_yaxis_transform()
    every = sorted(set("".join(board["letters"])))
    if not every:
        return
    axes.text(1.06, -0.75, "rank", transform=place, fontsize=7, va="bottom")
    axes.text(1.24, -0.75, "ties", transform=place, fontsize=7, va="bottom")
    for row, (rank, letters) in enumerate(zip(board["rank"], board["letters"])):
        axes.text(1.06, row, rank, transform=place, va="center", fontsize=8)
        for letter in letters:
            x = 1.24 + 0.055 * every.index(letter)
            strip = Rectangle(
                (x, row - 0.5), 0.05, 1, transform=place, color="#e4e4e4", lw=0, clip_on=False
            )
            axes.add_patch(strip)
            axes.text(x + 0.025, row, letter, transform=place, va="center", ha="center", fontsize=8)


def _dots(axes: Axes, board: pd.DataFrame, name: str) -> None:
    columns = (board[name], board[f"{name} lo"], board[f"{name} hi"], board["family"])
    for row, (value, lo, hi, family) in enumerate(zip(*columns)):
        colour, marker = LOOKS.get(family, LOOKS["user"])
        if not math.isnan(lo):
            axes.plot([lo, hi], [row, row], color=colour, lw=1.4, solid_capstyle="butt", zorder=3)
        axes.plot(value, row, marker, color=colour, ms=5, zorder=4, clip_on=False)
