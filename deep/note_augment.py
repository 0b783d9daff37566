"""Another player, room, microphone and line for a patch of a note, drawn anew at each access."""

from __future__ import annotations

import numpy as np
import scipy.signal

FLOOR = 1e-6  # power under the loudest frame, that of `deep.note_inputs.note_logmel`


def random_recording(patch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As if the note had been played, recorded and cut elsewhere.

    What differs between sample databases but isn't the instrument. In this order, all our choice:
    `shifted` by up to one band, `swell`, `reverberant` in 30 % of the patches, `equaliser`, a
    level of -6 to +2 dB, `truncated` to half or more in 15 %, then noise of -70 to -40 dB. Stronger
    equalisers (several smooth waves) were tried and were no better on the mean over databases.

    Parameters
    ----------
    patch : ndarray of shape (channels, n_frames, bins)
        Logarithms to base 10 of power relative to the loudest frame.
    rng : Generator

    Returns
    -------
    ndarray of float32, the same shape
    """
    frames, bins = patch.shape[1:]
    power = np.maximum(10 ** shifted(patch, rng.uniform(-1, 1)) - FLOOR, 0)
    power = power * swell(frames, rng)[:, None]
    if rng.random() < 0.3:
        power = reverberant(power, rng.uniform(5, 40), rng.uniform(0.05, 0.5))
    power = power * equaliser(bins, rng)
    power *= 10 ** rng.uniform(-0.6, 0.2) / max(power.sum(axis=2).max(), 1e-20)
    if rng.random() < 0.15:
        power = truncated(power, rng.integers(-(-frames // 2), frames + 1))
    noise = 10 ** rng.uniform(-7, -4) / bins
    return np.log10(power + noise + FLOOR).astype(np.float32)


def shifted(patch: np.ndarray, bands: float) -> np.ndarray:
    """The patch moved up by a fractional number of bands, its edge bands repeated.

    Parameters
    ----------
    patch : ndarray of shape (..., bins)
    bands : float
    """
    bins = patch.shape[-1]
    places = np.clip(np.arange(bins) - bands, 0, bins - 1)
    low = np.minimum(places.astype(int), bins - 2) if bins > 1 else np.zeros(1, dtype=int)
    part = (places - low).astype(patch.dtype)
    return patch[..., low] * (1 - part) + patch[..., np.minimum(low + 1, bins - 1)] * part


def swell(n_frames: int, rng: np.random.Generator) -> np.ndarray:
    """Slow gain (power) over time: a slope within +-6 dB and a swing within +-2 dB."""
    time = np.linspace(0, 1, n_frames)
    slope = rng.uniform(-0.6, 0.6) * (time - 0.5)
    swing = rng.uniform(0, 0.2) * np.sin(2 * np.pi * (rng.uniform(0.5, 6) * time + rng.random()))
    return 10 ** (slope + swing)


def reverberant(power: np.ndarray, decay: float, wet: float) -> np.ndarray:
    """The power with ``wet`` times an exponential tail of its own past.

    Parameters
    ----------
    power : ndarray of shape (channels, n_frames, bins)
    decay : float
        Frames in which the tail falls by 60 dB.
    wet : float
        Power of the tail relative to the sound that made it, at the start of the tail.
    """
    tail = scipy.signal.lfilter([0, wet], [1, -(10 ** (-6 / decay))], power, axis=1)
    return power + tail * (1 - 10 ** (-6 / decay))


def equaliser(bins: int, rng: np.random.Generator) -> np.ndarray:
    """Random gain (power) of each band.

    A slope within +-5 dB from the lowest to the highest band, and in 15 % of the cases 40 dB less
    outside a band (its edges up to 1/10, and from 1/2, of the mel range up).
    """
    gain = rng.uniform(-1, 1) * np.linspace(-0.5, 0.5, bins)
    if rng.random() < 0.15:
        gain[: rng.integers(0, bins // 10 + 1)] -= 4
        gain[rng.integers(bins // 2, bins) :] -= 4
    return 10**gain


def truncated(power: np.ndarray, n_frames: int) -> np.ndarray:
    """The first frames only, repeated to fill the patch, as short notes are."""
    return power[:, np.arange(power.shape[1]) % max(1, n_frames)]
