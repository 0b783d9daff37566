"""Critical-difference diagram: mean ranks over protocols, and who is tied with whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from mirbench.boards.looks import LONGEST, LOOKS, STYLE, not_a_result, shortened
from mirbench.stats.critical import Critical

STEP = 0.17  # inches a column of ties
GAP = 0.25


@mpl.rc_context(STYLE)
def plot_cd(
    found: Critical, about: Mapping[Any, Any], families: Mapping[str, str] | None = None
) -> Figure:
    """A dot a method at its mean rank; the bar above is as long as the critical difference.

    On the right a shaded column a tie group, first after Nemenyi, then after Wilcoxon and Holm;
    methods that share a column aren't separable.

    Parameters
    ----------
    found : Critical
        From `mirbench.stats.critical_difference`.
    about : mapping
        ``attrs`` of `mirbench.boards.across.across`: ``evidence``, ``protocol``, ``note``.
    families : mapping of str to str, optional
        Family of each method, for its colour.
    """
    n = len(found.methods)
    names = [shortened(method, LONGEST) for method in found.methods]
    ties = [("Nemenyi", found.nemenyi_letters), ("Wilcoxon, Holm", found.wilcoxon_letters)]
    widths = [GAP + max(0.8, STEP * len(set("".join(letters)))) for _, letters in ties]
    ranks_width = 3.4
    width = 0.6 + 0.065 * max(map(len, names)) + ranks_width + sum(widths)
    figure = Figure(figsize=(width, 1.7 + 0.27 * n), layout="constrained")
    axes, *strips = figure.subplots(
        1, 3, sharey=True, squeeze=False, width_ratios=[ranks_width, *widths]
    )[0]
    for row, (method, rank) in enumerate(zip(found.methods, found.mean_ranks)):
        colour, marker = LOOKS[(families or {}).get(method, "user")]
        axes.plot([1, rank], [row, row], color="#dddddd", lw=0.8, zorder=1)
        axes.plot(rank, row, marker, color=colour, ms=5, zorder=3)
    axes.set_yticks(range(n), names)
    axes.set_ylim(n - 0.5, -1.6)
    reach = min(found.difference, n - 1.0)
    cut = "" if reach == found.difference else ", more than the axis"
    axes.plot([1, 1 + reach], [-1, -1], color="black", lw=1.4, marker="|", ms=6)
    axes.text(1, -1.2, f"critical difference {found.difference:.2f}{cut}", fontsize=7, va="bottom")
    axes.set_xlim(0.9, n + 0.1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(f"mean rank over {found.n_blocks} protocols\n1 is best")
    axes.grid(axis="x", color="#eeeeee", lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for strip, (title, letters), inches in zip(strips, ties, widths):
        _ties(strip, title, letters, inches)
    p = "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}"
    said = [not_a_result(about), f"Friedman's test: {p}", about.get("note")]
    lines = [line for text in said if text for line in wrap(text, max(40, int(13 * width)))]
    figure.suptitle("\n".join(lines), fontsize=8, x=0.01, ha="left")
    return figure


def _ties(axes: Axes, title: str, letters: Sequence[str], inches: float) -> None:
    every = sorted(set("".join(letters)))
    step = STEP / inches
    for row, own in enumerate(letters):
        for letter in own:
            x = step * every.index(letter)
            axes.add_patch(Rectangle((x, row - 0.5), 0.9 * step, 1, color="#e4e4e4", lw=0))
            axes.text(x + 0.45 * step, row, letter, va="center", ha="center", fontsize=8)
    axes.text(0, -0.75, f"ties, {title}", fontsize=7, va="bottom")
    axes.set_xlim(0, 1)
    axes.axis("off")
