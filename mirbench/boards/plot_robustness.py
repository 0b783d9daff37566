"""Picture of a robustness sweep: a panel a kind of degradation, a line a method."""

from __future__ import annotations

import math

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mirbench.boards.looks import (
    LONGEST,
    LOOKS,
    STYLE,
    in_brackets,
    not_a_result,
    shortened,
    stretch,
)
from mirbench.degradation_names import KINDS, parse

LINES = ("-", "--", ":", "-.")
DRAWN = 2 * len(LINES)  # of a family: as many as lines and hollow markers tell apart
SPREAD = 0.36  # of a step: methods side by side, so that their intervals don't hide each other


@mpl.rc_context(STYLE)
def plot_robustness(swept: pd.DataFrame, columns: int = 3) -> Figure:
    """Metric against strength, with 95 % intervals by group.

    Strengths stand at equal steps, from mild to severe; the clean items (shaded) come first, or in
    between where the value that changes nothing does (level, pitch, length). Of a family the best
    8 methods are drawn. See `mirbench.boards.looks.stretch` for the axis.

    Parameters
    ----------
    swept : DataFrame
        From `mirbench.boards.robustness`.
    columns : int
        Panels in a row.
    """
    looks = _looks(swept)
    swept = swept[swept["method"].isin(looks)]
    kinds = list(dict.fromkeys(swept["kind"]))
    columns = min(columns, len(kinds))
    down = math.ceil(len(kinds) / columns)
    above = len(looks) <= 2 * columns  # few names stand above, many at the side
    width, height = 1.0 + 2.7 * columns, 0.7 + 2.3 * down
    size = (width, height) if above else (width + 2.2, max(height, 0.6 + 0.19 * len(looks)))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(down, columns, squeeze=False, sharey=True)
    for axes, kind in zip(panels.flat, kinds):
        _panel(axes, swept[swept["kind"] == kind], looks)
    for axes in list(panels.flat)[len(kinds) :]:
        axes.set_visible(False)
    for row in panels:
        row[0].set_ylabel(f"{swept.attrs['metric']}{in_brackets(swept.attrs['unit'])}")
    if not swept.attrs["greater_is_better"]:
        stretch(
            panels[0, 0],  # the others share its axis
            "y",
            swept[["value", "clean"]],
            greater_is_better=False,
            unit=swept.attrs["unit"],
        )
    handles, labels = panels.flat[0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside upper center" if above else "outside right upper",
        ncols=min(len(labels), columns) if above else 1,
        frameon=False,
        fontsize=7,
        handlelength=3.2,
        title=not_a_result(swept.attrs) if above else None,
        title_fontsize=8,
    )
    if not above:
        figure.suptitle(not_a_result(swept.attrs) or "", fontsize=8)
    return figure


def _looks(swept: pd.DataFrame) -> dict[str, tuple[str, str, str, str]]:
    """Colour, marker, its filling and line style of each method drawn: the family's, told apart."""
    looks = {}
    seen: dict[str, int] = {}
    for method, family in swept.drop_duplicates("method")[["method", "family"]].itertuples(
        index=False
    ):
        colour, marker = LOOKS.get(family, LOOKS["user"])
        nth = seen.get(family, 0)
        seen[family] = nth + 1
        if nth >= DRAWN:
            continue
        looks[method] = (colour, marker, colour if nth < len(LINES) else "white", LINES[nth % 4])
    return looks


def _panel(axes: Axes, part: pd.DataFrame, looks: dict[str, tuple[str, str, str, str]]) -> None:
    names = list(dict.fromkeys(part["degradation"]))
    steps = parse(names[0])
    at = sum(
        step.kind.neutral is not None and parse(name)[0].value < step.kind.neutral
        for name in names
        for step in steps[:1]
        if len(steps) == 1
    )
    ticks = [*names[:at], "", *names[at:]]
    for i, (method, (colour, marker, face, line)) in enumerate(looks.items()):
        own = part[part["method"] == method].set_index("degradation")
        first = own.iloc[0]
        points = [
            (first["clean"], first["clean_lo"], first["clean_hi"])
            if name == ""
            else tuple(own.loc[name, ["value", "lo", "hi"]])
            for name in ticks
        ]
        value, lo, hi = np.array(points, dtype=float).T
        x = np.arange(len(ticks)) + SPREAD * ((i + 0.5) / len(looks) - 0.5)
        axes.vlines(x, lo, hi, color=colour, lw=0.9, alpha=0.7)
        axes.plot(
            x,
            value,
            line,
            color=colour,
            marker=marker,
            ms=4,
            mfc=face,
            lw=1.2,
            label=shortened(method, LONGEST),
        )
    axes.axvspan(at - 0.5, at + 0.5, color="#eeeeee", lw=0, zorder=0)
    axes.set_xlim(-0.5, len(ticks) - 0.5)
    axes.set_xticks(range(len(ticks)), [_strength(name) for name in ticks])
    axes.set_xlabel(" | ".join(_axis(step.kind.name) for step in steps))
    axes.tick_params(axis="y", labelleft=True)
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)


def _strength(name: str) -> str:
    """The values of a name as it writes them; ``clean`` for none."""
    return " | ".join(step.text.replace("-", "−") for step in parse(name)) or "clean"


def _axis(kind: str) -> str:
    return f"{KINDS[kind].title} ({KINDS[kind].unit})"
