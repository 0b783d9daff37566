"""Partials of a note: where the first twenty lie in each frame, and how strong they are."""

from typing import NamedTuple

import numpy as np
from scipy import fft

from .frames import TINY, frames_of, magnitude_of

N_PARTIALS = 20
ORDERS = np.arange(1, N_PARTIALS + 1)

WINDOW_S, HOP_S = 0.1, 0.025
"""Window (Peeters 2004) and hop (our choice)."""

PERIODS = 4.4
"""Least window in periods of f0 (our choice): under 44 Hz, 0.1 s would not part the partials."""

STRETCHES = np.concatenate([[0.0], np.geomspace(1e-5, 3e-3, 25)])
DETUNINGS = np.array(sorted(range(-30, 31, 2), key=abs))
"""Inharmonicity coefficients B, and detunings (cents) of the coarse f0, that are tried; the first of
equals wins, so silence is neither stretched nor detuned."""

MAX_STRETCH = 1e-2

PRESENT = 1e-4
"""Partials 40 dB below the frame's strongest don't tell f0 (our choice)."""


class Partials(NamedTuple):
    """Partials of a note, frame by frame.

    Attributes
    ----------
    frequency, amplitude : ndarray of shape (n_frames, 20)
        Hz, and the unit of the signal; amplitude 0 where there is no peak, as above Nyquist.
    f0 : ndarray of shape (n_frames,)
        In Hz.
    energy, total : ndarray of shape (n_frames,)
        Mean square of the partials, and of all that lies between half of f0 and half of f0 above
        the last partial.
    note_f0, stretch : float
        Of the whole note: f_h = h f0 sqrt(1 + B h^2), where B is the stretch.
    rate : float
        Frames a second.
    """

    frequency: np.ndarray
    amplitude: np.ndarray
    f0: np.ndarray
    energy: np.ndarray
    total: np.ndarray
    note_f0: float
    stretch: float
    rate: float


def stretched(f0: float, stretch: np.ndarray | float) -> np.ndarray:
    """Partials (Hz) of a stiff string, h f0 sqrt(1 + B h^2), along the last axis."""
    return f0 * ORDERS * np.sqrt(1 + np.multiply.outer(stretch, ORDERS**2))


def comb(spectrum: np.ndarray, bin_hz: float, f0: float) -> tuple[float, float]:
    """Of the detunings and stretches, the f0 (Hz) and B whose partials gather most.

    What they gather is the sum of the square roots of magnitudes at the partials (our choice).
    """
    pitches = f0 * 2 ** (DETUNINGS / 1200)
    places = stretched(1.0, STRETCHES) * pitches[:, None, None] / bin_hz
    loudness = np.interp(places, np.arange(len(spectrum)), np.sqrt(spectrum), right=0.0)
    gathered = loudness.sum(axis=2)
    detuning, stretch = np.unravel_index(np.argmax(gathered), gathered.shape)
    return float(pitches[detuning]), float(STRETCHES[stretch])


def peaks(
    magnitude: np.ndarray, bin_hz: float, expected: np.ndarray, f0: float
) -> tuple[np.ndarray, np.ndarray]:
    """Highest peak about each expected partial of each frame.

    The search reaches 3 % of the partial and 1.5 bins, but not beyond 0.45 f0 (our choice). Between
    bins the ratio of the two highest tells frequency and amplitude, exactly so for a steady sine
    under a Hann window (Grandke 1983).

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Under a Hann window of sum 2.
    bin_hz : float
    expected : ndarray of shape (n_partials,)
        In Hz, rising.
    f0 : float

    Returns
    -------
    frequency, amplitude : ndarray of float64, shape (n_frames, n_partials)
        Where there is no peak, the expected frequency and amplitude 0.
    """
    n_frames, n_bins = magnitude.shape
    frequency = np.tile(expected, (n_frames, 1))
    amplitude = np.zeros_like(frequency)
    rows = np.arange(n_frames)
    for column, centre in enumerate(expected):
        reach = min(0.03 * centre + 1.5 * bin_hz, 0.45 * f0)
        low = max(round((centre - reach) / bin_hz), 1)
        high = min(round((centre + reach) / bin_hz), n_bins - 2)
        if high < low:
            break
        k = low + np.argmax(magnitude[:, low : high + 1], axis=1)
        left, middle, right = (magnitude[rows, k + step].astype(np.float64) for step in (-1, 0, 1))
        beside = np.maximum(left, right)
        ratio = beside / np.maximum(middle, TINY)
        shift = np.clip((2 * ratio - 1) / (ratio + 1), 0.0, 0.5)
        place = np.where(right > left, k + shift, k - shift) * bin_hz
        peak = (middle >= beside) & (middle > TINY)
        frequency[:, column] = np.where(peak, place, centre)
        amplitude[:, column] = np.where(peak, middle * (1 - shift**2) / np.sinc(shift), 0.0)
    return frequency, amplitude


def string_fit(frequency: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """f0 (Hz) and B by least squares of (f_h / h)^2 = f0^2 + f0^2 B h^2 over partials h = 1 ... 20.

    Weights are those of equal errors of f_h, times ``weight``. B lies in [0, 0.01].
    """
    x, y = ORDERS**2.0, (frequency / ORDERS) ** 2
    w = weight * x
    w = w / w.sum()
    spread = w @ (x - w @ x) ** 2
    slope = w @ ((x - w @ x) * (y - w @ y)) / spread if spread > TINY else 0.0
    offset = max(w @ y - slope * (w @ x), TINY)
    stretch = float(np.clip(slope / offset, 0.0, MAX_STRETCH))
    return float(np.sqrt(w @ (y / (1 + stretch * x)))), stretch


def find_partials(signal: np.ndarray, sr: float, coarse_f0: float) -> Partials:
    """Partials of a note whose pitch is about known; f0 is made precise on the way.

    1. the mean spectrum tells detuning and stretch (`comb`); 2. a peak is sought about each partial
    of each frame (`peaks`); 3. the partials' mean frequencies, weighted by energy, give f0 and B of
    the note (`string_fit`); 4. with B, the peaks of a frame give its f0.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
    sr : float
        In Hz.
    coarse_f0 : float
        In Hz, right within 30 cents.

    Returns
    -------
    Partials
    """
    length = fft.next_fast_len(int(max(WINDOW_S, PERIODS / coarse_f0) * sr), real=True)
    hop = max(round(HOP_S * sr), 1)
    magnitude = magnitude_of(frames_of(signal, length, hop), "hann")
    bin_hz = sr / length
    f0, stretch = comb(magnitude.mean(axis=0), bin_hz, coarse_f0)
    frequency, amplitude = peaks(magnitude, bin_hz, stretched(f0, stretch), f0)
    square = np.square(amplitude)
    weight = np.where(square > PRESENT * square.max(axis=1, keepdims=True), square, 0.0)
    summed = weight.sum(axis=0)
    frame_f0 = np.full(len(square), f0)
    if summed.sum() > TINY:
        mean = (weight * frequency).sum(axis=0) / np.maximum(summed, TINY)
        f0, stretch = string_fit(mean, summed)
        model = stretched(1.0, stretch)
        share = (weight * model**2).sum(axis=1)
        fitted = (weight * model * frequency).sum(axis=1) / np.maximum(share, TINY)
        frame_f0 = np.where(share > TINY, fitted, f0)
    top = stretched(f0, stretch)[-1] + 0.5 * f0
    band = slice(int(0.5 * f0 / bin_hz), int(top / bin_hz) + 1)
    # a Hann window of sum 2 has a sum of squares of 6 / length, so Parseval's theorem divides by 3
    total = np.square(magnitude[:, band]).sum(axis=1, dtype=np.float64) / 3
    energy = square.sum(axis=1) / 2
    return Partials(frequency, amplitude, frame_f0, energy, total, f0, stretch, sr / hop)


def without_pitch(partials: Partials) -> Partials:
    """The same frames with no partial at all: what a note without a pitch gets."""
    silent = np.zeros_like(partials.amplitude)
    flat = np.full_like(partials.f0, partials.note_f0)
    return partials._replace(amplitude=silent, f0=flat, energy=silent[:, 0], stretch=0.0)
