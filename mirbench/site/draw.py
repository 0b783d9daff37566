"""Pictures as inline SVG: accuracy against cost, learning curves, one corpus under many protocols.

Colours are classes of the style sheet, so that they follow light and dark; shapes repeat what
colours say. Every picture has a title and a description for those who don't see it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from mirbench.site.scale import Scale, fitted, tenfold

WIDTH = 640
ENDS = (5.0, 115.0)
"""Ends of a bar's axis; values within it lie further in."""
SHAPES = {
    "hand-crafted": "circle",
    "deep": "square",
    "baseline": "diamond",
    "external": "triangle",
    "user": "cross",
}
KINDS = 6
"""Series that have a colour and a shape of their own."""


def marker(shape: str, x: float, y: float, css: str, title: str = "") -> Markup:
    """A mark centred at a place, with the text that a pointer over it shows."""
    inside = f"<title>{escape(title)}</title>" if title else ""
    if shape == "circle":
        return Markup(f'<circle class="{css}" cx="{x:g}" cy="{y:g}" r="5">{inside}</circle>')
    paths = {
        "square": "M-4.5-4.5h9v9h-9z",
        "diamond": "M0-6.5L6.5 0L0 6.5L-6.5 0z",
        "triangle": "M0-6L6 5H-6z",
        "cross": "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
        "star": "M0 6L-6-5H6z",
    }
    where = f'transform="translate({x:g} {y:g})"'
    return Markup(f'<path class="{css}" {where} d="{paths[shape]}">{inside}</path>')


def pareto(
    points: Sequence[Mapping[str, Any]], value: str, *, better_high: bool, digits: int = 1
) -> Markup:
    """Score against cost, the methods that nothing beats in both joined by a line and numbered.

    Parameters
    ----------
    points : sequence of mapping
        ``method``, ``family``, ``cost`` (s), ``value`` and, on the front, its ``number``.
    value : str
        What ``value`` is, for the axis.
    better_high : bool
    digits : int
        Decimals of values.
    """
    x = fitted([p["cost"] for p in points], 64, WIDTH - 16, log=True)
    values = [p["value"] for p in points]
    y = fitted(values, 330, 16, log=not better_high and tenfold(values, False, ""))
    parts = [_axes(x, y, "seconds to train, describe and answer for a cell, mean", value)]
    front = [p for p in points if p["number"]]
    line = " ".join(f"{x(p['cost']):g},{y(p['value']):g}" for p in front)
    parts.append(f'<polyline class="front" points="{line}"/>')
    for p in points:
        css = f"f-{p['family'] if p['family'] in SHAPES else 'user'}"
        told = f"{p['method']}: {p['value']:.{digits}f}, {p['cost']:.3g} s"
        at = x(p["cost"]), y(p["value"])
        parts.append(marker(SHAPES.get(p["family"], "cross"), *at, css, told))
    for p in front:
        at = x(p["cost"]), y(p["value"]) + (-9 if better_high else 19)
        parts.append(f'<text x="{at[0]:g}" y="{at[1]:g}" class="mid">{p["number"]}</text>')
    names = ", ".join(str(p["method"]) for p in front)
    told = f"{len(points)} methods. None is both quicker and better than these: {names}."
    return _picture(parts, 390, f"{value} against cost", told)


def lines(
    series: Sequence[Mapping[str, Any]], across: str, value: str, *, digits: int = 1
) -> Markup:
    """Values with intervals over a number, a line a series.

    Parameters
    ----------
    series : sequence of mapping
        ``name`` and ``points``: (x, value, lo, hi) each, ends NaN where there is no interval.
    across, value : str
        What the axes are.
    digits : int
        Decimals of values.
    """
    every = [p for s in series for p in s["points"]]
    x = fitted([p[0] for p in every], 64, WIDTH - 24, log=True)
    y = fitted([v for p in every for v in p[1:]], 330, 16)
    parts = [_axes(x, y, across, value)]
    for k, s in enumerate(series):
        shift = 4 * (k - (len(series) - 1) / 2)
        css, shape = f"s{k % KINDS}", _shape(k)
        at = [(x(p[0]) + shift, *(_place(y, v) for v in p[1:])) for p in s["points"]]
        joined = " ".join(f"{a:g},{b:g}" for a, b, _, _ in at)
        parts.append(f'<polyline class="line {css}" points="{joined}"/>')
        for (a, b, lo, hi), p in zip(at, s["points"]):
            if not math.isnan(lo) and not math.isnan(hi):
                parts.append(f'<path class="line {css}" d="M{a:g} {lo:g}V{hi:g}"/>')
            parts.append(marker(shape, a, b, css, f"{s['name']}: {p[1]:.{digits}f} at {p[0]:g}"))
    told = "; ".join(
        f"{s['name']}: " + ", ".join(f"{p[1]:.{digits}f} at {p[0]:g}" for p in s["points"])
        for s in series
    )
    return _picture(parts, 390, f"{value} over {across}", told)


def dots(rows: Sequence[tuple[str, Sequence[Any]]], names: Sequence[str], value: str) -> Markup:
    """A row a corpus, a mark with its interval a protocol.

    Parameters
    ----------
    rows : sequence of (name, values)
        (value, lo, hi) for each of ``names``, None where there is none.
    names : sequence of str
    value : str
    """
    every = [v for _, values in rows for found in values if found for v in found]
    x, height = fitted(every, 140, WIDTH - 16), 34 * len(rows)
    parts = [_axis(x, height + 8, 0, value)]
    for i, (name, values) in enumerate(rows):
        middle = 34 * i + 17
        parts.append(f'<text x="130" y="{middle + 4}" class="end">{escape(name)}</text>')
        for k, found in enumerate(values):
            if not found:
                continue
            at, y = x(found[0]), middle + 5 * (k - (len(names) - 1) / 2)
            if not math.isnan(found[1]):
                span = f"M{x(found[1]):g} {y:g}H{x(found[2]):g}"
                parts.append(f'<path class="line s{k % KINDS}" d="{span}"/>')
            told = f"{name}, {names[k]}: {found[0]:.1f}"
            parts.append(marker(_shape(k), at, y, f"s{k % KINDS}", told))
    told = "; ".join(
        f"{name}: "
        + ", ".join(f"{names[k]} {found[0]:.1f}" for k, found in enumerate(values) if found)
        for name, values in rows
    )
    return _picture(parts, height + 58, f"{value} under several protocols", told)


def key(k: int) -> Markup:
    """The mark of the k-th series, for a legend."""
    mark = marker(_shape(k), 8, 8, f"s{k % KINDS}")
    return Markup('<svg class="key" viewBox="0 0 16 16" aria-hidden="true">{}</svg>').format(mark)


def family_key(family: str) -> Markup:
    """The mark of a family, for a legend."""
    known = family if family in SHAPES else "user"
    mark = marker(SHAPES[known], 8, 8, f"f-{known}")
    return Markup('<svg class="key" viewBox="0 0 16 16" aria-hidden="true">{}</svg>').format(mark)


def bar(value: float, lo: float, hi: float, place: Callable[[float], float], family: str) -> Markup:
    """A dot and its interval on an axis that all rows of a column share; the cell's text says it.

    Where the value lies beyond the axis, an arrow at its end.
    """
    if math.isnan(value):
        return Markup("")
    css = f"f-{family if family in SHAPES else 'user'}"
    span = ""
    if not math.isnan(lo):
        span = f'<path class="span {css}" d="M{place(lo):g} 7H{place(hi):g}"/>'
    at = place(value)
    mark = f'<circle class="{css}" cx="{at:g}" cy="7" r="3.5"/>'
    if at in ENDS:
        away = -5 if at == ENDS[0] else 5
        mark = f'<path class="{css}" d="M{at + away / 2:g} 7l{-away} -4v8z"/>'
    return Markup(f'<svg class="bar" viewBox="0 0 120 14" aria-hidden="true">{span}{mark}</svg>')


def _place(scale: Scale, value: float) -> float:
    return math.nan if math.isnan(value) else scale(value)


def _shape(k: int) -> str:
    return ("circle", "square", "diamond", "triangle", "cross", "star")[k % KINDS]


def _axes(x: Scale, y: Scale, across: str, up: str) -> str:
    grid = "".join(
        f'<path class="grid" d="M{x.start:g} {at:g}H{x.end:g}"/>'
        f'<text x="{x.start - 8:g}" y="{at + 4:g}" class="end">{text}</text>'
        for at, text in y.ticks()
    )
    name = f'<text transform="translate(16 {(y.start + y.end) / 2:g}) rotate(-90)" class="mid">{escape(up)}</text>'
    return grid + name + _axis(x, y.start + 8, y.end, across)


def _axis(x: Scale, bottom: float, top: float, name: str) -> str:
    ticks = "".join(
        f'<path class="grid" d="M{at:g} {top:g}V{bottom:g}"/>'
        f'<text x="{at:g}" y="{bottom + 18:g}" class="mid">{text}</text>'
        for at, text in x.ticks()
    )
    middle = (x.start + x.end) / 2
    return ticks + f'<text x="{middle:g}" y="{bottom + 40:g}" class="mid">{escape(name)}</text>'


def _picture(parts: Sequence[str], height: float, title: str, told: str) -> Markup:
    label = escape(f"{title}. {told}")
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )
