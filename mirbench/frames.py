"""The time grid on which frame methods answer, and its scored span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Segment = tuple[float, float, int]


@dataclass(frozen=True)
class Grid:
    """A frame grid shared by every method of a protocol.

    Frame ``i`` covers ``[i * hop_s, (i + 1) * hop_s)``; its centre is ``(i + 0.5) * hop_s``.

    Parameters
    ----------
    hop_s : float
        Frame period in seconds.
    scored_from_s : float
        Frames that start before this time (s) are predicted but not scored: features with a long
        memory (5 s for the pulse metric) aren't defined there.
    window_s : float
        Length (s) of the non-overlapping windows over which frame scores are averaged; they start
        at ``scored_from_s`` and the last partial window is left out.
    """

    hop_s: float = 0.02
    scored_from_s: float = 5.0
    window_s: float = 2.4

    def n_frames(self, duration_s: float) -> int:
        """Frames that fit whole into ``duration_s`` seconds."""
        return int(np.floor(duration_s / self.hop_s + 1e-6))

    def centres(self, n: int) -> np.ndarray:
        """Centres (s) of the first ``n`` frames."""
        return (np.arange(n) + 0.5) * self.hop_s

    @property
    def first_scored(self) -> int:
        """Index of the first scored frame."""
        return int(np.ceil(self.scored_from_s / self.hop_s - 1e-6))

    @property
    def window(self) -> int:
        """Frames in a window."""
        return round(self.window_s / self.hop_s)


def segments_to_frames(segments: Sequence[Segment], centres: np.ndarray) -> np.ndarray:
    """Code at each frame centre.

    Parameters
    ----------
    segments : sequence of (start_s, end_s, code)
        Half-open, in any order; where two overlap the later one wins.
    centres : ndarray of shape (n,)
        Times in seconds.

    Returns
    -------
    ndarray of int64, shape (n,)
        -1 where no segment lies.
    """
    codes = np.full(len(centres), -1, dtype=np.int64)
    for start, end, code in segments:
        codes[(centres >= start) & (centres < end)] = code
    return codes


def segments_fault(
    segments: Sequence[tuple[float, float, str]], duration_s: float, tolerance_s: float = 0.05
) -> str:
    """What is wrong with an answer in segments, in words; empty if they cover the item in order."""
    before = 0.0
    for start, end, _ in segments:
        if not (np.isfinite([start, end]).all() and end > start):
            return f"segment ({start}, {end}) is empty or not finite"
        if abs(start - before) > (tolerance_s if before == 0 else 1e-3):
            return (
                f"a gap or an overlap between {before:.3f} and {start:.3f} s; cover the whole item"
            )
        before = end
    if abs(before - duration_s) > tolerance_s:
        return f"the segments end at {before:.3f} s, the item at {duration_s:.3f} s"
    return ""
