"""Scale transform of the onset autocorrelation: rhythm without its tempo.

Stretching a signal in time changes the phase of its scale transform and its size, not the shape of
its magnitude; the autocorrelation takes away where the rhythm begins (Holzapfel & Stylianou 2011;
by frequency bands Marchand & Peeters 2014). All figures are from memory where not said otherwise.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .onsets import onset_strength
from .periodicity import autocorrelations

N_SCALES = 60
"""Coefficients of a band (Marchand & Peeters 2014, from memory)."""


def scale_magnitudes(signal: np.ndarray, sr: float, n_bands: int = 8) -> np.ndarray:
    """Magnitudes of the scale transform of each band's onset autocorrelation.

    Mean over windows of 8 s; each band's magnitudes have sum 1.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Sampling rate (Hz).
    n_bands : int
        1 is Holzapfel & Stylianou's descriptor, more are after Marchand & Peeters; 8 is our choice.

    Returns
    -------
    ndarray of float32, shape (60 * n_bands,)
        Zeros for silence.
    """
    strength, rate = onset_strength(signal, sr, n_bands)
    rows = autocorrelations(strength, rate)
    values = rows.transpose(0, 2, 1) @ _matrix(rows.shape[1]).T
    found = np.abs(values).mean(axis=0)
    total = found.sum(axis=1, keepdims=True)
    return (found / np.where(total > 0, total, 1)).ravel().astype(np.float32)


def scales(n: int) -> np.ndarray:
    """Scales c of the coefficients for ``n`` samples: multiples of pi / ln(n), from 0 on.

    The resolution that Holzapfel & Stylianou give for a signal between its first sample and its
    last, from memory.
    """
    return np.arange(N_SCALES) * np.pi / np.log(n)


def direct_scale_transform(values: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Scale transform of a signal that is constant between its samples.

    ``D(c) = 1 / sqrt(2 pi) * integral of x(t) t**(-j c - 1/2) dt``, which for steps at t = 1, 2, ...
    is ``1 / ((1/2 - j c) sqrt(2 pi)) * sum over k of (x(k - 1) - x(k)) k**(1/2 - j c)``
    (Williams & Zalubas 2000).

    Parameters
    ----------
    values : ndarray of shape (n,)
        ``values[k]`` holds from t = k to k + 1, in samples; after the last it is 0.
    c : ndarray of shape (n_scales,)

    Returns
    -------
    ndarray of complex128, shape (n_scales,)
    """
    return scale_matrix(len(values), c) @ values


def scale_matrix(n: int, c: np.ndarray) -> np.ndarray:
    """`direct_scale_transform` of ``n`` samples as a matrix: complex128, shape (n_scales, n)."""
    power = 0.5 - 1j * np.asarray(c)[:, None]
    ends = np.exp(power * np.log(np.arange(1, n + 1)))
    return np.diff(ends, prepend=0) / (power * np.sqrt(2 * np.pi))


@cache
def _matrix(n: int) -> np.ndarray:
    """The matrix at the scales of ``n`` samples."""
    return scale_matrix(n, scales(n))
