"""Descriptors of one spectrum: centroid, rolloff, flux and cepstral residual.

All share one spectrum: a Hamming window over the 20-ms frame, zero-padded to 512 points (window
and length are our choice; the paper states neither).
"""

from functools import cache

import numpy as np
from scipy import fft

N_FFT = 512
N_CEPSTRA = 30


def bin_frequencies(sr: float) -> np.ndarray:
    """Centre (Hz) of each of the 257 bins, float32."""
    return np.fft.rfftfreq(N_FFT, 1 / sr).astype(np.float32)


@cache
def _window(length: int) -> np.ndarray:
    """Hamming window, scaled so that the one-sided power spectrum sums to the mean square."""
    window = np.hamming(length)
    return (window * np.sqrt(2 / (N_FFT * np.sum(window**2)))).astype(np.float32)


def power_spectra(frames: np.ndarray) -> np.ndarray:
    """One-sided power spectrum of each frame.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, hop)
        At most 512 samples each.

    Returns
    -------
    ndarray of float32, shape (n_frames, 257)
        Scaled so that a row sums to about the frame's mean square (full scale = 1).
    """
    n_frames, length = frames.shape
    padded = np.zeros((n_frames, N_FFT), dtype=np.float32)
    np.multiply(frames, _window(length), out=padded[:, :length])
    spectra = fft.rfft(padded, axis=1, overwrite_x=True)
    power = np.square(spectra.real)
    power += np.square(spectra.imag)
    return power


def centroid(power: np.ndarray, sr: float) -> np.ndarray:
    """Spectral centroid, sum(f P) / sum(P), in Hz (feature 4); 0 for digital silence.

    Scheirer & Slaney 1997, from memory; on power, as there.

    Parameters
    ----------
    power : ndarray of shape (n_frames, 257)

    Returns
    -------
    ndarray of shape (n_frames,)
    """
    return power @ bin_frequencies(sr) / np.maximum(power.sum(axis=1), 1e-20)


def rolloff(power: np.ndarray, sr: float, share: float = 0.95) -> np.ndarray:
    """Lowest frequency (Hz) below which ``share`` of the power lies (feature 3); 0 for silence.

    Scheirer & Slaney 1997; the 95 % are from memory.

    Parameters
    ----------
    power : ndarray of shape (n_frames, 257)
    share : float
        Between 0 and 1.

    Returns
    -------
    ndarray of shape (n_frames,)
    """
    cumulative = np.cumsum(power, axis=1)
    reached = cumulative >= np.float32(share) * cumulative[:, -1:]
    return bin_frequencies(sr)[np.argmax(reached, axis=1)]


def unit_norm(amplitude: np.ndarray) -> np.ndarray:
    """Amplitude spectra divided by their Euclidean norm; zero for digital silence.

    Norms under 1e-6 (-120 dB re full scale) count as silence.
    """
    norm = np.sqrt(np.einsum("ij,ij->i", amplitude, amplitude))
    return amplitude / np.maximum(norm, np.float32(1e-6))[:, None]


def flux(spectra: np.ndarray, previous: np.ndarray) -> np.ndarray:
    """Euclidean distance between successive spectra (feature 5), in their unit.

    Scheirer & Slaney 1997, from memory: on amplitude spectra, so that it follows the level. On
    spectra of unit norm (our choice in the robust recipe) it lies between 0 and 1.42.

    Parameters
    ----------
    spectra : ndarray of shape (n_frames, 257)
    previous : ndarray of shape (257,)
        The spectrum before the first one.

    Returns
    -------
    ndarray of shape (n_frames,)
    """
    step = np.empty_like(spectra)
    np.subtract(spectra[1:], spectra[:-1], out=step[1:])
    np.subtract(spectra[:1], previous, out=step[:1])
    return np.sqrt(np.einsum("ij,ij->i", step, step))


@cache
def _cosines() -> tuple[np.ndarray, np.ndarray]:
    """Half spectrum to its first cepstral coefficients (257, 30), and back (30, 257)."""
    n_bins = N_FFT // 2 + 1
    back = np.cos(2 * np.pi * np.outer(np.arange(N_CEPSTRA), np.arange(n_bins)) / N_FFT)
    back[1:] *= 2  # quefrencies n and N - n are equal
    there = np.cos(2 * np.pi * np.outer(np.arange(n_bins), np.arange(N_CEPSTRA)) / N_FFT) / N_FFT
    there[1:-1] *= 2  # so are bins k and N - k
    return there, back


def residual(spectra: np.ndarray, floor: float) -> np.ndarray:
    """What a cepstrally smoothed spectrum leaves out (feature 7), in nepers.

    The log-amplitude spectrum is smoothed by keeping its 30 lowest cepstral coefficients; the
    residual is the Euclidean norm of log spectrum minus smoothed one, over the 257 bins. Unvoiced
    and noisy sounds are fitted worse than harmonic ones. Scheirer & Slaney 1997, from memory; the
    log domain and the number of coefficients are our choice, the paper states neither.

    Parameters
    ----------
    spectra : ndarray of shape (n_frames, 257)
        Amplitudes.
    floor : float
        Added inside the log, in the unit of ``spectra``. When it is tiny, bins next to zero rule.

    Returns
    -------
    ndarray of shape (n_frames,)
    """
    there, back = _cosines()
    # float64: what is left of a flat spectrum is a difference of large, nearly equal numbers, and in
    # float32 their rounding depends on how many frames are multiplied at once
    rest = np.log(spectra + np.float32(floor)).astype(np.float64)
    rest -= (rest @ there) @ back
    return np.sqrt(np.einsum("ij,ij->i", rest, rest)).astype(np.float32)
