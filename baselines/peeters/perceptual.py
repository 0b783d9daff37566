"""Descriptors on scales of hearing: MFCC, loudness in Bark bands, and the ERB bands' spectrum."""

from functools import cache

import librosa
import numpy as np
from scipy import fft

from mirbench.features.spectral import delta

from .frames import TINY

N_MELS = 40
N_MFCC = 13
N_BARK = 24
N_ERB = 64
"""Number of mel bands, coefficients, Bark bands and ERB bands; mel and ERB are our choice."""

RANGE = 1e-8
"""A mel band's least power relative to the note's strongest band: 80 dB (our choice)."""

MFCC_NAMES = tuple(f"mfcc {k}" for k in range(1, N_MFCC + 1))
DELTA_NAMES = tuple(
    f"mfcc {kind} {k}" for kind in ("delta", "delta-delta") for k in range(1, N_MFCC + 1)
)
BARK_NAMES = tuple(f"relative specific loudness {z}" for z in range(1, N_BARK + 1))
LOUDNESS_NAMES = ("sharpness", "loudness spread")


@cache
def mel_bank(sr: float, n_fft: int) -> np.ndarray:
    """Slaney's mel filters: shape (n_bins, 40)."""
    return librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=N_MELS).T.copy()


def cepstra(power: np.ndarray, sr: float) -> np.ndarray:
    """MFCC 1-13, and their first and second derivatives over 9 frames.

    Orthonormal DCT-II of 10 log10 of 40 mel bands; c0, which is level, is left out.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)

    Returns
    -------
    ndarray of shape (n_frames, 39)
    """
    bands = power @ mel_bank(sr, 2 * (power.shape[1] - 1))
    bands = np.maximum(bands, max(RANGE * bands.max(), TINY))
    static = fft.dct(10 * np.log10(bands), type=2, norm="ortho", axis=1)[:, 1 : N_MFCC + 1]
    return np.concatenate([delta(static, order=k, width=9) for k in range(3)], axis=1)


@cache
def bark_bank(sr: float, n_fft: int) -> np.ndarray:
    """Membership of each bin in the 24 Bark bands: zeros and ones, shape (n_bins, 24).

    z = 13 arctan(0.00076 f) + 3.5 arctan((f / 7500)^2), Zwicker; what lies above goes to band 24.
    """
    f = np.fft.rfftfreq(n_fft, 1 / sr)
    z = 13 * np.arctan(0.76e-3 * f) + 3.5 * np.arctan((f / 7500) ** 2)
    return np.eye(N_BARK, dtype=np.float32)[np.minimum(z.astype(int), N_BARK - 1)]


def loudness(power: np.ndarray, sr: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Relative specific loudness in 24 Bark bands, sharpness and spread, relative loudness.

    Peeters 2004, from memory: specific loudness N' is the band's energy to the power 0.23, loudness
    N their sum, sharpness 0.11 sum z g(z) N'(z) / N with g = 1 under band 15 and
    0.066 exp(0.171 z) from there on, spread ((N - max N') / N)^2. Absolute level is left out: N is
    given in dB of the note's loudest frame, not under -40.

    Returns
    -------
    relative : ndarray of shape (n_frames, 24)
        Of sum 1; 0 for silence.
    two : ndarray of shape (n_frames, 2)
        Sharpness and spread.
    level : ndarray of shape (n_frames,)
        Loudness (dB).
    """
    specific = np.maximum(power @ bark_bank(sr, 2 * (power.shape[1] - 1)), 0) ** np.float32(0.23)
    total = specific.sum(axis=1)
    relative = specific / np.maximum(total, TINY)[:, None]
    z = np.arange(1, N_BARK + 1)
    weight = z * np.where(z < 15, 1.0, 0.066 * np.exp(0.171 * z))
    loud = total / max(float(total.max()), TINY)
    two = np.stack([0.11 * (relative @ weight), np.square(1 - relative.max(axis=1))], axis=1)
    return relative, two, 20 * np.log10(np.maximum(loud, 1e-2))


def erb_number(f: np.ndarray | float) -> np.ndarray:
    """Frequency (Hz) on the ERB-rate scale, 21.4 log10(1 + 0.00437 f) (Glasberg & Moore 1990)."""
    return 21.4 * np.log10(1 + 0.00437 * np.asarray(f))


@cache
def erb_bank(sr: float, n_fft: int) -> tuple[np.ndarray, np.ndarray]:
    """Power responses of 4th-order gammatone filters: (n_bins, 64), and their ERB-rates (64,).

    Centres evenly spaced on the ERB-rate scale from 30 Hz to 16 kHz, or 0.9 Nyquist if lower.
    """
    rates = np.linspace(erb_number(30.0), erb_number(min(16e3, 0.45 * sr)), N_ERB)
    centres = (10 ** (rates / 21.4) - 1) / 0.00437
    bandwidth = 1.019 * 24.7 * (1 + 0.00437 * centres)
    f = np.fft.rfftfreq(n_fft, 1 / sr)[:, None]
    response = (1 + ((f - centres) / bandwidth) ** 2) ** -4.0
    return response.astype(np.float32), rates


def erb_magnitude(power: np.ndarray, sr: float) -> tuple[np.ndarray, np.ndarray]:
    """Amplitude in ERB bands (n_frames, 64) and the bands' ERB-rates (64,)."""
    bank, rates = erb_bank(sr, 2 * (power.shape[1] - 1))
    return np.sqrt(power @ bank), rates
