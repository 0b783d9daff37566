"""What a note's envelope tells: attack, decay, centroid and duration, modulation, level later on."""

import numpy as np
from scipy import fft

from .envelope import Envelope, attack, unit_peak

HEAD_S = 0.8
"""The part of a note, from its onset, that doesn't depend on how long it is (our choice)."""

LATER_S = (0.2, 0.4, 0.6, 0.8)
MODULATION_HZ = (1.0, 10.0)

NAMES = (
    "log attack time",
    "log attack time (fast)",
    "attack slope",
    "attack slope (fast)",
    "decay slope",
    "temporal centroid",
    "effective duration",
    f"temporal centroid, first {HEAD_S} s",
    f"effective duration, first {HEAD_S} s",
    "modulation frequency",
    "modulation amplitude",
    *(f"level after {after} s (dB)" for after in LATER_S),
)


def onset(envelope: Envelope) -> float:
    """Time (s) at which the envelope first reaches a tenth of its maximum, not before the note."""
    return max(int(np.argmax(envelope.level >= 0.1)) / envelope.rate + envelope.start_s, 0.0)


def attack_values(envelope: Envelope) -> tuple[float, float]:
    """log10 of the attack's duration (s, at least one value of the envelope), and its slope (1/s).

    The slope is a mean of slopes with weights exp(-(v - 0.5)^2 / 0.25) by the level v (Peeters
    2004); 0 where nothing rises.
    """
    start, end = attack(envelope.level)
    time = np.log10(max(end - start, 1) / envelope.rate)
    piece = envelope.level[start : end + 1]
    if len(piece) < 2:
        return time, 0.0
    middle = (piece[1:] + piece[:-1]) / 2
    weights = np.exp(-((middle - 0.5) ** 2) / 0.25)
    return time, float(np.average(np.diff(piece) * envelope.rate, weights=weights))


def decay_slope(envelope: Envelope) -> float:
    """Slope (1/s) of the log envelope from its maximum down to 40 %, or to the end (Peeters 2004).

    0 where fewer than three values are left.
    """
    level = envelope.level[int(np.argmax(envelope.level)) :]
    below = np.flatnonzero(level < 0.4)
    piece = np.log(np.maximum(level[: below[0] if len(below) else len(level)], 1e-3))
    if len(piece) < 3:
        return 0.0
    t = (np.arange(len(piece)) - (len(piece) - 1) / 2) / envelope.rate
    return float(t @ piece / (t @ t))


def centroid_and_duration(level: np.ndarray, rate: float) -> tuple[float, float]:
    """Temporal centroid where over 15 %, from there on, and duration where over 40 % (s)."""
    loud = np.flatnonzero(level >= 0.15)
    if not len(loud):
        return 0.0, 0.0
    centre = (loud - loud[0]) @ level[loud] / level[loud].sum()
    return float(centre / rate), float(np.count_nonzero(level >= 0.4) / rate)


def modulation(track: np.ndarray, rate: float) -> tuple[float, float]:
    """Frequency (Hz) and amplitude of a track's strongest modulation between 1 and 10 Hz.

    A parabola over time is taken off, a Hann window put on, the spectrum read every 0.1 Hz or
    finer. (0, 0) under half a second, and where no peak lies inside the range.

    Parameters
    ----------
    track : ndarray of shape (n,)
    rate : float
        Values a second.
    """
    n = len(track)
    if n < max(0.5 * rate, 8):
        return 0.0, 0.0
    t = np.linspace(-1, 1, n)
    rest = track - np.polynomial.Polynomial.fit(t, track, 2)(t)
    window = np.hanning(n)
    size = fft.next_fast_len(max(int(10 * rate), n), real=True)
    spectrum = 2 * np.abs(fft.rfft(rest * window, size, workers=1)) / window.sum()
    low, high = (round(edge * size / rate) for edge in MODULATION_HZ)
    best = low + int(np.argmax(spectrum[low : high + 1]))
    if best in (low, high) or spectrum[best] < 1e-6:
        return 0.0, 0.0
    return float(best * rate / size), float(spectrum[best])


def sustain(envelope: Envelope) -> np.ndarray:
    """Natural log of the envelope from the attack's end to the last 5 % of the maximum (nepers)."""
    _, end = attack(envelope.level)
    sounding = np.flatnonzero(envelope.level >= 0.05)
    return np.log(
        np.maximum(envelope.level[end : sounding[-1] + 1 if len(sounding) else end], 1e-3)
    )


def levels_later(head: np.ndarray, rate: float) -> list[float]:
    """Level over the 50 ms before each of ``LATER_S``, in dB of the head's maximum, not under -60.

    Of a note that ends before, its last 50 ms.
    """
    width = int(0.05 * rate)
    values = []
    for after in LATER_S:
        stop = min(int(after * rate), len(head))
        values.append(20 * np.log10(max(head[max(stop - width, 0) : stop].mean(), 1e-3)))
    return values


def shape_in_time(slow: Envelope, fast: Envelope) -> np.ndarray:
    """Descriptors of the envelope, 15 of them, as in ``NAMES``.

    Those of Peeters 2004, with the slow envelope for the first attack time and slope, the centroid
    and the duration, and the fast one for the others. The exponential trend goes with the parabola
    that `modulation` takes off the log envelope, so its amplitude is in nepers: about relative.

    Temporal centroid, effective duration and modulation follow the note's length; the others
    don't, as long as there are 0.8 s of it after the onset.
    """
    first = int((onset(fast) - fast.start_s) * fast.rate)
    head = unit_peak(fast.level[first : first + int(HEAD_S * fast.rate)])
    (slow_time, slow_slope), (fast_time, fast_slope) = attack_values(slow), attack_values(fast)
    return np.array(
        [
            slow_time,
            fast_time,
            slow_slope,
            fast_slope,
            decay_slope(fast),
            *centroid_and_duration(slow.level, slow.rate),
            *centroid_and_duration(head, fast.rate),
            *modulation(sustain(fast), fast.rate),
            *levels_later(head, fast.rate),
        ]
    )
