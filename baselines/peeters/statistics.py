"""Temporal modelling: what a track of frames becomes in a description of the whole note."""

import numpy as np

from .frames import TINY

NAMES = (
    "min",
    "max",
    "mean",
    "sd",
    "median",
    "iqr",
    "crest",
    "weighted mean",
    "weighted sd",
)
"""Rows of :func:`statistics`; "iqr" is 0.7413 times the interquartile range, "crest" max / mean."""

ACTIVE = 1e-5
"""Frames 50 dB below the loudest are left out (our choice)."""


def active(energy: np.ndarray) -> np.ndarray:
    """Frames that sound: bool, shape (n_frames,); all of them where nothing sounds."""
    loud = energy > ACTIVE * energy.max()
    return loud if loud.any() else np.ones_like(loud)


def quantile(ordered: np.ndarray, share: float) -> np.ndarray:
    """Linearly interpolated quantile of each column of a matrix sorted along its first axis."""
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def weighted(tracks: np.ndarray, energy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation with each frame weighted by its energy: two of shape (d,)."""
    total = energy.sum()
    weights = energy / total if total > TINY else np.full(len(energy), 1 / len(energy))
    mean = weights @ tracks
    return mean, np.sqrt(weights @ np.square(tracks - mean))


def statistics(tracks: np.ndarray, energy: np.ndarray) -> np.ndarray:
    """Nine statistics of each track.

    Parameters
    ----------
    tracks : ndarray of shape (n_frames, d), n_frames > 0
    energy : ndarray of shape (n_frames,)
        Weights of the weighted mean and sd.

    Returns
    -------
    ndarray of float64, shape (9, d)
        Rows as in ``NAMES``. The crest of a track whose mean is next to nothing beside its maximum
        is bounded by +-100 (our choice).
    """
    tracks = np.asarray(tracks, dtype=np.float64)
    ordered = np.sort(tracks, axis=0)
    mean = tracks.mean(axis=0)
    lowest, highest = ordered[0], ordered[-1]
    least = np.maximum(np.abs(highest) / 100, TINY)
    crest = highest / np.where(np.abs(mean) < least, np.copysign(least, mean), mean)
    spread = 0.7413 * (quantile(ordered, 0.75) - quantile(ordered, 0.25))
    return np.stack(
        [
            lowest,
            highest,
            mean,
            tracks.std(axis=0),
            quantile(ordered, 0.5),
            spread,
            crest,
            *weighted(tracks, energy),
        ]
    )
