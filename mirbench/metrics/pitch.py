"""Metrics of the pitch of single lines, pooled over frames.

Conventions
-----------
Those of mir_eval's module ``melody``. A truth is a table of times (s) and frequencies (Hz, 0 where
unvoiced), an answer a table of frequency (Hz) and voicing on the protocol's grid, read at the truth's
times. A frame of an answer is voiced where its voicing is 0.5 or more; its frequency counts in the raw
accuracies whether it is or not, 0 is no frequency. A long item weighs more than a short one.

Metrics
-------
Raw pitch accuracy (RPA): share of the truth's voiced frames whose frequency is less than 50 cents (or 25)
off; raw chroma accuracy (RCA): the same, octaves forgiven; overall accuracy: share of all frames that
are rightly unvoiced, or rightly voiced and less than 50 cents off; voicing recall: share of voiced frames
found voiced; voicing false alarm: share of unvoiced frames found voiced.

References
----------
Salamon, Gomez, Ellis and Richard (2014), Melody extraction from polyphonic music signals, IEEE Signal
Processing Magazine 31(2), section "Evaluation measures"; Poliner et al. (2007).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mirbench.errors import MethodError
from mirbench.metrics.metric import Metric, ratio
from mirbench.pitch import VOICED, at_times

TOLERANCE_CENTS, STRICT_CENTS = 50.0, 25.0
(RIGHT, STRICT, CHROMA, VOICED_TRUE, FOUND, UNVOICED_TRUE, ALARM, OVERALL) = range(8)
"""Columns of the counts."""


def pitch_metrics() -> list[Metric]:
    """Metrics of a task of kind ``'f0'``, the headline ones first."""

    def share(name: str, part: int, whole: int, greater_is_better: bool = True) -> Metric:
        return Metric(name, "%", greater_is_better, pitch_counts, _share(part, whole))

    return [
        share("RPA", RIGHT, VOICED_TRUE),
        share("RCA", CHROMA, VOICED_TRUE),
        Metric("overall accuracy", "%", True, pitch_counts, _overall),
        share("voicing recall", FOUND, VOICED_TRUE),
        share("voicing false alarm", ALARM, UNVOICED_TRUE, greater_is_better=False),
        share("RPA (25 cents)", STRICT, VOICED_TRUE),
    ]


def pitch_counts(
    truth: Sequence[np.ndarray], outputs: Sequence[np.ndarray], task: Any, grid: Any
) -> np.ndarray:
    """Counts of frames of each item.

    Parameters
    ----------
    truth : sequence of ndarray of shape (n, 2)
        Times (s) and frequencies (Hz, 0 where unvoiced).
    outputs : sequence of ndarray of shape (n_frames, 2)
        Frequency (Hz) and voicing (0 to 1) of row ``i`` at ``i * grid.hop_s`` seconds.
    task : Task
        Ignored: all counts have one signature.
    grid : Grid

    Returns
    -------
    ndarray of shape (n_items, 8)
        Voiced frames less than 50 cents off, 25 cents off, 50 cents off but for octaves; voiced frames, those of
        them found voiced; unvoiced frames, those of them found voiced; frames right in all.

    Raises
    ------
    MethodError
        The numbers of items differ, or an answer isn't a table of two columns.
    """
    if len(truth) != len(outputs):
        raise MethodError(f"{len(outputs)} answers for {len(truth)} items; give one an item")
    rows = [_of_item(t, np.asarray(o, dtype=float), grid.hop_s) for t, o in zip(truth, outputs)]
    return np.array(rows, dtype=float).reshape(len(truth), OVERALL + 1)


def cents_off(truth_hz: np.ndarray, found_hz: np.ndarray) -> np.ndarray:
    """Distance (cents) of each frequency from the true one; infinite where either is 0."""
    both = (truth_hz > 0) & (found_hz > 0)
    off = np.full(len(truth_hz), np.inf)
    off[both] = 1200 * np.log2(found_hz[both] / truth_hz[both])
    return off


def _of_item(truth: np.ndarray, answer: np.ndarray, hop_s: float) -> tuple[int, ...]:
    if answer.ndim != 2 or answer.shape[1] != 2 or not len(answer):
        raise MethodError(
            f"an answer of shape {answer.shape}; a row a frame, f0 (Hz) and voicing, are expected"
        )
    f0_hz, voicing = at_times(answer, truth[:, 0], hop_s).T
    voiced, found = truth[:, 1] > 0, (voicing >= VOICED) & (f0_hz > 0)
    off = cents_off(truth[:, 1], f0_hz)
    known = np.isfinite(off)
    octaves = np.zeros(len(off))
    octaves[known] = 1200 * np.floor(off[known] / 1200 + 0.5)
    right = np.abs(off) < TOLERANCE_CENTS
    counts = (
        right,
        np.abs(off) < STRICT_CENTS,
        np.abs(off - octaves) < TOLERANCE_CENTS,
        voiced,
        voiced & found,
        ~voiced,
        ~voiced & found,
        np.where(voiced, right & found, ~found),
    )
    return tuple(int(flags.sum()) for flags in counts)


def _share(part: int, whole: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda sums: 100 * ratio(sums[..., part], sums[..., whole])


def _overall(sums: np.ndarray) -> np.ndarray:
    return 100 * ratio(sums[..., OVERALL], sums[..., VOICED_TRUE] + sums[..., UNVOICED_TRUE])
