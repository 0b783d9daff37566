"""The front-end of the frame methods: log-mel relative to the level of the last seconds."""

from __future__ import annotations

import numpy as np

from mirbench.features.spectral import mel_power


def levelled_logmel(
    signal: np.ndarray,
    sr: float,
    *,
    n_fft: int = 1024,
    hop_length: int = 441,
    n_mels: int = 40,
    fmin: float = 50.0,
    fmax: float = 7000.0,
    level_frames: int = 150,
    floor_db: float = -60.0,
) -> np.ndarray:
    """Log-mel power relative to the level of the last seconds: no gain, no digital silence.

    Each frame's mel powers are divided by the mean power of the ``level_frames`` frames that end
    with it (fewer at the start), then compressed as ``log10(x + 10 ** (floor_db / 10))``. A gain
    cancels exactly, the floor hides how quiet a pause was, and nothing but the past and half a
    window of the future is used, so the front-end runs block by block. Our choice.

    Parameters
    ----------
    signal, sr, n_fft, hop_length, n_mels, fmin, fmax
        As in `mel_power`, on the grid ``framing="hop"``, with HTK mels of unit height.
    level_frames : int
        Memory of the level (frames).
    floor_db : float
        Floor (dB) under the trailing level, in each band.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_mels)
        Silence longer than the memory gives ``floor_db / 10`` in all bands.

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
    )
    total = energies.sum(axis=1, dtype=np.float64)
    level = trailing_mean(total, level_frames)[:, None]
    relative = np.divide(energies, level, out=np.zeros(energies.shape), where=level > 1e-20)
    return np.log10(relative + 10 ** (floor_db / 10)).astype(np.float32)


def trailing_mean(values: np.ndarray, length: int) -> np.ndarray:
    """Mean of the last ``length`` values at each place, of those there are at the start.

    Summed afresh in each window: no rounding drifts along a recording of hours.

    Parameters
    ----------
    values : ndarray of shape (n,)
    length : int
        Window, in values.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    if not len(values):
        return np.zeros(0)
    padded = np.concatenate([np.zeros(length - 1), values])
    sums = np.lib.stride_tricks.sliding_window_view(padded, length).sum(axis=1)
    return sums / np.minimum(np.arange(1, len(values) + 1), length)
