"""Descriptors of the waveform in frames: autocorrelation coefficients, zero-crossing rate."""

import numpy as np

from .frames import TINY, Tracks

BLOCK = 128
BLOCKS = 8
"""Hop (samples at 44.1 kHz) and hops in a frame: frames of 1024 samples every 128 (Peeters 2004)."""

N_LAGS = 12

NAMES = (*(f"autocorrelation {lag}" for lag in range(1, N_LAGS + 1)), "zero-crossing rate")


def frame_sums(values: np.ndarray, hop: int) -> np.ndarray:
    """Sums over frames of 8 hops, one every hop: shape (n_frames,), at least one frame.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Zeros are added at its end to fill the last hop, and the only frame where there is but one.
    hop : int
    """
    n_blocks = max(-(-len(values) // hop), BLOCKS)
    filled = np.zeros(n_blocks * hop, dtype=np.float32)
    filled[: len(values)] = values
    blocks = filled.reshape(n_blocks, hop).sum(axis=1, dtype=np.float64)
    return np.convolve(blocks, np.ones(BLOCKS), mode="valid")


def temporal(signal: np.ndarray, sr: float) -> Tracks:
    """Autocorrelation at lags of 1-12 samples, and zero crossings a second.

    Peeters 2004, frames of 1024 samples every 128 at 44.1 kHz (23.2 and 2.9 ms). Coefficient l is
    sum x(n) x(n + l) over the frame's n, divided by the frame's energy and that of the same frame l
    samples on (geometric mean), so that it lies in [-1, 1]; 0 for silence. Lags are samples at
    44.1 kHz: at other rates they are other times.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
    sr : float
        In Hz.

    Returns
    -------
    Tracks
        Values of shape (n_frames, 13), columns as in ``NAMES``, crossings a second; energies are
        sums of squares.
    """
    hop = max(round(BLOCK * sr / 44_100), 1)
    padded = np.pad(signal, (0, N_LAGS))
    n = len(signal)
    squares = np.square(padded)
    energy = frame_sums(squares[:n], hop)
    columns = []
    for lag in range(1, N_LAGS + 1):
        product = frame_sums(signal * padded[lag : lag + n], hop)
        shifted = frame_sums(squares[lag : lag + n], hop)
        columns.append(product / np.sqrt(np.maximum(energy * shifted, TINY)))
    negative = np.signbit(signal)
    crossings = frame_sums(np.diff(negative, prepend=negative[:1]), hop)
    columns.append(crossings * sr / (BLOCKS * hop))
    return Tracks(np.stack(columns, axis=1), energy, sr / hop)
