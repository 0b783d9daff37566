"""A pitch tracker as an estimator over items: a function of the signal, nothing to fit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.base import BaseEstimator

from mirbench.features import Extract
from mirbench.items import ragged
from mirbench.pitch import HOP_S

SR = 16_000
HOP_LENGTH = int(SR * HOP_S)
FMIN_HZ, FMAX_HZ = 50.0, 2000.0
"""Where all trackers look for a pitch: our choice, the same for all."""


class Tracker(BaseEstimator):
    """Answers of a function of the signal.

    Parameters
    ----------
    extract : Extract
        Of ``track(signal, sr, **kw_args)``: f0 (Hz, 0 for none) and voicing (0 to 1) of each 10 ms, (n, 2).
    """

    def __init__(self, extract: Extract) -> None:
        self.extract = extract

    def fit(self, X: np.ndarray, y: object = None) -> Tracker:
        """Nothing is learned."""
        self.n_seen_ = len(X)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """An answer an item, each (n_frames, 2)."""
        return ragged(self.extract.transform(X))


def tracker(track: Callable[..., np.ndarray], **kw_args: float) -> Tracker:
    """Tracker of a function that hears 16 kHz."""
    return Tracker(Extract(track, sr=SR, kw_args=kw_args or None))


def frames(signal: np.ndarray, size: int, n: int) -> np.ndarray:
    """Windows of ``size`` samples of which number i is centred at ``i * HOP_LENGTH``, shape (n, size)."""
    signal = np.asarray(signal, dtype=np.float64)
    padded = np.pad(signal, (size // 2, size // 2 + size))
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::HOP_LENGTH][:n]


def count(signal: np.ndarray) -> int:
    """Rows of an answer for that signal."""
    return len(signal) // HOP_LENGTH


def parabola(
    left: np.ndarray, middle: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Vertex of the parabola through three values at -1, 0, 1: place (within half a step) and height."""
    bend = left - 2 * middle + right
    safe = np.where(np.abs(bend) > 1e-12, bend, 1.0)
    place = np.where(np.abs(bend) > 1e-12, np.clip((left - right) / (2 * safe), -0.5, 0.5), 0.0)
    return place, middle - 0.25 * (left - right) * place
