"""Picture of learning curves."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
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

COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's without yellow: a method each, for most curves are of one family, which the mark tells."""
STYLES = ("-", "--", ":")


@mpl.rc_context(STYLE)
def plot_curve(curve: pd.DataFrame) -> Figure:
    """Learning curves: metric against number of training items, or of labels a class, with 95 % intervals.

    A colour a method, a mark a family.

    Parameters
    ----------
    curve : DataFrame
        From `mirbench.boards.curve`.
    """
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    axes = figure.subplots()
    methods = list(dict.fromkeys(curve["method"]))
    for i, method in enumerate(methods):
        part = curve[curve["method"] == method].sort_values("size")
        marker = LOOKS.get(part["family"].iloc[0], LOOKS["user"])[1]
        colour = COLOURS[i % len(COLOURS)]
        style = STYLES[i // len(COLOURS) % len(STYLES)]
        # methods stand side by side at each size, so that their intervals don't hide each other
        x = part["size"].to_numpy(float) * 1.03 ** (i - (len(methods) - 1) / 2)
        value = part["value"].to_numpy(float)
        axes.vlines(x, part["lo"], part["hi"], color=colour, lw=0.9, alpha=0.7)
        label = shortened(method, LONGEST)
        axes.plot(x, value, style, color=colour, marker=marker, ms=4, lw=1.2, label=label)
    axes.set_xscale("log")
    sizes = sorted(set(curve["size"]))
    axes.set_xticks(sizes, [str(s) for s in sizes])
    axes.minorticks_off()
    axes.set_xlabel(f"{curve.attrs['size']} (log scale)")
    axes.set_ylabel(f"{curve.attrs['metric']}{in_brackets(curve.attrs['unit'])}")
    stretch(
        axes,
        "y",
        curve["value"],
        greater_is_better=curve.attrs["greater_is_better"],
        unit=curve.attrs["unit"],
    )
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    figure.legend(loc="outside right upper", frameon=False, fontsize=7)
    figure.suptitle(not_a_result(curve.attrs) or "", fontsize=8)
    return figure
