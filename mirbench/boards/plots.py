"""Pictures of boards: intervals, cross-corpus heat maps, learning curves.

Drawn on ``Figure`` objects without pyplot, so that no display or global state is needed; the same
figures give the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator

# Okabe & Ito's colours, which colour-blind readers can tell apart; markers repeat the distinction
LOOKS = {
    "hand-crafted": ("#0072B2", "o"),
    "deep": ("#D55E00", "s"),
    "baseline": ("#666666", "D"),
    "external": ("#CC79A7", "^"),
    "user": ("#009E73", "v"),
}
STYLE: Any = {
    "svg.hashsalt": "mirbench",
    "svg.fonttype": "path",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
}
LONGEST = 50


def image(figure: Figure, kind: str) -> bytes:
    """The figure as ``'svg'``, ``'png'`` (200 dpi) or ``'pdf'``, without a date."""
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
    sink = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(sink, format=kind, dpi=200, bbox_inches="tight", metadata=undated[kind])
    return sink.getvalue()


def _spread(axes: Axes, errors: pd.Series) -> None:
    """Errors on a logarithmic axis where the largest would squeeze the small ones together."""
    known = errors.dropna()
    if len(known) and known.min() > 0 and known.max() > 10 * known.min():
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.minorticks_off()
        axes.set_xlabel(f"{axes.get_xlabel()}, log scale")
    else:
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))


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
    figure = Figure(figsize=(3.4 + 2.6 * len(metrics), 1.1 + 0.27 * n), layout="constrained")
    panels = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
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
        axes.set_xlabel(f"{metric['name']}{_unit(metric['unit'])}\n{better} is better")
        axes.grid(axis="x", color="#dddddd", lw=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        if not metric["greater_is_better"]:
            _spread(axes, board[metric["name"]])
    panels[0].set_yticks(range(n), [_shorter(method, LONGEST) for method in board["method"]])
    panels[0].set_ylim(n - 0.5, -0.5)
    _ties(panels[-1], board)
    if groups and board.attrs["n_groups"] < board.attrs["min_groups"]:
        handles.append(Line2D([], [], color="#999999", marker=".", lw=0, label="a group"))
    figure.legend(
        handles=handles,
        loc="outside upper center",
        ncols=len(handles),
        frameon=False,
        title=_warning(board.attrs),
        title_fontsize=8,
    )
    return figure


def _unit(unit: str) -> str:
    return f" ({unit})" if unit else ""


def _warning(about: Mapping[Any, Any]) -> str | None:
    if about["evidence"] == "real":
        return None
    return f"{about['protocol']}: {about['evidence']} corpora, not a result"


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
        axes.plot(value, row, marker, color=colour, ms=5, zorder=4)


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
    colours = (
        "RdBu_r" if drops else ("viridis" if matrix.attrs["greater_is_better"] else "viridis_r")
    )
    for axes, method in zip(panels.flat, methods):
        part = matrix[matrix["method"] == method].set_index(["source", "test"])
        grid = np.array([[_at(part, s, t, value) for t in tests] for s in sources])
        image = axes.imshow(grid, cmap=colours, vmin=low, vmax=high, aspect="auto")
        for (i, j), cell in np.ndenumerate(grid):
            if math.isnan(cell):
                continue
            lo, hi = (_at(part, sources[i], tests[j], end) for end in ends)
            text = f"{cell:+.1f}" if drops else f"{cell:.1f}"
            if not math.isnan(lo):
                text += f"\n[{lo:+.1f}, {hi:+.1f}]" if drops else f"\n[{lo:.1f}, {hi:.1f}]"
            text += f"\n{int(_at(part, sources[i], tests[j], 'n_classes'))} classes"
            red, green, blue, _ = image.cmap(image.norm(cell))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.55
            axes.text(
                j, i, text, ha="center", va="center", fontsize=6.5, color="w" if dark else "k"
            )
        axes.set_title(_shorter(method, int(16 * width / columns / 1.1)))
        axes.set_xticks(range(len(tests)), [_wrapped(t) for t in tests], fontsize=7)
        axes.set_yticks(range(len(sources)), [_wrapped(s) for s in sources], fontsize=7)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
    for axes in list(panels.flat)[len(methods) :]:
        axes.set_visible(False)
    figure.supylabel(down_is, fontsize=9)
    figure.supxlabel("tested on", fontsize=9)
    title = f"{'drop of ' if drops else ''}{matrix.attrs['metric']}"
    unit = "points" if drops and matrix.attrs["unit"] == "%" else matrix.attrs["unit"]
    bar = figure.colorbar(image, ax=panels, shrink=0.9, aspect=30, pad=0.01)
    bar.set_label(f"{title}{_unit(unit)}")
    bar.outline.set_visible(False)
    figure.suptitle(_warning(matrix.attrs) or "", fontsize=8)
    return figure


def _at(part: pd.DataFrame, source: str, test: str, column: str) -> float:
    return float(part[column].get((source, test), np.nan))


def _shorter(text: str, longest: int) -> str:
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return text.replace("$", r"\$")


def _wrapped(name: str) -> str:
    """A corpus name over some lines, broken after ``-`` and before ``+``."""
    name, _, degradation = name.partition(" + ")
    lines = [""]
    for part in name.replace("-", "-\n").split("\n"):
        if len(lines[-1]) + len(part) > 14 and lines[-1]:
            lines.append("")
        lines[-1] += part
    return "\n".join([*lines, f"+ {degradation}"] if degradation else lines).replace("$", r"\$")


@mpl.rc_context(STYLE)
def plot_curve(curve: pd.DataFrame) -> Figure:
    """Learning curves: metric against number of training items, with 95 % intervals.

    Parameters
    ----------
    curve : DataFrame
        From `mirbench.boards.curve`, of one test set.
    """
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    axes = figure.subplots()
    methods = list(dict.fromkeys(curve["method"]))
    styles = ("-", "--", ":", "-.")
    of_family: dict[str, int] = {}
    for i, method in enumerate(methods):
        part = curve[curve["method"] == method].sort_values("size")
        family = part["family"].iloc[0]
        colour, marker = LOOKS.get(family, LOOKS["user"])
        nth = of_family.setdefault(family, 0)
        of_family[family] += 1
        style = styles[nth % len(styles)]
        face = colour if nth < len(styles) else "white"
        # methods stand side by side at each size, so that their intervals don't hide each other
        x = part["size"].to_numpy(float) * 1.03 ** (i - (len(methods) - 1) / 2)
        value = part["value"].to_numpy(float)
        axes.vlines(x, part["lo"], part["hi"], color=colour, lw=0.9, alpha=0.7)
        label = _shorter(method, LONGEST)
        axes.plot(x, value, style, color=colour, marker=marker, ms=4, mfc=face, lw=1.2, label=label)
    axes.set_xscale("log")
    sizes = sorted(set(curve["size"]))
    axes.set_xticks(sizes, [str(s) for s in sizes])
    axes.minorticks_off()
    axes.set_xlabel("training items (log scale)")
    axes.set_ylabel(f"{curve.attrs['metric']}{_unit(curve.attrs['unit'])}")
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    figure.legend(loc="outside right upper", frameon=False, fontsize=7)
    figure.suptitle(_warning(curve.attrs) or "", fontsize=8)
    return figure
