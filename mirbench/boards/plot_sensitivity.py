"""The picture of protocol sensitivity: one method, the same clips, split in three ways."""

from __future__ import annotations

from typing import Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mirbench.boards.looks import LONGEST, LOOKS, STYLE, in_brackets, not_a_result, shortened

FACES: tuple[Literal["full", "left", "none"], ...] = ("full", "left", "none")
"""Filled: the main folds; half and open: folds that share more and more."""


@mpl.rc_context(STYLE)
def plot_sensitivity(splits: pd.DataFrame, chance: float | None = None) -> Figure:
    """Each method's value under each split, with 95 % intervals by group.

    Parameters
    ----------
    splits : DataFrame
        From `mirbench.boards.sensitivity.sensitivity`.
    chance : float, optional
        Value of a method that hears nothing, as a line.
    """
    methods = list(dict.fromkeys(splits["method"]))
    kinds = list(dict.fromkeys(splits["split"]))
    names = [shortened(method, LONGEST) for method in methods]
    width = 4.4 + 0.065 * max(map(len, names))
    figure = Figure(figsize=(width, 1.5 + 0.34 * len(methods)), layout="constrained")
    axes = figure.subplots()
    if chance is not None:
        axes.axvline(chance, color="#999999", lw=0.8, ls=":")
    shifts = np.linspace(-0.2, 0.2, len(kinds))
    for row, method in enumerate(methods):
        part = splits[splits["method"] == method].set_index("split").loc[kinds]
        colour, marker = LOOKS.get(part["family"].iloc[0], LOOKS["user"])
        for kind, shift, face in zip(kinds, shifts, FACES):
            one = part.loc[kind]
            axes.plot([one["lo"], one["hi"]], [row + shift] * 2, color=colour, lw=1, alpha=0.6)
            (mark,) = axes.plot(one["value"], row + shift, marker, zorder=3, color=colour, ms=6)
            mark.set_fillstyle(face)
            mark.set_markerfacecoloralt("white")
    axes.set_yticks(range(len(methods)), names)
    axes.set_ylim(len(methods) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    about = splits.attrs
    axes.set_xlabel(f"{about['metric']}{in_brackets(about['unit'])}")
    said = [f"{word}: {kind}" for word, kind in zip(("filled", "half", "open"), _named(kinds))]
    title = "same clips; " + ", ".join(said)
    figure.suptitle("\n".join(filter(None, (not_a_result(about), title))), fontsize=8)
    return figure


def _named(kinds: list[str]) -> list[str]:
    """The main folds are named after their corpus: said as what they are."""
    return ["folds by artist", *kinds[1:]]
