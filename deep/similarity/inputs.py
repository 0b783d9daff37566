"""The front-end of the similarity nets: log-mel of a track, relative to its mean level."""

from __future__ import annotations

import numpy as np

from mirbench.features.spectral import mel_power

SR = 16_000
HOP_S = 0.04


def track_logmel(
    signal: np.ndarray,
    sr: float,
    *,
    n_fft: int = 1024,
    hop_length: int = 640,
    n_mels: int = 48,
    fmin: float = 40.0,
    fmax: float = 7800.0,
    floor_db: float = -60.0,
) -> np.ndarray:
    """Log-mel power relative to the track's mean power: no gain, no digital silence.

    Compressed as ``log10(x + 10 ** (floor_db / 10))`` after the division, so that a gain cancels
    exactly. Bands, frame rate and floor are our choice: how long the inputs of the published
    system are isn't known.

    Parameters
    ----------
    signal, sr, n_fft, hop_length, n_mels, fmin, fmax
        As in `mel_power`, frames centred, with HTK mels of unit height. Hz and samples.
    floor_db : float
        Floor (dB) under the mean power of a frame, in each band.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_mels)
        A frame or more. Silence gives ``floor_db / 10`` in all bands.

    Raises
    ------
    DataError
        As `stft_magnitude`.
    """
    energies = mel_power(
        signal,
        sr,
        n_fft=n_fft,
        hop_length=hop_length,
        n_mels=n_mels,
        fmin=fmin,
        fmax=fmax,
        htk=True,
        norm=None,
        framing="center",
    )
    level = energies.sum(axis=1, dtype=np.float64).mean()
    relative = energies / level if level > 1e-20 else np.zeros_like(energies)
    return np.log10(relative + 10 ** (floor_db / 10)).astype(np.float32)
