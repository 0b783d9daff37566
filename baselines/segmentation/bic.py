"""Boundaries by the Bayesian information criterion on a growing window.

S. S. Chen and P. S. Gopalakrishnan, "Speaker, environment and channel change detection and
clustering via the Bayesian information criterion", DARPA Broadcast News Workshop 1998 (from memory).
"""

from __future__ import annotations

import numpy as np


def delta_bic(window: np.ndarray, splits: np.ndarray, penalty: float = 1.0) -> np.ndarray:
    """Gain of two full-covariance Gaussians over one, for each place to split.

    ``N/2 log|S| - N1/2 log|S1| - N2/2 log|S2| - penalty * (d + d(d+1)/2) / 2 * log N`` with
    maximum-likelihood covariances: positive where two models are worth their parameters.

    Parameters
    ----------
    window : ndarray of shape (N, d)
    splits : ndarray of int, shape (k,)
        The second part starts at this row; at least one row on either side.
    penalty : float
        The lambda of the criterion, 1 as derived.

    Returns
    -------
    ndarray of shape (k,)
    """
    n, d = window.shape
    centred = window - window.mean(axis=0)
    sums = np.cumsum(centred, axis=0)
    squares = np.cumsum(centred[:, :, None] * centred[:, None, :], axis=0)
    # one floor for all three keeps digital silence finite
    floor = 1e-6 * max(np.trace(squares[-1]) / (n * d), 1e-12) * np.eye(d)

    def half_log_det(count: np.ndarray, total: np.ndarray, square: np.ndarray) -> np.ndarray:
        mean = total / count[..., None]
        covariance = square / count[..., None, None] - mean[..., :, None] * mean[..., None, :]
        return count / 2 * np.linalg.slogdet(covariance + floor)[1]

    before, after = splits.astype(float), (n - splits).astype(float)
    left, left_square = sums[splits - 1], squares[splits - 1]
    gain = (
        half_log_det(np.array(float(n)), sums[-1], squares[-1])
        - half_log_det(before, left, left_square)
        - half_log_det(after, sums[-1] - left, squares[-1] - left_square)
    )
    return gain - penalty * 0.5 * (d + d * (d + 1) / 2) * np.log(n)


def bic_boundaries(
    features: np.ndarray,
    min_frames: int = 50,
    grow: int = 50,
    max_frames: int = 1000,
    step: int = 5,
    penalty: float = 1.0,
) -> np.ndarray:
    """Frames before which a boundary lies.

    The window starts at ``2 * min_frames`` and grows until a split pays; then it restarts at that
    split. A window longer than ``max_frames`` slides on instead (our choice; bounds the cost).

    Parameters
    ----------
    features : ndarray of shape (n, d)
    min_frames : int
        Least frames on either side of a split; more than d are needed for a covariance.
    grow : int
        Frames by which the window grows or slides.
    max_frames : int
        Longest window.
    step : int
        Splits are tried every ``step`` frames.
    penalty : float
        See :func:`delta_bic`.

    Returns
    -------
    ndarray of int, ascending
    """
    boundaries: list[int] = []
    start, end = 0, 2 * min_frames
    while end <= len(features):
        splits = np.arange(min_frames, end - start - min_frames + 1, step)
        gains = delta_bic(features[start:end].astype(float), splits, penalty)
        best = int(gains.argmax())
        if gains[best] > 0:
            start += int(splits[best])
            boundaries.append(start)
            end = start + 2 * min_frames
        else:
            end += grow
            if end - start > max_frames:
                start += grow
    return np.array(boundaries, dtype=int)
