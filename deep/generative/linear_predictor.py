"""What a net of the waveform has to beat: a linear predictor of the next sample with Gaussian errors.

Its bits a sample are those of the levels that the samples are quantised into: a level's probability is what
the Gaussian holds between its edges, a difference of two normal distribution functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import log_ndtr

from deep.nets.wavenet import LEVELS, dequantise, mu_law_inverse

ORDER = 16
"""Samples of the past."""
SMALLEST = 1e-6
"""Deviation (of full scale) that an error has at least: a predictor of silence never errs."""


@dataclass(frozen=True)
class LinearPredictor:
    """``x_t ~ N(sum_k weights_k x_(t-k), sigma^2)``.

    Attributes
    ----------
    weights : ndarray, shape (order,)
        The first weighs the last sample.
    sigma : float
        Of full scale.
    """

    weights: np.ndarray
    sigma: float

    def bits(self, codes: np.ndarray) -> np.ndarray:
        """Of each level of (n,) but the first ``order``: what it costs, bits, (n - order,)."""
        past, _ = lagged(samples(codes), len(self.weights))
        return gaussian_bits(codes[len(self.weights) :], past @ self.weights, self.sigma)


def fit_predictor(recordings: Sequence[np.ndarray], order: int = ORDER) -> LinearPredictor:
    """Least squares over all recordings, and the root mean square of the errors.

    Parameters
    ----------
    recordings : sequence of ndarray of int, shape (n,)
        Levels, more than ``order`` of them.
    order : int
    """
    pairs = [lagged(samples(codes), order) for codes in recordings]
    past = np.concatenate([rows for rows, _ in pairs])
    now = np.concatenate([x for _, x in pairs])
    weights = np.linalg.lstsq(past, now, rcond=None)[0]
    error = now - past @ weights
    return LinearPredictor(weights, max(SMALLEST, float(np.sqrt(np.mean(error**2)))))


def gaussian_bits(codes: np.ndarray, mean: np.ndarray, sigma: float) -> np.ndarray:
    """``-log2 P(level)`` under ``N(mean, sigma^2)``; the outer levels reach to infinity.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
    mean : ndarray, shape (n,)
    sigma : float
    """
    low, high = ((edges()[codes + i] - mean) / sigma for i in (0, 1))
    # in the lower tail, where differences of small numbers stay exact
    flip = low > 0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    upper, lower = log_ndtr(high), log_ndtr(low)
    return -(upper + np.log1p(-np.exp(lower - upper))) / np.log(2)


def edges() -> np.ndarray:
    """Of the levels, in samples, (LEVELS + 1,): halfway between two in mu-law; infinite at both ends."""
    inner = (torch.arange(1, LEVELS, dtype=torch.float64) - 0.5) / (LEVELS - 1) * 2 - 1
    return np.concatenate([[-np.inf], mu_law_inverse(inner).numpy(), [np.inf]])


def samples(codes: np.ndarray) -> np.ndarray:
    """Levels as samples in -1...1, float64."""
    return dequantise(torch.as_tensor(codes, dtype=torch.float64)).numpy()


def lagged(x: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``order`` samples before each but the first ones, the last first, and the samples."""
    rows = np.lib.stride_tricks.sliding_window_view(x, order + 1)
    return rows[:, -2::-1], rows[:, -1]
