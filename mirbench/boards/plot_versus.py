"""Picture of a comparison: the difference class by class, and on how many items each is better."""

from __future__ import annotations

import math
from textwrap import wrap
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mirbench.boards.looks import LONGEST, STYLE, in_brackets, not_a_result, shortened
from mirbench.boards.versus import Comparison

COLOURS = {"a": "#0072B2", "ties": "#d9d9d9", "b": "#D55E00"}
MOST = 40
"""Classes drawn; of more, those that differ most."""

LEAST_SHARE = 0.05
"""Share of a bar that has room for its number."""


@mpl.rc_context(STYLE)
def plot_versus(found: Comparison, classes: pd.DataFrame) -> Figure:
    """Dots with 95 % intervals: all items first, then the classes from a's best to b's best.

    Beside each: the items on which one of the two is better, and ties.

    Parameters
    ----------
    found : Comparison
    classes : DataFrame
        From `mirbench.boards.class_differences.class_differences`.
    """
    about = classes.attrs
    sign = 1 if about["greater_is_better"] else -1
    split = classes[classes["label"] != "all"]
    largest = (-split["difference"].abs()).argsort(kind="stable")[:MOST]
    left_out = len(split) - len(largest)
    split = split.iloc[largest]
    split = split.iloc[(-sign * split["difference"]).argsort(kind="stable")]
    everything: dict[Any, Any] = {
        "label": "all",
        "n_items": int(classes["n_items"].sum()),
        "difference": found.difference.value,
        "lo": found.difference.lo,
        "hi": found.difference.hi,
        **{k: classes[k].sum() for k in ("a_wins", "b_wins", "ties")},
    }
    rows = [everything, *split.to_dict("records")]
    names = [shortened(f"{row['label']} ({row['n_items']})", LONGEST) for row in rows]
    winners = [
        found.winner and "ab"[found.winner == found.b],
        *(_apart(row, sign) for row in rows[1:]),
    ]
    width = 6.2 + 0.065 * max(map(len, names))
    figure = Figure(figsize=(width, 1.9 + 0.27 * len(rows)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    left.axvline(0, color="#999999", lw=0.8)
    for y, (row, winner) in enumerate(zip(rows, winners)):
        _dot(left, y, row, COLOURS.get(winner, "#666666"), bold=y == 0)
        _bar(right, y, row)
    left.set_yticks(range(len(rows)), names)
    left.set_ylim(len(rows) - 0.5, -0.5)
    side = "right" if sign > 0 else "left"
    unit = "points" if about["unit"] == "%" else about["unit"]
    left.set_xlabel(f"{found.metric}, a − b{in_brackets(unit)}\n{side} of 0: a is better")
    left.grid(axis="x", color="#dddddd", lw=0.6)
    left.set_axisbelow(True)
    right.set_xlabel("share of items on which each is better")
    right.set_xlim(0, 1)
    right.spines["bottom"].set_visible(False)
    right.set_xticks([])
    for axes in (left, right):
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    words = {"a": f"a: {found.a}", "b": f"b: {found.b}", "ties": "ties"}
    figure.legend(
        handles=[Patch(color=COLOURS[k], label=shortened(v, LONGEST)) for k, v in words.items()],
        loc="outside upper left",
        ncols=1,
        frameon=False,
        fontsize=8,
    )
    note = "Coloured classes: an interval without 0, not corrected for their number."
    if left_out:
        note += f" Of {len(split) + left_out} classes the {MOST} that differ most."
    said = [found.sentence, note if len(split) else "", not_a_result(about) or ""]
    lines = [line for text in said for line in wrap(text, int(14 * width))]
    figure.supxlabel(
        "\n".join(line.replace("$", r"\$") for line in lines), fontsize=8, x=0.01, ha="left"
    )
    return figure


def _apart(row: dict[Any, Any], sign: int) -> str:
    """Side whose advantage a class's own interval shows, ``""`` where it holds 0."""
    if not (row["lo"] > 0 or row["hi"] < 0):
        return ""
    return "a" if sign * row["difference"] > 0 else "b"


def _dot(axes: Axes, y: int, row: dict[Any, Any], colour: str, *, bold: bool) -> None:
    value, lo, hi = row["difference"], row["lo"], row["hi"]
    if math.isnan(value):
        return
    if not math.isnan(lo):
        axes.plot([lo, hi], [y, y], color=colour, lw=2.2 if bold else 1.4, solid_capstyle="butt")
    axes.plot(value, y, "D" if bold else "o", color=colour, ms=6 if bold else 5, clip_on=False)


def _bar(axes: Axes, y: int, row: dict[Any, Any]) -> None:
    counts = {"a": row["a_wins"], "ties": row["ties"], "b": row["b_wins"]}
    n = max(1, sum(counts.values()))
    start = 0.0
    for side, count in counts.items():
        share = count / n
        axes.barh(y, share, left=start, height=0.7, color=COLOURS[side], lw=0)
        if share >= LEAST_SHARE:
            ink = "black" if side == "ties" else "white"
            place = start + share / 2
            axes.text(place, y, str(int(count)), ha="center", va="center", fontsize=7, color=ink)
        start += share
