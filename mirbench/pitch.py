"""Pitch over time: the grid of answers, what an answer says, and how a truth is written compactly.

Row ``i`` of an answer speaks of the time ``i * HOP_S`` (where others centre a window: pYIN, CREPE,
mir_eval), not of a span, and has two numbers: the fundamental frequency in Hz, and in [0, 1] how sure it
is that there is one; from ``VOICED`` on the frame counts as voiced. A frequency is to be given where the
frame counts as unvoiced too (0 where there is none at all): raw pitch accuracy goes by it.

A truth is a table of times (s) and frequencies (Hz, 0 where there is no pitch). In a protocol it is
JSON of ``start_s``, ``hop_s`` and ``f0``: base64 of little-endian 16-bit numbers, 0 where unvoiced, else
the distance from 10 Hz in fifths of a cent.
"""

from __future__ import annotations

import base64
import binascii
import json

import numpy as np

from mirbench.errors import DataError, ProtocolError

HOP_S = 0.01
"""Of the rows of an answer: our choice, as CREPE and SPICE."""
VOICED = 0.5
LOWEST_HZ, HIGHEST_HZ = 10.0, 18_000.0
STEPS = 6000
"""Steps of the stored truth in an octave: a fifth of a cent."""


def frame_times(n_frames: int, hop_s: float = HOP_S) -> np.ndarray:
    """Times (s) that the rows of an answer speak of, shape (n_frames,)."""
    return np.arange(n_frames) * hop_s


def n_frames(duration_s: float, hop_s: float = HOP_S) -> int:
    """Rows of an answer for that many seconds, as `mirbench.frames.Grid.n_frames`."""
    return int(np.floor(duration_s / hop_s + 1e-6))


def as_label(times_s: np.ndarray, f0_hz: np.ndarray, duration_s: float) -> str:
    """The truth of an item as it stands in a protocol.

    Parameters
    ----------
    times_s, f0_hz : ndarray of shape (n,)
        Ascending times (s) and frequencies (Hz, 0 where unvoiced). Steady steps of ``HOP_S`` or more are
        kept as they are; other times are brought to the grid of answers, each the nearest value.
    duration_s : float
        Of the item: what is later is left out.

    Raises
    ------
    DataError
        Frequencies that are neither 0 nor of 10 Hz to 18 kHz, or no time within the item.
    """
    times_s, f0_hz = np.asarray(times_s, dtype=float), np.asarray(f0_hz, dtype=float)
    voiced = f0_hz > 0
    if (
        not np.isfinite(f0_hz).all()
        or ((f0_hz[voiced] < LOWEST_HZ) | (f0_hz[voiced] > HIGHEST_HZ)).any()
    ):
        raise DataError(
            f"f0: frequencies must be 0 or from {LOWEST_HZ:g} to {HIGHEST_HZ:g} Hz; mend the annotation"
        )
    inside = times_s <= duration_s
    times_s, f0_hz = times_s[inside], f0_hz[inside]
    if not len(times_s):
        raise DataError(
            f"f0: no time within the {duration_s:g} s of its sound; mend the annotation"
        )
    hop = round(float(times_s[-1] - times_s[0]) / max(len(times_s) - 1, 1), 6) or HOP_S
    steady = np.abs(times_s - times_s[0] - hop * np.arange(len(times_s))).max() < HOP_S / 20
    if hop < HOP_S - 1e-6 or not steady:
        grid = frame_times(n_frames(duration_s))
        grid = grid[(grid >= times_s[0] - HOP_S / 2) & (grid <= times_s[-1] + HOP_S / 2)]
        f0_hz, times_s, hop = f0_hz[nearest(times_s, grid)], grid, HOP_S
    steps = np.zeros(len(f0_hz), dtype="<u2")
    found = f0_hz > 0
    steps[found] = np.maximum(np.rint(STEPS * np.log2(f0_hz[found] / LOWEST_HZ)), 1)
    data = base64.b64encode(steps.tobytes()).decode("ascii")
    return json.dumps({"start_s": round(float(times_s[0]), 6), "hop_s": hop, "f0": data})


def from_label(label: str) -> np.ndarray:
    """Times (s) and frequencies (Hz, 0 where unvoiced) of a truth, shape (n, 2).

    Raises
    ------
    ProtocolError
        Not what `as_label` writes.
    """
    try:
        data = json.loads(label)
        steps = np.frombuffer(base64.b64decode(data["f0"], validate=True), dtype="<u2")
        times = float(data["start_s"]) + float(data["hop_s"]) * np.arange(len(steps))
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise ProtocolError(
            f"a truth of pitch is JSON of start_s, hop_s and f0 ({error}); make the protocol anew"
        ) from error
    f0 = np.where(steps > 0, LOWEST_HZ * 2.0 ** (steps / STEPS), 0.0)
    return np.stack([times, f0], axis=1)


def pitch_fault(answer: np.ndarray) -> str:
    """What is wrong with the numbers of an answer, (n_frames, 2), in words; empty if nothing is."""
    f0_hz, voicing = np.asarray(answer, dtype=float).T
    if not np.isfinite(answer).all() or voicing.min(initial=0) < 0 or voicing.max(initial=0) > 1:
        return "NaN, infinite or a voicing outside 0 to 1; mend its answer"
    if ((f0_hz != 0) & ((f0_hz < LOWEST_HZ) | (f0_hz > HIGHEST_HZ))).any():
        return f"an f0 outside {LOWEST_HZ:g} to {HIGHEST_HZ:g} Hz; give 0 where there is none"
    return ""


def nearest(times_s: np.ndarray, wanted_s: np.ndarray) -> np.ndarray:
    """Position of the nearest of the ascending ``times_s`` for each of ``wanted_s``."""
    right = np.clip(np.searchsorted(times_s, wanted_s), 1, max(len(times_s) - 1, 1))
    right = np.minimum(right, len(times_s) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(wanted_s - times_s[left] <= times_s[right] - wanted_s, left, right)


def at_times(answer: np.ndarray, times_s: np.ndarray, hop_s: float = HOP_S) -> np.ndarray:
    """Rows of an answer that speak of those times (s): the nearest, the last one for what is later."""
    rows = np.floor(times_s / hop_s + 0.5 - 1e-6).astype(np.int64)
    return answer[np.clip(rows, 0, len(answer) - 1)]
