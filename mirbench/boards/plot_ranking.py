"""Pictures of ranked lists: hubs, and what a filter takes away."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import skew

from mirbench.boards.looks import LONGEST, LOOKS, STYLE, not_a_result, shortened
from mirbench.metrics.hubs import K

LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00")


@mpl.rc_context(STYLE)
def plot_hubs(met: pd.DataFrame) -> Figure:
    """How often tracks are among the 5 nearest of others, from the most met to those never met.

    Parameters
    ----------
    met : DataFrame
        From `mirbench.boards.ranking.met`, of at most six methods.
    """
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    axes = figure.subplots()
    for i, (method, part) in enumerate(met.groupby("method", sort=False)):
        times = np.sort(part["N"].to_numpy())[::-1]
        share = 100 * (np.arange(len(times)) + 0.5) / len(times)
        unequal = skew(times) if times.std() > 0 else 0.0
        label = f"{shortened(str(method), LONGEST)}\nhubness {unequal:.2f}, never met {np.mean(times == 0):.0%}"
        axes.plot(
            share, times, ls=LINES[i], color=COLOURS[i], lw=1.4, label=label, drawstyle="steps-mid"
        )
    axes.axhline(K, color="#999999", lw=0.8)
    axes.text(100, K, f"all alike: {K}", fontsize=7, color="#666666", ha="right", va="bottom")
    axes.set_xlim(0, 100)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("tracks, the most met first (%)")
    axes.set_ylabel(f"lists of {K} nearest that hold the track")
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    figure.legend(loc="outside right upper", frameon=False, fontsize=7, labelspacing=0.9)
    figure.suptitle(not_a_result(met.attrs) or "", fontsize=8)
    return figure


@mpl.rc_context(STYLE)
def plot_filters(filtered: pd.DataFrame, metrics: tuple[str, ...]) -> Figure:
    """Each method with the filter (filled) and without it (open), a panel a metric.

    Parameters
    ----------
    filtered : DataFrame
        From `mirbench.boards.ranking.filtered`.
    metrics : tuple of str
    """
    methods = list(dict.fromkeys(filtered["method"]))
    names = [shortened(method, LONGEST) for method in methods]
    width = 1.0 + 0.065 * max(map(len, names)) + 2.6 * len(metrics)
    figure = Figure(figsize=(width, 1.3 + 0.27 * len(methods)), layout="constrained")
    panels = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    for axes, metric in zip(panels, metrics):
        part = filtered[filtered["metric"] == metric].set_index("method").loc[methods]
        for row, (_, of) in enumerate(part.iterrows()):
            colour, marker = LOOKS.get(of["family"], LOOKS["user"])
            ends = (of["filtered"], of["value"])
            axes.plot(ends, (row, row), color="#bbbbbb", lw=1, zorder=1)
            for side, face, shift in (("filtered", colour, 0.13), ("", "white", -0.13)):
                value = of[side or "value"]
                lo, hi = (of[f"{side}_{end}" if side else end] for end in ("lo", "hi"))
                axes.plot([lo, hi], [row + shift] * 2, color=colour, lw=1, alpha=0.6, zorder=2)
                axes.plot(value, row, marker, color=colour, mfc=face, ms=5, zorder=3)
        axes.set_xlabel(f"{metric} (%)")
        axes.grid(axis="x", color="#dddddd", lw=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    panels[0].set_yticks(range(len(methods)), names)
    panels[0].set_ylim(len(methods) - 0.5, -0.5)
    without = filtered["filter"].iloc[0]
    about = not_a_result(filtered.attrs)
    n, groups = filtered["n_items"].iloc[0], filtered["n_groups"].iloc[0]
    title = f"filled: with the {without}; open: without it; {n} queries of {groups} artists"
    figure.suptitle("\n".join(filter(None, (about, title))), fontsize=8)
    return figure
