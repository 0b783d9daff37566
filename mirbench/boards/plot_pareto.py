"""Picture of accuracy against cost: which methods nothing beats in both."""

from __future__ import annotations

from collections.abc import Collection
from math import ceil

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import ArrayLike

from mirbench.boards.cells import seconds, size
from mirbench.boards.looks import LOOKS, STYLE, in_brackets, not_a_result, shortened, stretch
from mirbench.boards.table import whole_cost

COSTS = {
    "multiply_adds": "multiply-adds, one item or excerpt",
    "n_params": "parameters",
    "seconds": "time to describe, train and answer, mean of a cell",
}
"""What a method can cost, and its axis."""
APART = 1.05
"""Times the least cost that the greatest must be for a panel: nets of one size need none."""
MANY = 26
"""Methods that can be told apart by numbers."""
NAME = 44
"""Characters of a method in the key."""
COLUMN = 26
"""Methods in a column of the key."""
PLACES = [(r * np.cos(a), r * np.sin(a)) for r in (9, 14, 20) for a in np.arange(8) * np.pi / 4]
"""Where a number may stand beside its mark (points), the nearest first."""


def costs(board: pd.DataFrame) -> pd.DataFrame:
    """Costs of each method of a board, a column each of ``COSTS`` in which methods differ."""
    known = pd.DataFrame(
        {
            "multiply_adds": board["multiply_adds"],
            "n_params": board["n_params"],
            "seconds": board.apply(whole_cost, axis=1),
        },
        index=board.index,
    ).astype(float)
    known = known.where(known > 0)
    return known[[c for c in known if known[c].max() > APART * known[c].min()]]


def frontier(cost: ArrayLike, value: ArrayLike, greater_is_better: bool) -> list[int]:
    """Positions of the methods that none beats in both, by rising cost; NaN is left out."""
    goodness = np.asarray(value, dtype=float) * (1 if greater_is_better else -1)
    price = np.asarray(cost, dtype=float)
    known = np.flatnonzero(np.isfinite(price) & np.isfinite(goodness))
    order = known[np.lexsort((-goodness[known], price[known]))]
    best = np.maximum.accumulate(goodness[order])
    first = np.append(True, best[1:] > best[:-1])[: len(order)]
    return [int(i) for i in order[first]]


@mpl.rc_context(STYLE)
def plot_pareto(board: pd.DataFrame) -> Figure:
    """The first headline metric against each cost, a panel each; the frontier is a line.

    Methods are numbered in the board's order; the key beside the panels names them, those on a frontier
    in bold. Of over `MANY` methods those on a frontier alone are numbered and named.

    Parameters
    ----------
    board : DataFrame
        From `mirbench.boards.board`, with a cost in which methods differ; see `costs`.
    """
    metric, known = board.attrs["metrics"][0], costs(board)
    kept = {i for column in known for i in _front(board, known[column].to_numpy())}
    shown = range(len(board)) if len(board) <= MANY else sorted(kept)
    names = {i: shortened(board["method"].iloc[i], NAME) for i in shown}
    n, columns = len(shown), ceil(len(shown) / COLUMN)
    key = 0.3 + columns * (0.5 + 0.058 * max(map(len, names.values())))
    width = 3.7 * known.shape[1]
    height = max(3.8, 0.9 + 0.15 * min(n, COLUMN))
    figure = Figure(figsize=(width + key, height))
    panels = figure.subplots(1, known.shape[1], sharey=True, squeeze=False)[0]
    left = 0.75 / (width + key)
    figure.subplots_adjust(
        left, 0.62 / height, width / (width + key), 1 - 0.62 / height, wspace=0.1
    )
    better = "higher" if metric["greater_is_better"] else "lower"
    panels[0].set_ylabel(f"{metric['name']}{in_brackets(metric['unit'])}, {better} is better")
    for axes, column in zip(panels, known):
        _panel(axes, board, known[column].to_numpy(), str(column))
    values = board.loc[known.notna().any(axis=1), metric["name"]]
    up, unit = metric["greater_is_better"], metric["unit"]
    stretch(panels[0], "y", values, greater_is_better=up, unit=unit)
    for axes, column in zip(panels, known):
        _numbers(axes, known[column].to_numpy(), board[metric["name"]].to_numpy(float), shown)
    for row, (i, name) in enumerate(names.items()):
        place = (0.25 + row // COLUMN * (key - 0.3) / columns + width) / (width + key)
        level = 1 - (0.62 + 0.15 * (row % COLUMN)) / height
        bold = "bold" if i in kept else "normal"
        colour = LOOKS.get(board["family"].iloc[i], LOOKS["user"])[0]
        for x, text, look in ((0.0, str(i + 1), colour), (0.24 / (width + key), name, "black")):
            figure.text(place + x, level, text, fontsize=7, va="top", weight=bold, color=look)
    figure.legend(
        handles=[
            Line2D([], [], color=c, marker=m, ms=5, lw=0, label=family)
            for family, (c, m) in LOOKS.items()
            if family in set(board["family"])
        ],
        loc="upper left",
        bbox_to_anchor=(left, 1),
        ncols=len(LOOKS),
        frameon=False,
        title=not_a_result(board.attrs),
        title_fontsize=8,
    )
    return figure


def _front(board: pd.DataFrame, cost: np.ndarray) -> list[int]:
    """Positions of the methods on the frontier of a cost."""
    metric = board.attrs["metrics"][0]
    return frontier(cost, board[metric["name"]], metric["greater_is_better"])


def _panel(axes: Axes, board: pd.DataFrame, cost: np.ndarray, column: str) -> None:
    """Draw one panel."""
    value = board[board.attrs["metrics"][0]["name"]].to_numpy(dtype=float)
    front = _front(board, cost)
    axes.plot(cost[front], value[front], color="#999999", lw=1.2, zorder=2, drawstyle="steps-post")
    for family in dict.fromkeys(board["family"]):
        colour, marker = LOOKS.get(family, LOOKS["user"])
        own = (board["family"] == family).to_numpy()
        axes.plot(cost[own], value[own], marker, color=colour, ms=5, zorder=3)
    axes.set_xscale("log")
    axes.margins(0.1)
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 150 * low else (1,)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    said = seconds if column == "seconds" else size
    axes.xaxis.set_major_formatter(lambda tick, _: said(tick))
    axes.set_xlabel(COSTS[column])
    axes.grid(color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)


def _numbers(axes: Axes, cost: np.ndarray, value: np.ndarray, shown: Collection[int]) -> None:
    """The number of each method shown beside its mark, where it covers least of marks and other numbers."""
    points = axes.transData.transform(np.column_stack([cost, value])) * 72 / axes.figure.dpi
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    taken = [points[i] for i in known]
    for i in (i for i in known if i in shown):
        tried = [points[i] + place for place in PLACES]
        away = [min(float(np.hypot(*((at - other) / (1.2, 1)))) for other in taken) for at in tried]
        free = next((k for k, distance in enumerate(away) if distance > 8), int(np.argmax(away)))
        taken.append(tried[free])
        axes.annotate(
            str(i + 1),
            (cost[i], value[i]),
            PLACES[free],
            textcoords="offset points",
            fontsize=7,
            ha="center",
            va="center",
            arrowprops={"arrowstyle": "-", "lw": 0.4, "color": "#999999"} if free > 7 else None,
        )
