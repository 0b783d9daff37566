"""Heat maps of a cross-corpus matrix."""

from __future__ import annotations

import math
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from mirbench.boards.looks import LONGEST, STYLE, in_brackets, not_a_result, shortened


@mpl.rc_context(STYLE)
def plot_matrix(matrix: pd.DataFrame, columns: int = 3, drops: bool = False) -> Figure:
    """Heat maps of a cross-corpus matrix, a panel a method: training set down, test set across.

    Where all methods were trained on one set only: a single panel, methods down.

    Parameters
    ----------
    matrix : DataFrame
        From `mirbench.boards.matrix`.
    columns : int
        Panels in a row.
    drops : bool
        Show the drop instead of the score; its colours are centred on 0, red is worse.
    """
    down_is = "trained on"
    if matrix["source"].nunique() == 1:
        only = matrix["source"].iloc[0]
        matrix = matrix.assign(source=matrix["method"], method=f"trained on {only}")
        down_is = "method"
    methods = list(dict.fromkeys(matrix["method"]))
    sources = list(dict.fromkeys(matrix["source"]))
    tests = list(dict.fromkeys(matrix["test"]))
    tests = [t for t in sources if t in tests] + [t for t in tests if t not in sources]
    if drops:
        tests = [t for t in tests if matrix.loc[matrix["test"] == t, "drop"].notna().any()]
    columns = min(columns, len(methods))
    down = math.ceil(len(methods) / columns)
    width = 0.9 + columns * max(1.7, 1.05 * len(tests))
    figure = Figure(
        figsize=(width + 0.9, 0.9 + down * (0.75 + 0.6 * len(sources))), layout="constrained"
    )
    panels = figure.subplots(down, columns, squeeze=False, sharex=True, sharey=True)
    value = "drop" if drops else "value"
    ends = ("drop_lo", "drop_hi") if drops else ("lo", "hi")
    top = matrix[value].abs().max()
    low, high = (-top, top) if drops else (matrix[value].min(), matrix[value].max())
    better = matrix.attrs["greater_is_better"]
    colours = "RdBu_r" if drops else ("viridis" if better else "viridis_r")
    scale: Any = Normalize(low, high)
    if not drops and not better and low > 0 and high > 10 * low:
        scale = LogNorm(low, high)
    every = sorted(set(matrix["n_classes"]))
    for axes, method in zip(panels.flat, methods):
        part = matrix[matrix["method"] == method].set_index(["source", "test"])
        grid = np.array([[_at(part, s, t, value) for t in tests] for s in sources])
        image = axes.imshow(grid, cmap=colours, norm=scale, aspect="auto")
        for (i, j), cell in np.ndenumerate(grid):
            if math.isnan(cell):
                continue
            lo, hi = (_at(part, sources[i], tests[j], end) for end in ends)
            form = f"{'+' if drops else ''}.{matrix.attrs.get('digits', 1)}f"
            text = f"{cell:{form}}"
            if not math.isnan(lo):
                text += f"\n[{lo:{form}}, {hi:{form}}]"
            if len(every) > 1:
                text += f"\n{int(_at(part, sources[i], tests[j], 'n_classes'))} classes"
            red, green, blue, _ = image.cmap(image.norm(cell))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.55
            axes.text(
                j, i, text, ha="center", va="center", fontsize=6.5, color="w" if dark else "k"
            )
        axes.set_title(shortened(method, int(16 * width / columns / 1.1)))
        axes.set_xticks(range(len(tests)), [_wrapped(t) for t in tests], fontsize=7)
        names = [_wrapped(s) if down_is == "trained on" else shortened(s, LONGEST) for s in sources]
        axes.set_yticks(range(len(sources)), names, fontsize=7)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
    for axes in list(panels.flat)[len(methods) :]:
        axes.set_visible(False)
    figure.supylabel(down_is, fontsize=9)
    count = f" ({every[0]} classes)" if len(every) == 1 else ""
    figure.supxlabel(f"tested on{count}", fontsize=9)
    title = f"{'drop of ' if drops else ''}{matrix.attrs['metric']}"
    unit = "points" if drops and matrix.attrs["unit"] == "%" else matrix.attrs["unit"]
    bar = figure.colorbar(image, ax=panels, shrink=0.9, aspect=30, pad=0.01)
    bar.set_label(f"{title}{in_brackets(unit)}")
    if isinstance(scale, LogNorm):
        bar.ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        bar.ax.yaxis.set_major_formatter(lambda tick, _: f"{tick:g}")
        bar.ax.minorticks_off()
    bar.outline.set_visible(False)
    figure.suptitle(not_a_result(matrix.attrs) or "", fontsize=8)
    return figure


def _at(part: pd.DataFrame, source: str, test: str, column: str) -> float:
    return float(part[column].get((source, test), np.nan))


def _wrapped(name: str) -> str:
    """A corpus name over some lines, broken after ``-`` and before ``+``."""
    name, _, degradation = name.partition(" + ")
    lines = [""]
    for part in name.replace("-", "-\n").split("\n"):
        if len(lines[-1]) + len(part) > 14 and lines[-1]:
            lines.append("")
        lines[-1] += part
    return "\n".join([*lines, f"+ {degradation}"] if degradation else lines).replace("$", r"\$")
