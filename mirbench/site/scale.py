"""From values to places in a picture, and the round numbers to write beside an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A linear or logarithmic axis.

    Attributes
    ----------
    low, high : float
        Values at its two ends.
    start, end : float
        Places of the two ends.
    log : bool
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Place of a value, to a tenth; values beyond an end are drawn at it."""
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, at = math.log10(low), math.log10(high), math.log10(at)
        return round(self.start + (self.end - self.start) * (at - low) / (high - low), 1) + 0.0

    def ticks(self) -> list[tuple[float, str]]:
        """Places and texts of up to about seven round values."""
        values = _decades(self.low, self.high) if self.log else _round(self.low, self.high)
        return [(self(v), f"{v:,.6g}") for v in values]


def fitted(
    values: Iterable[float], start: float, end: float, *, log: bool = False, zero: bool = False
) -> Scale:
    """A scale that holds all finite values, with a little room; ``zero`` keeps 0 in sight."""
    known = sorted(v for v in values if math.isfinite(v) and (v > 0 or not log))
    low, high = (known[0], known[-1]) if known else (1.0, 10.0)
    if log:
        return Scale(low / 1.3, high * 1.3 + (low == high) * low, start, end, log=True)
    low = min(low, 0.0) if zero else low
    room = 0.05 * (high - low) or 0.5
    return Scale(low if zero and low == 0 else low - room, high + room, start, end)


LEAST_ERROR = 0.1
"""Percentage points from the best value that a stretched axis tells apart."""


def tenfold(values: Iterable[float], better_high: bool, unit: str) -> bool:
    """Whether an axis of these values should be of errors' logarithm, to keep small ones apart.

    So it is where errors differ more than ten times. Percentages that are better the greater lack
    something of 100: that is their error, and half of them must be 10 or less.
    """
    known = sorted(v for v in values if math.isfinite(v))
    if better_high:
        known = sorted(max(100 - v, LEAST_ERROR) for v in known) if unit == "%" else []
    if not known or known[0] <= 0 or (better_high and known[len(known) // 2] > 10):
        return False
    return known[-1] > 10 * known[0]


def _round(low: float, high: float) -> Sequence[float]:
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step = next(step * k for k in (1, 2, 5, 10) if (high - low) / (step * k) <= 6)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def _decades(low: float, high: float) -> Sequence[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    subs = (1, 2, 5) if math.log10(high / low) < 2.2 else (1,)
    return [s * 10.0**p for p in powers for s in subs if low <= s * 10.0**p <= high]
