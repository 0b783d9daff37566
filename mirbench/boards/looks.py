"""What all pictures of boards share: colours, files' bytes, axes that keep small errors apart.

Drawn on ``Figure`` objects without pyplot, so that no display or global state is needed; the same
figures give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator

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
LONGEST = 60
LEAST_ERROR = 0.1
"""Percentage points below 100 at which a stretched axis ends."""
TICKS = [0, 50, 80, 90, 95, 98, 99, 100 - LEAST_ERROR]


def image(figure: Figure, kind: str) -> bytes:
    """The figure as ``'svg'``, ``'png'`` (200 dpi) or ``'pdf'``, without a date."""
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
    sink = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(sink, format=kind, dpi=200, bbox_inches="tight", metadata=undated[kind])
    return sink.getvalue()


def in_brackets(unit: str) -> str:
    """`` (unit)``, or nothing where there is none."""
    return f" ({unit})" if unit else ""


def not_a_result(about: Mapping[Any, Any]) -> str | None:
    """What a picture of embedded corpora says over itself; None for real ones."""
    if about["evidence"] == "real":
        return None
    return f"{about['protocol']}: {about['evidence']} corpora, not a result"


def shortened(text: str, longest: int) -> str:
    """At most ``longest`` characters, no dollar read as mathematics."""
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return text.replace("$", r"\$")


def stretch(
    axes: Axes, which: Literal["x", "y"], values: Any, *, greater_is_better: bool, unit: str
) -> None:
    """A logarithmic axis of errors where the largest would squeeze the small ones together.

    That is where errors differ by more than ten times; the errors of percentages that are better the
    greater are what they lack of 100, and half of them must be 10 or less. Else the axis is left as
    it is. Percentages over 99.9 are drawn at 99.9. The axis' label says what was done.

    Parameters
    ----------
    axes : Axes
        All is drawn and labelled already.
    which : {"x", "y"}
    values : array-like
        What decides: the values drawn, without the ends of intervals; NaN is left out.
    greater_is_better : bool
    unit : str
        Percentages ("%") alone have a best value to measure errors from.
    """
    known = np.asarray(values, dtype=float).ravel()
    known = known[np.isfinite(known)]
    if greater_is_better:
        known = np.maximum(100 - known, LEAST_ERROR) if unit == "%" else known[:0]
    if not len(known) or known.min() <= 0 or known.max() <= 10 * known.min():
        return
    if greater_is_better and np.median(known) > 10:
        return
    axis = axes.xaxis if which == "x" else axes.yaxis
    scale = axes.set_xscale if which == "x" else axes.set_yscale
    if greater_is_better:
        scale("function", functions=(_of_percentage, _to_percentage))
        axis.set_major_locator(FixedLocator(TICKS))
        axis.set_major_formatter(lambda tick, _: _percentage(tick))
    else:
        scale("log")
        axes.autoscale_view()
        low, high = axis.get_view_interval()
        low = max(low, 0.05 * known.min())
        axis.set_view_interval(low, high, ignore=True)
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 500 * low else (1,)))
        axis.set_major_formatter(lambda tick, _: f"{tick:g}")
    axis.set_minor_locator(NullLocator())
    scaled = "log of 100 − x" if greater_is_better else "log scale"
    axis.set_label_text(f"{axis.get_label_text()}, {scaled}")


def _of_percentage(values: np.ndarray) -> np.ndarray:
    return -np.log10(np.maximum(100 - np.asarray(values, dtype=float), LEAST_ERROR))


def _to_percentage(logs: np.ndarray) -> np.ndarray:
    return 100 - 10 ** -np.asarray(logs, dtype=float)


def _percentage(tick: float) -> str:
    return f"≥{tick:g}" if tick >= 100 - LEAST_ERROR else f"{tick:g}"
