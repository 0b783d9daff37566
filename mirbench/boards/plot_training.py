"""The picture of how nets trained: losses over epochs, a panel a net."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mirbench.boards.looks import STYLE, not_a_result, shortened

WIDEST = 4
"""Panels in a row."""


@mpl.rc_context(STYLE)
def plot_training(curves: pd.DataFrame) -> Figure:
    """Training loss (solid) and held-out loss (dashed) by epoch.

    Parameters
    ----------
    curves : DataFrame
        From `mirbench.boards.training.training_curves`.
    """
    methods = list(dict.fromkeys(curves["method"]))
    columns = min(WIDEST, len(methods))
    rows = -(-len(methods) // columns)
    figure = Figure(figsize=(2.6 * columns, 0.4 + 2.1 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, method in zip(panels, methods):
        part = curves[curves["method"] == method]
        axes.plot(part["epoch"], part["train"], color="#0072B2", lw=1.4, label="training")
        if part["valid"].notna().any():
            axes.plot(part["epoch"], part["valid"], "--", color="#D55E00", lw=1.4, label="held out")
        told = part[["train", "valid"]].to_numpy()
        top = np.nanquantile(told, 0.95)
        axes.set_ylim(0, 1.15 * top if top > 0 else 1)
        axes.set_title(f"{shortened(method, 30)}\n{part['n_fits'].max()} fits", fontsize=7)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.grid(color="#dddddd", lw=0.6)
        axes.set_axisbelow(True)
    for axes in panels[len(methods) :]:
        axes.set_visible(False)
    panels[0].legend(frameon=False, fontsize=7)
    figure.supxlabel("epoch", fontsize=9)
    figure.supylabel("loss", fontsize=9)
    figure.suptitle(not_a_result(curves.attrs) or "", fontsize=8)
    return figure
