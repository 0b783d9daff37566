"""Generic spectral front-ends: pure functions ``(signal, sr, **kw) -> float32 (n_frames, d)``.

Thin wrappers of librosa, time first, with nothing left to a default that depends on the signal
(no tuning estimate, no ``top_db``), so that a block of a stream gives what the whole file gives.

Where frames lie is `mirbench.features.framing`'s: by default on the harness's grid, the 20-ms frames
of a frame protocol when ``hop_length = 0.02 * sr``.

References
----------
.. [1] B. McFee et al., "librosa: audio and music signal analysis in Python", SciPy 2015.
"""

from __future__ import annotations

import warnings
from typing import Any, Literal

import librosa
import numpy as np
import scipy.signal

from mirbench.errors import DataError
from mirbench.features.framing import Framing, checked, padded


def stft_magnitude(
    signal: np.ndarray,
    sr: float,
    *,
    n_fft: int = 1024,
    hop_length: int = 441,
    window: str = "hann",
    framing: Framing = "hop",
    pad_mode: str = "constant",
    n_bins: int | None = None,
) -> np.ndarray:
    """Magnitude of the short-time Fourier transform.

    Parameters
    ----------
    signal : ndarray of shape (n,)
        Mono samples, finite.
    sr : float
        Sampling rate (Hz); unused, there so that all front-ends are called alike.
    n_fft, hop_length : int
        Frame length and hop (samples).
    window : str
        Window of length ``n_fft``, periodic.
    framing : {"hop", "center", "valid"}
        See `mirbench.features.framing`.
    pad_mode : str
        How `numpy.pad` fills what lies outside the signal.
    n_bins : int, optional
        Keep the lowest ``n_bins`` bins; by default all ``1 + n_fft // 2``.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_bins)

    Raises
    ------
    DataError
        If the signal is empty, not mono or not finite.
    """
    samples, count = padded(signal, n_fft, hop_length, framing, pad_mode)
    transform = librosa.stft(
        samples, n_fft=n_fft, hop_length=hop_length, window=window, center=False
    )
    return np.ascontiguousarray(np.abs(transform[:n_bins, :count]).T, dtype=np.float32)


def mel_power(
    signal: np.ndarray,
    sr: float,
    *,
    n_fft: int = 1024,
    n_mels: int = 40,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: Literal["slaney"] | None = "slaney",
    power: float = 2.0,
    **stft: Any,
) -> np.ndarray:
    """Mel-band energies, not compressed.

    Parameters
    ----------
    signal, sr, n_fft
        As in `stft_magnitude`; ``sr`` in Hz.
    n_mels : int
        Number of triangular bands between ``fmin`` and ``fmax`` (Hz; by default ``sr / 2``).
    htk : bool
        Mel scale: HTK's formula, or Slaney's (linear under 1 kHz).
    norm : {"slaney", None}
        Triangles of unit area, or of unit height.
    power : float
        Exponent of the magnitude: 2 for power, 1 for amplitude.
    **stft
        Other parameters of `stft_magnitude`.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_mels)
    """
    magnitude = stft_magnitude(signal, sr, n_fft=n_fft, **stft)
    bank = librosa.filters.mel(
        sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm
    )
    return np.asarray(magnitude**power @ bank.T, dtype=np.float32)


def logmel(signal: np.ndarray, sr: float, *, gain: float = 1e4, **mel: Any) -> np.ndarray:
    """Log-mel spectrogram ``log10(1 + gain * mel_power)``, the compression of musicnn.

    Follows the signal's level: normalise it first where level must not tell.

    Parameters
    ----------
    signal, sr
        As in `stft_magnitude`.
    gain : float
        Factor before the logarithm.
    **mel
        Parameters of `mel_power`.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_mels)
    """
    return np.log10(1 + np.float32(gain) * mel_power(signal, sr, **mel))


def mfcc(
    signal: np.ndarray,
    sr: float,
    *,
    n_mfcc: int = 20,
    amin: float = 1e-10,
    deltas: int = 0,
    delta_width: int = 9,
    **mel: Any,
) -> np.ndarray:
    """Mel-frequency cepstral coefficients, c0 included, with or without their derivatives.

    Orthonormal DCT-II of ``10 log10 max(mel_power, amin)`` (dB), no lifter.

    Parameters
    ----------
    signal, sr
        As in `stft_magnitude`.
    n_mfcc : int
        Number of coefficients, the first being c0 (level).
    amin : float
        Floor of a band's power; no floor relative to the loudest frame.
    deltas : int
        Orders of derivative appended on the last axis: 0, 1 or 2.
    delta_width : int
        Odd length (frames) of the slope, see `delta`.
    **mel
        Parameters of `mel_power`.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_mfcc * (1 + deltas))
    """
    decibels = 10 * np.log10(np.maximum(mel_power(signal, sr, **mel), amin))
    coefficients = librosa.feature.mfcc(S=decibels.T, n_mfcc=n_mfcc, dct_type=2, norm="ortho").T
    orders = [delta(coefficients, order=k, width=delta_width) for k in range(deltas + 1)]
    return np.concatenate(orders, axis=1).astype(np.float32)


def cqt(
    signal: np.ndarray,
    sr: float,
    *,
    hop_length: int = 512,
    fmin: float = 32.703,
    n_bins: int = 84,
    bins_per_octave: int = 12,
    framing: Literal["hop", "center"] = "hop",
    pad_mode: str = "constant",
) -> np.ndarray:
    """Magnitude of the constant-Q transform, no tuning estimate.

    Parameters
    ----------
    signal, sr, hop_length, pad_mode
        As in `stft_magnitude`; ``sr`` in Hz.
    framing : {"hop", "center"}
        As above; the filters are centred, so there is no ``"valid"``.
    fmin : float
        Centre frequency (Hz) of the lowest bin; by default C1.
    n_bins, bins_per_octave : int
        Number of bins, and of bins in an octave.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_bins)
        A signal shorter than the longest filter is padded.

    Raises
    ------
    DataError
        If the signal is empty, not mono or not finite, or ``framing="valid"``.
    """
    samples = checked(signal)
    if framing not in ("hop", "center"):
        raise DataError(f'cqt has no framing "{framing}": use "hop" or "center"')
    shift = hop_length - hop_length // 2 if framing == "hop" else 0
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="n_fft=.* is too large")
        transform = librosa.cqt(
            np.pad(samples, (shift, 0)),
            sr=sr,
            hop_length=hop_length,
            fmin=fmin,
            n_bins=n_bins,
            bins_per_octave=bins_per_octave,
            tuning=0.0,
            filter_scale=1,
            norm=1,
            sparsity=0.01,
            window="hann",
            scale=True,
            pad_mode=pad_mode,  # type: ignore[arg-type]
            res_type="soxr_hq",
        )
    rows = np.abs(transform).T
    if framing == "hop":
        rows = rows[1 : 1 + len(samples) // hop_length]
    return np.ascontiguousarray(rows, dtype=np.float32)


def chroma(
    signal: np.ndarray,
    sr: float,
    *,
    n_fft: int = 2048,
    n_chroma: int = 12,
    norm: float | None = np.inf,
    **stft: Any,
) -> np.ndarray:
    """Chroma of the power spectrum, A440, no tuning estimate.

    Parameters
    ----------
    signal, sr, n_fft
        As in `stft_magnitude`; ``sr`` in Hz.
    n_chroma : int
        Classes in an octave, the first being C.
    norm : float or None
        Norm of each frame, brought to one: ``inf`` divides by the largest class. A silent frame
        stays zero.
    **stft
        Other parameters of `stft_magnitude`.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_chroma)
    """
    magnitude = stft_magnitude(signal, sr, n_fft=n_fft, **stft)
    classes = librosa.feature.chroma_stft(
        S=magnitude.T**2, sr=sr, n_fft=n_fft, tuning=0.0, norm=norm, n_chroma=n_chroma
    )
    return np.ascontiguousarray(classes.T, dtype=np.float32)


def delta(features: np.ndarray, *, order: int = 1, width: int = 9) -> np.ndarray:
    """Derivative along time by a Savitzky-Golay slope; order 0 gives the features back.

    Parameters
    ----------
    features : ndarray of shape (n_frames, d)
    order : int
        Order of the derivative, and degree of the fitted polynomial.
    width : int
        Odd number of frames; edges repeat the outer frame, so any ``n_frames`` will do.

    Returns
    -------
    ndarray of the shape of ``features``
        Per frame, not per second.
    """
    if order == 0 or not len(features):
        return features
    return scipy.signal.savgol_filter(
        features, width, polyorder=order, deriv=order, axis=0, mode="nearest"
    )
