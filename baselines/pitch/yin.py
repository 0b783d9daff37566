"""YIN: the lag at which a window differs least from itself (de Cheveigné and Kawahara 2002)."""

from __future__ import annotations

import numpy as np

from baselines.pitch.tracker import FMAX_HZ, FMIN_HZ, Tracker, count, frames, parabola, tracker

WINDOW = 1024
"""Samples of a window that is compared with its shifted self: 64 ms at 16 kHz, our choice."""
SILENT = 1e-9


def yin(threshold: float = 0.1, aperiodicity: float = 0.25) -> Tracker:
    """YIN, after de Cheveigné and Kawahara 2002.

    Steps 2 to 5 of its section II: difference function, its cumulative mean normalisation, absolute
    threshold, parabolic interpolation; step 6 (best local estimate) is left out. 50 Hz to 2 kHz, windows
    of 64 ms: our choice.

    Parameters
    ----------
    threshold : float
        The first minimum below it is taken, the lowest of all if none is.
    aperiodicity : float
        Normalised difference up to which a frame is voiced: our choice, fixed before any run.
    """
    return tracker(track, threshold=threshold, aperiodicity=aperiodicity)


yin.family = "hand-crafted"  # type: ignore[attr-defined]
yin.cite = "decheveigne2002yin"  # type: ignore[attr-defined]


def track(
    signal: np.ndarray, sr: float, threshold: float = 0.1, aperiodicity: float = 0.25
) -> np.ndarray:
    """f0 (Hz) and voicing of each 10 ms, (n, 2)."""
    least, most = int(sr / FMAX_HZ), int(np.ceil(sr / FMIN_HZ))
    parts = [_normalised(chunk, most + 1) for chunk in _chunks(signal, WINDOW + most + 1)]
    if not parts:
        return np.zeros((0, 2))
    d = np.concatenate(parts)
    inner = d[:, least : most + 1]
    dips = (inner <= d[:, least - 1 : most]) & (inner < d[:, least + 1 : most + 2])
    good = dips & (inner < threshold)
    lowest = np.where(dips, inner, np.inf).argmin(axis=1)
    lag = least + np.where(good.any(axis=1), good.argmax(axis=1), lowest)
    rows = np.arange(len(d))
    place, height = parabola(d[rows, lag - 1], d[rows, lag], d[rows, lag + 1])
    voicing = np.clip(1 - np.maximum(height, 0) / (2 * aperiodicity), 0, 1)
    return np.stack([sr / (lag + place), voicing], axis=1)


def _chunks(signal: np.ndarray, size: int, step: int = 500) -> list[np.ndarray]:
    windows = frames(signal, size, count(signal))
    return [windows[i : i + step] for i in range(0, len(windows), step)]


def _normalised(windows: np.ndarray, most: int) -> np.ndarray:
    """Cumulative mean normalised difference (equation 8) at lags 0 to ``most``, (n, most + 1)."""
    head = windows[:, :WINDOW]
    size = 1 << int(np.ceil(np.log2(windows.shape[1] + WINDOW)))
    product = np.fft.rfft(windows, size) * np.conj(np.fft.rfft(head, size))
    shared = np.fft.irfft(product, size)[:, : most + 1]
    power = np.concatenate([np.zeros((len(windows), 1)), np.cumsum(windows**2, axis=1)], axis=1)
    lags = np.arange(most + 1)
    energy = power[:, lags + WINDOW] - power[:, lags]
    d = np.maximum(energy[:, :1] + energy - 2 * shared, 0.0)  # equation 6
    running = np.cumsum(d[:, 1:], axis=1)
    quiet = running <= SILENT * WINDOW
    normal = d[:, 1:] * lags[1:] / np.where(quiet, 1.0, running)
    return np.concatenate([np.ones((len(d), 1)), np.where(quiet, 1.0, normal)], axis=1)
