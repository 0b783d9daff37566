"""Energy envelope of a note, and when its attack begins and ends."""

from typing import NamedTuple

import numpy as np
from scipy import fft
from scipy.signal import butter, sosfilt, sosfiltfilt

from .frames import TINY

RATE = 1000.0
"""Rate of the envelopes (Hz), about: a block is a whole number of samples."""

SLOW_HZ = 5.0
"""Cut-off of Peeters 2004. It lengthens attacks under 0.3 s: a click's takes 0.08 s."""

FAST_HZ, SLOWEST_HZ = 40.0, 10.0
"""Cut-off of the fast envelope, and its least value for low notes (our choice)."""

QUIET_S = 0.1
"""Silence put before a note for the fast envelope, so that one cut at its onset has an attack."""

FADE_S = 0.02
"""Fade at the note's end, for the envelope only (our choice): at a hard cut the analytic signal has
a spike."""

THRESHOLDS = np.arange(1, 11) / 10
LONG_EFFORT = 3.0


class Envelope(NamedTuple):
    """An envelope of maximum 1.

    Attributes
    ----------
    level : ndarray of shape (n,)
        All 0 for silence.
    rate : float
        Values a second.
    start_s : float
        Time of the first value.
    """

    level: np.ndarray
    rate: float
    start_s: float


def analytic_magnitude(signal: np.ndarray) -> np.ndarray:
    """Magnitude of the analytic signal, as abs(scipy.signal.hilbert) with silence after the note."""
    length = fft.next_fast_len(len(signal) + 1024, real=True)
    spectrum = fft.rfft(signal, length, workers=1)
    spectrum *= np.complex64(-1j)
    spectrum[0] = 0
    if length % 2 == 0:
        spectrum[-1] = 0
    shifted = fft.irfft(spectrum, length, workers=1)[: len(signal)]
    return np.hypot(signal, shifted)


def unit_peak(level: np.ndarray) -> np.ndarray:
    """Divided by the maximum, nothing below zero."""
    return np.maximum(level, 0) / max(float(level.max()), TINY)


def envelopes(signal: np.ndarray, sr: float, f0: float) -> tuple[Envelope, Envelope]:
    """Slow and fast envelope of a note.

    The magnitude of the analytic signal, averaged in blocks of about 1 ms, then a third-order
    Butterworth low-pass: the slow one at 5 Hz and causal (Peeters 2004); the fast one at 40 Hz, or
    f0 / 2 for a low note but not under 10 Hz, run forth and back so that it delays nothing (our
    choice: 5 Hz can't tell a plucked string from a struck bar).

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
    sr, f0 : float
        In Hz.

    Returns
    -------
    slow, fast : Envelope
    """
    block = max(round(sr / RATE), 1)
    fade = np.ones(len(signal), dtype=np.float32)
    length = min(int(FADE_S * sr), len(signal) // 2)
    fade[len(signal) - length :] = np.cos(np.linspace(0, np.pi / 2, length)) ** 2
    rough = analytic_magnitude(signal * fade)
    rough = np.pad(rough, (0, -len(rough) % block)).reshape(-1, block).mean(axis=1, dtype=float)
    rate = sr / block
    slow = sosfilt(butter(3, SLOW_HZ, fs=rate, output="sos"), rough)
    quiet = int(QUIET_S * rate)
    cutoff = min(max(f0 / 2, SLOWEST_HZ), FAST_HZ)
    filtered = sosfiltfilt(
        butter(3, cutoff, fs=rate, output="sos"), np.pad(rough, quiet), padtype=None
    )
    fast = filtered[: quiet + len(rough)]
    return Envelope(unit_peak(slow), rate, 0.0), Envelope(unit_peak(fast), rate, -quiet / rate)


def attack(level: np.ndarray) -> tuple[int, int]:
    """Start and end of the attack by the weakest-effort method (Peeters 2004).

    The envelope first reaches 10, 20, ... 100 % of its maximum at ten times; from one to the next
    are nine efforts. M is the mean effort between 30 and 60 %. The attack starts at the last
    threshold of 10 to 30 % that is reached by an effort over 3 M, else at 10 %; it ends at the first
    of 50 to 90 % that is followed by one, else at 90 %. Then the start moves to the lowest value
    within a quarter of the effort that follows it, the end to the highest within a quarter of the
    effort that leads to it. A straight rise of duration T thus gives 0.85 T, from 7.5 to 92.5 %.

    Parameters
    ----------
    level : ndarray of shape (n,)
        Of maximum 1.

    Returns
    -------
    start, end : int
        Indices, start <= end.
    """
    times = np.argmax(level >= THRESHOLDS[:, None] - 1e-9, axis=1)
    effort = np.diff(times)
    limit = LONG_EFFORT * effort[2:5].mean()
    early = np.flatnonzero(effort[:2] > limit)
    late = np.flatnonzero(effort[4:] > limit)
    first = int(early[-1]) + 1 if len(early) else 0
    last = 4 + int(late[0]) if len(late) else 8
    before, after = effort[first] // 4, effort[last - 1] // 4
    low, high = max(times[first] - before, 0), max(times[last] - after, 0)
    start = low + int(np.argmin(level[low : times[first] + before + 1]))
    end = high + int(np.argmax(level[high : times[last] + after + 1]))
    return int(start), int(max(end, start))
