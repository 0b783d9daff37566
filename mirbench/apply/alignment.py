"""Which part of which video goes with each second of a music: the best path through a table of scores.

A path names a segment of a video for each segment of the music. From one to the next it goes on to the next
segment of the same video, or, with time warping, stays on it or leaves one out; or it is cut, and goes on
anywhere. Viterbi's algorithm finds the path of the greatest sum of scores, less what cuts and bends cost:
both costs, in standard deviations of the scores, are our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

CUT = 4.0
BEND = 0.5
"""Cost of going on at half or at twice the speed; half never twice in a row, so speeds are 1/2 to 2."""
CUT_HERE, STAY, NEXT, SKIP = -1, 0, 1, 2
"""How a path came to a segment: from anywhere, or by so many segments of the same video."""


@dataclass(frozen=True)
class Stretch:
    """A part of the music and the part of a video that goes with it, at one speed.

    Attributes
    ----------
    music_start_s, music_end_s : float
    video : int
        Position in the list of tables.
    video_start_s, video_end_s : float
    score : float
        Mean of the scores along it.
    """

    music_start_s: float
    music_end_s: float
    video: int
    video_start_s: float
    video_end_s: float
    score: float


def align(
    tables: Sequence[np.ndarray], duration_s: float, segment_s: float = 1.0, *, warp: bool = False
) -> list[Stretch]:
    """Stretches that cover a music from 0 to its end, each second once.

    Parameters
    ----------
    tables : sequence of ndarray, shape (n_music, n_video)
        Of each video: how well each segment of the music fits each of its own; greater is better.
    duration_s : float
        Of the music, over ``(n_music - 1) * segment_s`` and at most ``n_music * segment_s``: its last
        segment may be shorter.
    segment_s : float
        Length of a segment (s).
    warp : bool
        Whether a video may go at half or at twice its speed for a while.
    """
    scores = np.concatenate(tables, axis=1)
    lengths = np.array([table.shape[1] for table in tables])
    columns, steps = best_path(scores, lengths, warp=warp)
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    starts, ends = _spans((columns - first[columns]).astype(float), steps)
    own = scores[np.arange(len(scores)), columns]
    speeds = ends - starts
    new = (steps == CUT_HERE) | np.r_[True, ~np.isclose(speeds[1:], speeds[:-1])]
    edges = [*np.flatnonzero(new), len(scores)]
    stretches = []
    for a, b in pairwise(edges):
        music_end = min(b * segment_s, duration_s)
        lost = (b * segment_s - music_end) * speeds[a]
        stretches.append(
            Stretch(
                round(float(a * segment_s), 6),
                round(float(music_end), 6),
                int(owner[columns[a]]),
                round(float(starts[a] * segment_s), 6),
                round(float(ends[b - 1] * segment_s - lost), 6),
                float(own[a:b].mean()),
            )
        )
    return stretches


def best_path(
    scores: np.ndarray,
    lengths: np.ndarray,
    *,
    warp: bool = False,
    cut: float = CUT,
    bend: float = BEND,
) -> tuple[np.ndarray, np.ndarray]:
    """Column for each row of a table, and how the path came there.

    Parameters
    ----------
    scores : ndarray, shape (n, m)
        All finite.
    lengths : ndarray of int
        Columns of each video, one behind another; their sum is m.
    warp : bool
    cut, bend : float
        Costs, in standard deviations of the scores.

    Returns
    -------
    columns, steps : ndarray of int, shape (n,)
        Steps are `CUT_HERE` (the first row too, for nothing), `STAY`, `NEXT` and `SKIP`.
    """
    n, m = scores.shape
    unit = float(scores.std()) or 1.0
    place = np.arange(m) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    best = np.stack(
        [scores[0].astype(float), np.full(m, -np.inf)]
    )  # on the move, and having stayed
    back = np.zeros((n, 2, m), dtype=np.int64)  # state before, as moved or stayed * m + column
    how = np.full((n, 2, m), CUT_HERE, dtype=np.int8)
    for i in range(1, n):
        top, came = best.max(axis=0), best.argmax(axis=0) * m + np.arange(m)
        leader = int(top.argmax())
        value = np.full((2, m), -np.inf)
        value[0], back[i, 0] = top[leader] - cut * unit, came[leader]
        for step, cost in ((NEXT, 0.0), (SKIP, bend * unit)) if warp else ((NEXT, 0.0),):
            moved = np.full(m, -np.inf)
            moved[step:] = np.where(place[step:] >= step, top[:-step], -np.inf) - cost
            better = moved >= value[0]
            value[0] = np.where(better, moved, value[0])
            back[i, 0] = np.where(better, np.roll(came, step), back[i, 0])
            how[i, 0, better] = step
        if warp:
            value[1] = best[0] - bend * unit
            back[i, 1], how[i, 1] = np.arange(m), STAY
        best = value + scores[i]
    state = int(best.argmax())
    columns, steps = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for i in range(n - 1, -1, -1):
        layer, columns[i] = divmod(state, m)
        steps[i], state = how[i, layer, columns[i]], int(back[i, layer, columns[i]])
    return columns, steps


def _spans(places: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where in its video each segment of the music starts and ends, in segments."""
    starts, ends = places.copy(), places + 1
    starts[steps == SKIP] -= 1
    for i in np.flatnonzero(steps == STAY):  # shares the span of the one before
        middle = (starts[i - 1] + ends[i - 1]) / 2
        starts[i], ends[i], ends[i - 1] = middle, ends[i - 1], middle
    return starts, ends
