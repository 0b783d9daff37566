"""Drawing of confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mirbench.boards.looks import STYLE, not_a_result


@mpl.rc_context(STYLE)
def plot_confusion(tables: Sequence[pd.DataFrame]) -> Figure:
    """Confusion matrices side by side: each row as percentages of its truth, families boxed.

    Parameters
    ----------
    tables : sequence of DataFrame
        From `mirbench.boards.confusion`, a method each.
    """
    size = 1.4 + 0.26 * max(len(table) for table in tables)
    figure = Figure(figsize=(size * len(tables) + 0.8, size + 0.3), layout="constrained")
    panels = figure.subplots(1, len(tables), squeeze=False)[0]
    for axes, table in zip(panels, tables):
        counts = table.to_numpy(float)
        totals = counts.sum(axis=1, keepdims=True)
        share = 100 * np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
        picture = axes.imshow(share, cmap="Blues", vmin=0, vmax=100)
        for (i, j), value in np.ndenumerate(share):
            if value >= 0.5:
                colour = "w" if value > 55 else "k"
                axes.text(j, i, f"{value:.0f}", ha="center", va="center", fontsize=6, color=colour)
        names = [name.replace("_", " ") for name in table.index]
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
        axes.set_yticks(range(len(names)), names, fontsize=7)
        axes.tick_params(length=0)
        for first, length in _runs(table.attrs["families"]):
            box = Rectangle(
                (first - 0.5, first - 0.5),
                length,
                length,
                fill=False,
                ec="#D55E00",
                lw=1.2,
                clip_on=False,
            )
            axes.add_patch(box)
        axes.set_title(table.attrs["method"])
        axes.set_xlabel("decision")
    panels[0].set_ylabel("truth")
    bar = figure.colorbar(picture, ax=panels, shrink=0.6, aspect=30, pad=0.01)
    bar.set_label("share of the truth (%)")
    bar.outline.set_visible(False)
    figure.suptitle(not_a_result(tables[0].attrs) or "", fontsize=8)
    return figure


def _runs(names: Sequence[str]) -> list[tuple[int, int]]:
    """First position and length of each run of equal names."""
    firsts = [i for i, name in enumerate(names) if i == 0 or names[i - 1] != name]
    return [(a, b - a) for a, b in zip(firsts, [*firsts[1:], len(names)])]
