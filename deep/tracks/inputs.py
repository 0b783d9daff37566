"""Front-ends of the nets over tracks: pure functions ``(signal, sr) -> float32 (n_frames, bins)``.

Called at the rate that the name's system uses (`RATES`, Hz). A gain of the recording moves all of
them, as published: by a constant in dB (`choi_logmel`), by a curve (the others), by a factor
(`waveform`); standardisation takes out the training part's mean, not a recording's. It cancels only
in `deep.similarity.inputs.track_logmel`, the front-end of our own nets.
"""

from __future__ import annotations

import numpy as np

from mirbench.features.framing import checked
from mirbench.features.spectral import logmel, mel_power, mfcc, stft_magnitude

RATES = {
    "choi_logmel": 12_000,
    "choi_stft": 12_000,
    "choi_mfcc": 12_000,
    "pons_logmel": 44_100,
    "musicnn_logmel": 16_000,
    "latent_logmel": 22_050,
    "won_logmel": 16_000,
}
AMIN = 1e-10
"""Floor of a band's power, -100 dB."""


def choi_logmel(signal: np.ndarray, sr: float) -> np.ndarray:
    """96 mel bands in dB re 1: 512 samples every 256 (at 12 kHz 42.7 and 21.3 ms).

    Choi et al. 2016, section 4; dB without a floor relative to the loudest frame. 29.12 s give 1366
    frames. The published preprocessing squares the power once more: a factor of two that
    standardisation takes out. A gain adds a constant to all bands.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        12 000 Hz in the paper.

    Returns
    -------
    ndarray of float32, shape (n_frames, 96)
    """
    return decibels(mel_power(signal, sr, n_fft=512, hop_length=256, n_mels=96, framing="center"))


def choi_stft(signal: np.ndarray, sr: float) -> np.ndarray:
    """128 bins of 256 samples every 256 in dB: the STFT input of Choi et al. 2016 (from memory).

    A gain adds a constant. Parameters as in `choi_logmel`.
    """
    magnitude = stft_magnitude(signal, sr, n_fft=256, hop_length=256, framing="center", n_bins=128)
    return decibels(magnitude**2)


def choi_mfcc(signal: np.ndarray, sr: float) -> np.ndarray:
    """30 MFCC with two orders of differences, frames as `choi_logmel` (from memory).

    A gain moves the first coefficient only. Parameters as in `choi_logmel`.
    """
    return mfcc(
        signal, sr, n_mfcc=30, deltas=2, n_fft=512, hop_length=256, n_mels=96, framing="center"
    )


def pons_logmel(signal: np.ndarray, sr: float) -> np.ndarray:
    """40 mel bands, ``log10(1 + 1e4 x)``: 2048 samples every 1024 (46 and 23 ms at 44.1 kHz).

    Pons et al. 2016, section III, and their code: Blackman-Harris window, 80 frames are 1.86 s.
    Mel triangles of unit area: our choice. A gain doesn't cancel.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        44 100 Hz in the paper.

    Returns
    -------
    ndarray of float32, shape (n_frames, 40)
    """
    return logmel(
        signal,
        sr,
        n_fft=2048,
        hop_length=1024,
        n_mels=40,
        window="blackmanharris",
        framing="center",
    )


def musicnn_logmel(signal: np.ndarray, sr: float) -> np.ndarray:
    """96 mel bands, ``log10(1 + 1e4 x)``: 512 samples every 256 (32 and 16 ms at 16 kHz).

    Pons and Serra 2019, as in their released package; 187 frames are 2.99 s. A gain doesn't cancel.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        16 000 Hz in the paper.

    Returns
    -------
    ndarray of float32, shape (n_frames, 96)
    """
    return logmel(signal, sr, n_fft=512, hop_length=256, n_mels=96, framing="center")


def latent_logmel(signal: np.ndarray, sr: float) -> np.ndarray:
    """128 mel bands, ``log10(1 + 1e4 x)``: 1024 samples every 512 (46 and 23 ms at 22.05 kHz).

    Van den Oord et al. 2013, section 4 (from memory); 599 frames are 13.9 s. The compression's
    constant is our choice. A gain doesn't cancel.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        22 050 Hz in the paper.

    Returns
    -------
    ndarray of float32, shape (n_frames, 128)
    """
    return logmel(signal, sr, n_fft=1024, hop_length=512, n_mels=128, framing="center")


def won_logmel(signal: np.ndarray, sr: float) -> np.ndarray:
    """128 mel bands in dB: 512 samples every 256 (32 and 16 ms at 16 kHz).

    Won et al. 2020, as in their code: HTK mels of unit height, the lowest of which holds no
    bin and stays at -100 dB; 231 frames are 3.7 s. A gain adds a constant to all others.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        16 000 Hz in the paper.

    Returns
    -------
    ndarray of float32, shape (n_frames, 128)
    """
    return decibels(
        mel_power(
            signal,
            sr,
            n_fft=512,
            hop_length=256,
            n_mels=128,
            htk=True,
            norm=None,
            framing="center",
        )
    )


def waveform(signal: np.ndarray, sr: float) -> np.ndarray:
    """The samples, a frame each: float32 (n_samples, 1). A gain is a factor."""
    return checked(signal)[:, None]


def decibels(power: np.ndarray) -> np.ndarray:
    """``10 log10`` of power, at least -100 dB."""
    return (10 * np.log10(np.maximum(power, AMIN))).astype(np.float32)
