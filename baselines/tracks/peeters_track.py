"""Peeters' descriptors of frames as statistics of a whole track."""

from __future__ import annotations

import numpy as np

from baselines.peeters import statistics, temporal
from baselines.peeters.descriptors import ALL, FEW, SPREADS, spectral_tracks
from baselines.peeters.frames import Tracks, normalised


def track_descriptors(signal: np.ndarray, sr: float) -> np.ndarray:
    """Statistics of the descriptors that any sound has, over the frames that sound.

    The set of `baselines.peeters.descriptors.describe` is made for an isolated note. A track has
    neither one pitch nor one attack, so what follows from them is left out: envelope and its times,
    f0, partials, and the statistics of the note's head. What stays: spectral shapes on magnitude,
    power and ERB bands, levels, MFCC and relative loudness, slopes of the MFCC, autocorrelation and
    zero crossings. None follows the gain.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Sampling rate (Hz), meant for 44,100.

    Returns
    -------
    ndarray of float32, shape (548,)
    """
    track = normalised(signal)
    shapes, levels, vectors, derivatives = spectral_tracks(track, sr)
    parts = [
        chosen(temporal.temporal(track, sr), FEW),
        chosen(shapes, ALL),
        chosen(levels, FEW),
        chosen(vectors, FEW),
        chosen(derivatives, SPREADS),
    ]
    return np.concatenate(parts).astype(np.float32)


def chosen(tracks: Tracks, rows: tuple[str, ...]) -> np.ndarray:
    """Chosen statistics of each descriptor over the sounding frames: shape (n_rows * d,)."""
    loud = statistics.active(tracks.energy)
    table = statistics.statistics(tracks.values[loud], tracks.energy[loud])
    return table[[ALL.index(row) for row in rows]].ravel()
