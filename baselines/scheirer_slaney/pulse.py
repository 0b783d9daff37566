"""The pulse metric: do onsets repeat at the same period in all frequency bands?"""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .spectral import N_FFT, bin_frequencies, power_spectra
from .windows import hop_length, trailing_sum

EDGES_HZ = (200.0, 400.0, 800.0, 1600.0, 3200.0)
"""Edges between the six bands, 0 Hz to sr/2."""

SMOOTHING = 5
"""Envelope samples (50 ms)."""

WINDOW = 500
"""Envelope samples (5 s)."""

LAGS = (20, 200)
"""Shortest and longest period, in envelope samples (0.2 to 2 s)."""

TOLERANCE = 2
MIN_BANDS = 5
MIN_HEIGHT = 0.1

BLOCK = 1000
"""Frames worked on at once: it bounds the memory, and a band's products stay in the cache."""


def band_envelopes(signal: np.ndarray, sr: float) -> np.ndarray:
    """Amplitude of six octave bands at 100 Hz: two rows a frame, the second at its end.

    The spectrum of the 512 samples before a row stands for a band-pass filter with rectifier.

    Returns
    -------
    ndarray of float32, shape (2 * n_frames, 6)
    """
    hop = hop_length(sr)
    n_frames = len(signal) // hop
    band_of_bin = np.searchsorted(EDGES_HZ, bin_frequencies(sr), side="right")
    weights = np.eye(len(EDGES_HZ) + 1, dtype=np.float32)[band_of_bin]
    envelopes = np.empty((n_frames, 2, weights.shape[1]), dtype=np.float32)
    for start in range(0, n_frames, BLOCK):
        stop = min(start + BLOCK, n_frames)
        first = start * hop - N_FFT
        past = signal[max(first, 0) : stop * hop].astype(np.float32, copy=False)
        windows = sliding_window_view(np.pad(past, (max(-first, 0), 0)), N_FFT)
        for half, offset in enumerate((hop // 2, hop)):
            power = power_spectra(windows[offset::hop])
            envelopes[start:stop, half] = np.sqrt(power @ weights)
    return envelopes.reshape(2 * n_frames, weights.shape[1])


def onset_strengths(envelopes: np.ndarray) -> np.ndarray:
    """Rise of the envelopes, smoothed over 50 ms and half-wave rectified: float64, same shape."""
    smooth = trailing_sum(envelopes, SMOOTHING) / SMOOTHING
    return np.maximum(np.diff(smooth, axis=0, prepend=smooth[:1]), 0.0)


def autocorrelations(onsets: np.ndarray, lags: Sequence[int]) -> np.ndarray:
    """Autocorrelation over the last 500 samples, at every second sample.

    Sums of products over a sliding window, as differences of their cumulative sums: a handful of
    operations per lag and frame, where transforming each window anew would take hundreds.

    Parameters
    ----------
    onsets : ndarray of shape (500 + 2 * (n_frames - 1),)
        One band; the first frame's window is the first 500 samples.
    lags : sequence of int, of length n_lags
        Under 500.

    Returns
    -------
    ndarray of float64, shape (n_lags, n_frames)
        Products of two samples that both lie in the window; not normalised.
    """
    n = len(onsets)
    n_frames = (n - WINDOW) // 2 + 1
    products, sums = np.empty(n), np.empty(n + 1)
    out = np.empty((len(lags), n_frames))
    for row, lag in zip(out, lags, strict=True):
        # the first product whose two samples both lie in the window comes at its sample `lag`
        np.multiply(onsets[lag:], onsets[: n - lag], out=products[lag:])
        sums[lag] = 0.0
        np.cumsum(products[lag:], out=sums[lag + 1 :])
        np.subtract(sums[WINDOW::2], sums[lag : lag + 2 * n_frames : 2], out=row)
    return out


def periods(onsets: np.ndarray) -> np.ndarray:
    """Peaks of a band's autocorrelation: bool, shape (181 lags, n_frames).

    A local maximum higher than a tenth of the value at lag 0.
    """
    height = autocorrelations(onsets, range(LAGS[0] - 1, LAGS[1] + 2))
    power = trailing_sum(onsets**2, WINDOW)[WINDOW - 1 :: 2]
    middle = height[1:-1]
    return (middle > height[:-2]) & (middle >= height[2:]) & (middle > MIN_HEIGHT * power)


def pulse(signal: np.ndarray, sr: float) -> np.ndarray:
    """Pulse metric over the last 5 s, evaluated anew at every frame (feature 8).

    Six bands; onsets from their envelopes; autocorrelation peaks between 0.2 and 2 s. A lag counts
    the bands that have a peak within 20 ms of it, if they are five or more; the score is the sum of
    the counts over the mean number of peaks in a band. White noise scores high too: many small
    peaks coincide by chance. Scheirer & Slaney 1997, from memory; bands, rates, thresholds,
    tolerance and the division are our choice. The score doesn't depend on gain.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        In Hz.

    Returns
    -------
    ndarray of float64, shape (n_frames,)
    """
    onsets = onset_strengths(band_envelopes(signal, sr))
    n_frames, n_bands = len(onsets) // 2, onsets.shape[1]
    onsets = np.concatenate([np.zeros((WINDOW - 2, n_bands)), onsets])
    score = np.zeros(n_frames)
    for start in range(0, n_frames, BLOCK):
        stop = min(start + BLOCK, n_frames)
        n_lags = LAGS[1] - LAGS[0] + 1
        bands_near = np.zeros((n_lags, stop - start), dtype=np.uint8)
        n_peaks = np.zeros(stop - start)
        for band in onsets[2 * start : 2 * stop + WINDOW - 2].T:
            peaks = periods(np.ascontiguousarray(band))
            n_peaks += np.count_nonzero(peaks, axis=0)
            near = peaks.copy()
            for shift in range(1, TOLERANCE + 1):
                near[shift:] |= peaks[:-shift]
                near[:-shift] |= peaks[shift:]
            bands_near += near
        bands_near[bands_near < MIN_BANDS] = 0
        score[start:stop] = bands_near.sum(axis=0)
        score[start:stop] /= np.maximum(n_peaks / n_bands, 1.0)
    return score
