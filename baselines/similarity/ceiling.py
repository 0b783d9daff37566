"""The glass ceiling: a better model of timbre soon stops helping (Aucouturier & Pachet 2004).

Their search over coefficients and components gained 15 points of R-precision over the first system
and came to rest at about 65 % (abstract); ours repeats the search on another collection, so that
its shape can be compared and its height can't.
"""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from mirbench.boards.judge import Judge
from mirbench.boards.looks import STYLE

CHANCE = "random-order"
METHOD = "aucouturier-pachet-2004"
STANDARD = {"n_components": 50, "n_mfcc": 20}
AXES = {"n_components": "Gaussians a track (20 MFCC)", "n_mfcc": "MFCC (50 Gaussians a track)"}


def ceiling(judge: Judge, metric: str = "R-precision") -> pd.DataFrame:
    """Value and interval of each size of the model: ``parameter``, ``size``, ``value``, ``lo``, ``hi``."""
    rows = []
    for spec, records in judge.methods.items():
        params = dict(records[0].identity["params"])
        if records[0].identity["method"] != METHOD or not params.keys() <= STANDARD.keys():
            continue
        found = judge.interval(spec, judge.metric(metric), judge.main)
        for name in params or STANDARD:
            size = params.get(name, STANDARD[name])
            row = {"parameter": name, "size": size, "value": found.value}
            rows.append(row | {"lo": found.lo, "hi": found.hi})
    table = pd.DataFrame(rows).sort_values(["parameter", "size"], ignore_index=True)
    table.attrs = judge.about(judge.metric(metric))
    if CHANCE in judge.methods:
        table.attrs["chance"] = judge.interval(CHANCE, judge.metric(metric), judge.main).value
    return table


@mpl.rc_context(STYLE)
def plot_ceiling(table: pd.DataFrame) -> Figure:
    """Value over size, a panel a parameter, 95 % intervals by artist."""
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    panels = figure.subplots(1, len(AXES), sharey=True)
    for axes, (parameter, label) in zip(panels, AXES.items()):
        part = table[table["parameter"] == parameter]
        axes.vlines(part["size"], part["lo"], part["hi"], color="#0072B2", lw=1, alpha=0.6)
        axes.plot(part["size"], part["value"], "-o", color="#0072B2", ms=4, lw=1.2)
        if "chance" in table.attrs:
            axes.axhline(table.attrs["chance"], color="#666666", lw=0.9, ls="--")
            axes.text(
                part["size"].min(), table.attrs["chance"], "random order", fontsize=7, va="top"
            )
        axes.set_xscale("log")
        axes.set_xticks(part["size"], [str(s) for s in part["size"]])
        axes.minorticks_off()
        axes.set_xlabel(label)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", color="#dddddd", lw=0.6)
        axes.set_axisbelow(True)
    panels[0].set_ylabel(f"{table.attrs['metric']} (%), {table.attrs['protocol']}")
    return figure
