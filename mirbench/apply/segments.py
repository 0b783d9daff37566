"""From frame scores to segments: smooth, decide, merge runs, drop short ones.

Segments are lists of ``(start_s, end_s, code)``, contiguous, from 0 to the recording's duration; in
a joined list no two neighbours have the same code.
"""

from __future__ import annotations

import heapq

import numpy as np
from scipy.ndimage import median_filter

from mirbench.frames import Segment


def median_smooth(scores: np.ndarray, n_frames: int) -> np.ndarray:
    """Running median of each column.

    Parameters
    ----------
    scores : ndarray of shape (n, n_classes)
    n_frames : int
        Window length in frames, made odd by rounding up; 1 or less leaves the scores alone. The
        first and last rows are repeated beyond the ends.

    Returns
    -------
    ndarray of shape (n, n_classes)
    """
    if n_frames <= 1 or len(scores) == 0:
        return scores
    columns = [median_filter(column, n_frames | 1, mode="nearest") for column in scores.T]
    return np.stack(columns, axis=1)


def decide(scores: np.ndarray, hysteresis: float = 0.0) -> np.ndarray:
    """Column of the winner at each frame.

    Parameters
    ----------
    scores : ndarray of shape (n, n_classes)
    hysteresis : float
        Lead (in units of score) over the current class that a rival needs to take over; 0 is the
        plain argmax.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    winners = scores.argmax(axis=1).astype(np.int64)
    if hysteresis <= 0 or len(scores) == 0:
        return winners
    current = int(winners[0])
    for i in range(len(scores)):
        rival = int(winners[i])
        if rival != current and scores[i, rival] - scores[i, current] >= hysteresis:
            current = rival
        winners[i] = current
    return winners


def drop_short(codes: np.ndarray, min_frames: int) -> np.ndarray:
    """Give runs shorter than ``min_frames`` to their longer neighbour, the shortest run first.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
    min_frames : int

    Returns
    -------
    ndarray of int64, shape (n,)
        Every run is ``min_frames`` long at least, unless there is only one.
    """
    if len(codes) == 0:
        return codes.astype(np.int64)
    starts = run_starts(codes)
    n = len(starts)
    length, value = np.diff(np.r_[starts, len(codes)]).tolist(), codes[starts].tolist()
    before, after = (
        list(range(-1, n - 1)),
        list(range(1, n + 1)),
    )  # a chain of runs; -1 and n end it
    waiting = [(length[k], k) for k in range(n) if length[k] < min_frames]
    heapq.heapify(waiting)

    def absorb(run: int, other: int) -> None:
        length[run] += length[other]
        length[other] = 0
        left, right = before[other], after[other]
        if left >= 0:
            after[left] = right
        if right < n:
            before[right] = left

    while waiting:
        was, k = heapq.heappop(waiting)
        left, right = before[k], after[k]
        if length[k] != was or (left < 0 and right == n):  # changed since, or the only one
            continue
        to_left = right == n or (left >= 0 and length[left] >= length[right])
        run, other = (left, right) if to_left else (right, left)
        absorb(run, k)
        if 0 <= other < n and value[run] == value[other]:
            absorb(run, other)
        if length[run] < min_frames:
            heapq.heappush(waiting, (length[run], run))
    kept = [k for k in range(n) if length[k]]
    return np.repeat([value[k] for k in kept], [length[k] for k in kept]).astype(np.int64)


def run_starts(codes: np.ndarray) -> np.ndarray:
    """Indices at which a run of equal codes starts (0 included), for at least one code."""
    return np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])


def join_runs(codes: np.ndarray, hop_s: float, duration_s: float) -> list[Segment]:
    """Segments of runs of equal codes.

    Parameters
    ----------
    codes : ndarray of int, shape (n,), n >= 1
        Frame ``i`` covers ``[i * hop_s, (i + 1) * hop_s)``.
    hop_s, duration_s : float
        Frame period and length of the recording (s): the last segment ends at ``duration_s``, past
        the last whole frame.

    Returns
    -------
    list of (start_s, end_s, code)
    """
    starts = run_starts(codes)
    times = [round(float(i) * hop_s, 6) for i in starts] + [float(duration_s)]
    return [(times[k], times[k + 1], int(codes[i])) for k, i in enumerate(starts)]


def scores_to_segments(
    scores: np.ndarray,
    classes: np.ndarray,
    duration_s: float,
    *,
    hop_s: float = 0.02,
    median_s: float = 2.0,
    hysteresis: float = 0.0,
    min_s: float = 1.0,
) -> list[Segment]:
    """Strategy A of Royo-Letelier (2015): label the frames, then cut.

    Parameters
    ----------
    scores : ndarray of shape (n, n_classes)
        Class probabilities on the frame grid.
    classes : ndarray of int, shape (n_classes,)
        Code of each column.
    duration_s, hop_s : float
        Length of the recording and frame period (s).
    median_s : float
        Length of the running median (s); 0 for none. 1 to 3 s are usual; 2 s is our choice.
    hysteresis : float
        See :func:`decide`.
    min_s : float
        Runs shorter than this (s) go to their longer neighbour; 0 keeps all.

    Returns
    -------
    list of (start_s, end_s, code)
        A recording shorter than a frame is one segment of the first class.
    """
    if len(scores) == 0:
        return [(0.0, float(duration_s), int(classes[0]))]
    smooth = median_smooth(scores, round(median_s / hop_s))
    columns = drop_short(decide(smooth, hysteresis), int(np.ceil(min_s / hop_s - 1e-6)))
    return join_runs(np.asarray(classes)[columns], hop_s, duration_s)
