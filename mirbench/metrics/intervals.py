"""Two segmentations of a recording compared: 10-ms frames, events and boundaries.

Conventions
-----------
Segments are contiguous ``(start_s, end_s, label)``; times in seconds. A label made of parts joined
by ``+`` (``speech+music``) means that each part is present: every part is a *track*, scored as a
binary detection of its own, so that a method without the joint class can still find both.
The truth and the estimate must begin and end within 50 ms of one another (``TOLERANCE_S``); what
lies in only one of them isn't scored.

Metrics
-------
* per track: precision, recall and F on 10-ms frames
* events (maximal runs of a track): F with a collar on the onset, and on onset and offset
* boundaries: F with a window (:func:`mir_eval.segment.detection`), by maximum matching
* median distances between boundaries, both ways

References
----------
C. Raffel and others, "mir_eval", ISMIR 2014. A. Mesaros and others, "Metrics for polyphonic sound
event detection", Applied Sciences 6(6), 2016 (from memory). The 0.5-s and 1-s collars on onsets are
those of broadcast speech/music contests (from memory).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from mirbench.errors import DataError
from mirbench.metrics.metric import ratio

FRAME_S = 0.01
TOLERANCE_S = 0.05
OFFSET_SHARE = 0.2


def validate(
    reference_intervals: np.ndarray,
    reference_labels: Sequence[str],
    estimated_intervals: np.ndarray,
    estimated_labels: Sequence[str],
) -> None:
    """Check that both lists are contiguous segmentations of the same span.

    Parameters
    ----------
    reference_intervals, estimated_intervals : ndarray of shape (n, 2), (m, 2)
        Start and end (s).
    reference_labels, estimated_labels : sequence of str, n and m of them

    Raises
    ------
    DataError
        A list is empty, has another number of labels, negative lengths, gaps or overlaps (over
        1 ms); or the lists begin or end more than 50 ms apart.
    """
    spans = []
    for name, intervals, labels in (
        ("truth", reference_intervals, reference_labels),
        ("estimate", estimated_intervals, estimated_labels),
    ):
        intervals = np.asarray(intervals, dtype=float)
        if intervals.ndim != 2 or intervals.shape[1:] != (2,) or len(intervals) == 0:
            raise DataError(f"the {name} has intervals of shape {intervals.shape}; give (n, 2)")
        if len(labels) != len(intervals):
            raise DataError(f"the {name} has {len(intervals)} intervals, {len(labels)} labels")
        if not np.isfinite(intervals).all() or (intervals[:, 1] < intervals[:, 0]).any():
            raise DataError(f"the {name} has a segment that ends before it starts, or isn't finite")
        gaps = np.abs(intervals[1:, 0] - intervals[:-1, 1])
        if (gaps > 1e-3).any():
            at = intervals[int(gaps.argmax()), 1]
            raise DataError(
                f"the {name} has a gap or overlap at {at:.3f} s; segments must follow one another"
            )
        spans.append((intervals[0, 0], intervals[-1, 1]))
    (start, end), (other_start, other_end) = spans
    if abs(start - other_start) > TOLERANCE_S or abs(end - other_end) > TOLERANCE_S:
        raise DataError(
            f"the truth covers {start:.3f} to {end:.3f} s, the estimate {other_start:.3f} to "
            f"{other_end:.3f} s; both must cover the whole recording (within {TOLERANCE_S} s)"
        )


def tracks(labels: Sequence[str]) -> tuple[str, ...]:
    """Parts of the labels, in order of appearance: ``('speech+music', 'speech')`` has two."""
    return tuple(dict.fromkeys(part for label in labels for part in label.split("+")))


def common_frames(
    reference_intervals: np.ndarray, estimated_intervals: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Segment in which each 10-ms frame of the common span has its centre.

    Returns
    -------
    reference, estimated : ndarray of int, shape (n_frames,)
        Row of either list.
    """
    reference, estimated = np.asarray(reference_intervals), np.asarray(estimated_intervals)
    start = max(reference[0, 0], estimated[0, 0])
    end = min(reference[-1, 1], estimated[-1, 1])
    centres = start + (np.arange(int(np.floor((end - start) / FRAME_S + 1e-6))) + 0.5) * FRAME_S
    return _row(reference, centres), _row(estimated, centres)


def _row(intervals: np.ndarray, times: np.ndarray) -> np.ndarray:
    return np.maximum(np.searchsorted(intervals[:, 0], times, side="right") - 1, 0)


def frame_confusion(
    reference_intervals: np.ndarray,
    reference_labels: Sequence[str],
    estimated_intervals: np.ndarray,
    estimated_labels: Sequence[str],
    track: str,
) -> np.ndarray:
    """True positives, false positives and false negatives of one track, in 10-ms frames."""
    validate(reference_intervals, reference_labels, estimated_intervals, estimated_labels)
    rows, estimated_rows = common_frames(reference_intervals, estimated_intervals)
    there = np.array([track in label.split("+") for label in reference_labels])[rows]
    found = np.array([track in label.split("+") for label in estimated_labels])[estimated_rows]
    return np.array([(there & found).sum(), (~there & found).sum(), (there & ~found).sum()])


def frame_scores(
    reference_intervals: np.ndarray,
    reference_labels: Sequence[str],
    estimated_intervals: np.ndarray,
    estimated_labels: Sequence[str],
    track: str,
) -> tuple[float, float, float]:
    """Precision, recall and F (0 to 1) of one track on 10-ms frames; NaN where undefined."""
    counts = frame_confusion(
        reference_intervals, reference_labels, estimated_intervals, estimated_labels, track
    )
    return float(precision(counts)), float(recall(counts)), float(f_measure(counts))


def events(intervals: np.ndarray, labels: Sequence[str], track: str) -> np.ndarray:
    """Maximal runs in which a track is present, shape (k, 2), in seconds."""
    runs: list[list[float]] = []
    was_present = False
    for (start, end), label in zip(intervals, labels, strict=True):
        present = track in label.split("+")
        if present and was_present:
            runs[-1][1] = float(end)
        elif present:
            runs.append([float(start), float(end)])
        was_present = present
    return np.array(runs, dtype=float).reshape(-1, 2)


def match_events(
    reference: np.ndarray, estimated: np.ndarray, collar_s: float, *, offset: bool = False
) -> int:
    """Size of the largest one-to-one matching of events.

    Parameters
    ----------
    reference, estimated : ndarray of shape (n, 2), (m, 2)
        Onset and offset (s).
    collar_s : float
        Largest distance of the onsets (s).
    offset : bool
        Also ask for offsets within the larger of the collar and 20 % of the reference's length.
    """
    onset_r, onset_e = reference[:, :1], estimated[:, 0]
    hits = (onset_e >= onset_r - collar_s) & (onset_e <= onset_r + collar_s)
    if offset:
        lengths = reference[:, 1:] - reference[:, :1]
        distance = np.abs(estimated[:, 1] - reference[:, 1:])
        hits &= distance <= np.maximum(collar_s, OFFSET_SHARE * lengths) + 1e-9
    return _matching(hits)


def match_boundaries(reference: np.ndarray, estimated: np.ndarray, window_s: float) -> int:
    """Size of the largest one-to-one matching of times (s) at most ``window_s`` apart."""
    reference = reference[:, None]
    return _matching((estimated >= reference - window_s) & (estimated <= reference + window_s))


def _matching(hits: np.ndarray) -> int:
    if hits.size == 0 or not hits.any():
        return 0
    return int((maximum_bipartite_matching(csr_array(hits), perm_type="column") >= 0).sum())


def boundaries(intervals: np.ndarray, trim: bool = False) -> np.ndarray:
    """Distinct start and end times (s, to 10 µs), without the first and last if ``trim``."""
    times = np.unique(np.round(np.asarray(intervals, dtype=float), 5))
    return times[1:-1] if trim else times


def boundary_scores(
    reference_intervals: np.ndarray,
    estimated_intervals: np.ndarray,
    window_s: float = 0.5,
    trim: bool = False,
) -> tuple[float, float, float]:
    """Precision, recall and F of the boundaries, as :func:`mir_eval.segment.detection`.

    Parameters
    ----------
    reference_intervals, estimated_intervals : ndarray of shape (n, 2), (m, 2)
    window_s : float
        Largest distance of a hit (s).
    trim : bool
        Leave out the first and last time, which every estimate gets right.

    Returns
    -------
    precision, recall, f : float
        0 where either side has no boundary.
    """
    reference, estimated = (
        boundaries(reference_intervals, trim),
        boundaries(estimated_intervals, trim),
    )
    if len(reference) == 0 or len(estimated) == 0:
        return 0.0, 0.0, 0.0
    hits = match_boundaries(reference, estimated, window_s)
    return (
        hits / len(estimated),
        hits / len(reference),
        2 * hits / (len(reference) + len(estimated)),
    )


def boundary_distances(
    reference_intervals: np.ndarray, estimated_intervals: np.ndarray, trim: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Distance (s) of each true boundary to the nearest estimated one, and back.

    Their medians are :func:`mir_eval.segment.deviation`. Both empty where a side has no boundary.
    """
    reference, estimated = (
        boundaries(reference_intervals, trim),
        boundaries(estimated_intervals, trim),
    )
    if len(reference) == 0 or len(estimated) == 0:
        return np.empty(0), np.empty(0)
    distance = np.abs(reference[:, None] - estimated)
    return distance.min(axis=1), distance.min(axis=0)


def precision(counts: np.ndarray) -> np.ndarray:
    """``TP / (TP + FP)`` of counts (..., 3): TP, FP, FN; NaN where nothing was found."""
    return ratio(counts[..., 0], counts[..., 0] + counts[..., 1])


def recall(counts: np.ndarray) -> np.ndarray:
    """``TP / (TP + FN)`` of counts (..., 3): TP, FP, FN; NaN where nothing was there."""
    return ratio(counts[..., 0], counts[..., 0] + counts[..., 2])


def f_measure(counts: np.ndarray) -> np.ndarray:
    """``2 TP / (2 TP + FP + FN)`` of counts (..., 3): TP, FP, FN; NaN where all are 0."""
    return ratio(2 * counts[..., 0], 2 * counts[..., 0] + counts[..., 1] + counts[..., 2])
