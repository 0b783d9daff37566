"""Figures as text."""

from __future__ import annotations

import math

DASH = "–"


def number(value: float, digits: int = 1) -> str:
    """``'5.9'``; a dash for NaN."""
    return DASH if math.isnan(value) else f"{round(value, digits) + 0.0:.{digits}f}"


def with_interval(value: float, lo: float, hi: float, digits: int = 1) -> str:
    """``'5.9 [3.7, 9.2]'``; without brackets where there is no interval."""
    if math.isnan(lo) or math.isnan(hi):
        return number(value, digits)
    return f"{value:.{digits}f} [{lo:.{digits}f}, {hi:.{digits}f}]"


def seconds(value: float) -> str:
    """``'44 ms'``, ``'3.1 s'``, ``'12 min'``, ``'2.4 h'``; a dash for NaN."""
    if math.isnan(value):
        return DASH
    for limit, unit, name in ((1, 1e-3, "ms"), (120, 1, "s"), (7200, 60, "min")):
        if value < limit:
            return f"{value / unit:.3g} {name}"
    return f"{value / 3600:.3g} h"


def speed(value: float) -> str:
    """``'650x'``: seconds of sound a second."""
    return DASH if math.isnan(value) else f"{value:,.0f}x"


def size(value: float) -> str:
    """``'12.3k'``, ``'4.5M'``; a dash for NaN."""
    if math.isnan(value):
        return DASH
    for limit, unit, name in ((1e3, 1, ""), (1e6, 1e3, "k"), (1e9, 1e6, "M")):
        if value < limit:
            return f"{value / unit:.3g}{name}"
    return f"{value / 1e9:.3g}G"


def p_value(p: float) -> str:
    """``'.048'``; ``'<.001'``; a dash for NaN."""
    if math.isnan(p):
        return DASH
    return "<.001" if p < 0.001 else f"{p:.3f}".replace("0.", ".")
