"""MFCC of the timbre similarity papers: pure functions ``(signal, sr) -> float32 (n_frames, d)``.

All take the power spectrum of Hann frames through triangular bands of unit area on Slaney's mel
scale from 0 to half the sampling rate, 10 log10 with a fixed floor, and an orthonormal DCT-II
(`mirbench.features.spectral.mfcc`). Frames lie wholly inside the signal; a signal shorter than a
frame is filled up with silence to one. What the papers leave open is our choice and said to be.
"""

from __future__ import annotations

import numpy as np

from mirbench.features.spectral import mfcc

FLOOR = 1e-6
"""Floor of a band's power (our choice): digital silence is no further than that from music."""


def aucouturier_pachet(
    signal: np.ndarray, sr: float, *, n_mfcc: int = 8, frame_s: float = 0.05
) -> np.ndarray:
    """MFCC of 50-ms frames: the first 8 in 2002, 20 in 2004 (from memory).

    Frames overlap by half, c0 is included, 40 bands (our choices).

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Sampling rate (Hz).
    n_mfcc : int
        Coefficients, c0 included.
    frame_s : float
        Length of a frame (s).

    Returns
    -------
    ndarray of float32, shape (n_frames, n_mfcc), at least one frame
    """
    length = round(frame_s * sr)
    return _mfcc(signal, sr, n_mfcc, length, length // 2, n_mels=40)


def mandel_ellis(
    signal: np.ndarray, sr: float, *, n_mfcc: int = 20, longest_s: float | None = 60.0
) -> np.ndarray:
    """20 MFCC with c0 of the central 60 s: frames of 1024, hop 512, 36 bands, for 22,050 Hz.

    The parameters of the hubness authors' implementation; their improved variant has 25.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Sampling rate (Hz).
    n_mfcc : int
        Coefficients, c0 included.
    longest_s : float or None
        Length (s) of the part in the middle; None for all of the signal.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_mfcc), at least one frame
    """
    return _mfcc(central(signal, sr, longest_s), sr, n_mfcc, 1024, 512, n_mels=36)


def logan_salomon(
    signal: np.ndarray, sr: float, *, n_mfcc: int = 19, frame_s: float = 0.025
) -> np.ndarray:
    """MFCC 1 to 19 of 25-ms frames (Logan & Salomon 2001, from memory); 40 bands.

    Frames don't overlap and c0 (level) is left out (our choices).

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Sampling rate (Hz).
    n_mfcc : int
        Coefficients after c0.
    frame_s : float
        Length of a frame (s).

    Returns
    -------
    ndarray of float32, shape (n_frames, n_mfcc), at least one frame
    """
    length = round(frame_s * sr)
    return _mfcc(signal, sr, 1 + n_mfcc, length, length, n_mels=40)[:, 1:]


def statistics(
    signal: np.ndarray, sr: float, *, n_mfcc: int = 20, longest_s: float | None = 60.0
) -> np.ndarray:
    """Mean and standard deviation of `mandel_ellis`: float32, shape (2 * n_mfcc,)."""
    frames = mandel_ellis(signal, sr, n_mfcc=n_mfcc, longest_s=longest_s)
    return np.concatenate([frames.mean(axis=0), frames.std(axis=0)])


def central(signal: np.ndarray, sr: float, longest_s: float | None) -> np.ndarray:
    """The middle ``longest_s`` seconds of a signal, all of a shorter one."""
    if longest_s is None:
        return signal
    length = max(1, round(longest_s * sr))
    start = max(0, (len(signal) - length) // 2)
    return signal[start : start + length]


def _mfcc(
    signal: np.ndarray, sr: float, n_mfcc: int, n_fft: int, hop_length: int, n_mels: int
) -> np.ndarray:
    return mfcc(
        signal,
        sr,
        n_mfcc=n_mfcc,
        amin=FLOOR,
        n_fft=n_fft,
        hop_length=hop_length,
        window="hann",
        framing="valid",
        pad_mode="constant",
        n_mels=n_mels,
        fmin=0.0,
        fmax=sr / 2,
        htk=False,
        norm="slaney",
        power=2.0,
    )
