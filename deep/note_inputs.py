"""The front-end of the note methods: log-mel of a note from its onset on, relative to its peak."""

from __future__ import annotations

import numpy as np

from mirbench.features.spectral import mel_power

SR = 22_050


def note_logmel(
    signal: np.ndarray,
    sr: float,
    *,
    n_fft: int = 2048,
    hop_length: int = 441,
    n_mels: int = 80,
    fmin: float = 40.0,
    fmax: float = 10_000.0,
    floor_db: float = -60.0,
    onset_db: float = -40.0,
    n_frames: int = 99,
) -> np.ndarray:
    """Log-mel power from the onset on, relative to the loudest frame: no gain, no lead-in.

    Mel powers are divided by the power of the loudest frame kept, then compressed as
    ``log10(x + 10 ** (floor_db / 10))``: a gain cancels exactly, and the floor hides what noise
    there is under it. Frames before the first one within ``onset_db`` of the loudest are dropped.
    Our choice.

    Parameters
    ----------
    signal, sr, n_fft, hop_length, n_mels, fmin, fmax
        As in `mel_power`, frames centred, with HTK mels of unit height. Hz and samples.
    floor_db : float
        Floor (dB) under the loudest frame, in each band.
    onset_db : float
        Level (dB), relative to the loudest frame, at which a note begins.
    n_frames : int
        Frames kept from there on: just under two seconds, that is one training patch of a second.

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
    level = energies.sum(axis=1, dtype=np.float64)
    onset = int(np.argmax(level >= level.max() * 10 ** (onset_db / 10)))
    energies, level = energies[onset : onset + n_frames], level[onset : onset + n_frames]
    relative = energies / level.max() if level.max() > 1e-20 else np.zeros_like(energies)
    return np.log10(relative + 10 ** (floor_db / 10)).astype(np.float32)
