"""Features in which boundaries are looked for."""

from __future__ import annotations

import numpy as np

from mirbench.features.spectral import mfcc


def timbre(signal: np.ndarray, sr: float, n_mfcc: int = 13, hop_s: float = 0.02) -> np.ndarray:
    """MFCC 1 to ``n_mfcc`` on the frame grid, without the 0th (level).

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
    sr : float
        Rate in Hz.
    n_mfcc : int
        Number of coefficients.
    hop_s : float
        Frame period (s). Frames are 1024 samples long (Hann), centred on the grid's frame centres.

    Returns
    -------
    ndarray of float32, shape (n_frames, n_mfcc)
    """
    return mfcc(signal, sr, n_mfcc=n_mfcc + 1, hop_length=round(hop_s * sr), framing="hop")[:, 1:]


def texture(frames: np.ndarray, size: int) -> np.ndarray:
    """Mean and standard deviation of features over blocks that don't overlap.

    Longer or overlapping blocks would straddle a change, and their deviation peaks on either side
    of it.

    Parameters
    ----------
    frames : ndarray of shape (n, d)
    size : int
        Frames in a block; the last partial block is left out.

    Returns
    -------
    ndarray of shape (n // size, 2 * d)
    """
    n = len(frames) // size
    blocks = frames[: n * size].astype(float).reshape(n, size, frames.shape[1])
    return np.hstack([blocks.mean(axis=1), blocks.std(axis=1)])
