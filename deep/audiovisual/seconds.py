"""A second of sound and the picture in its middle: what all pairings are trained on and asked about.

Length, rate and size are our choice; L3-Net and AVE-Net take a second of sound and a picture within it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from deep.representation.budget import MELS, SR
from mirbench.video import VideoItem, load_frames

SECOND_S = 1.0
HOP_S = MELS["hop_length"] / SR
WINDOW = 42
"""Frames of log-mel in a second (1.008 s)."""
RATE = 2.0
"""Pictures a second that are read of a video."""
SIZE = (64, 64)
"""Pixels, rows by columns, that pictures are brought to."""


def pictures_of(video: VideoItem) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of a video, uint8 (n, 64, 64, 3), and their times (s).

    Raises
    ------
    DataError
        It can't be read.
    """
    return load_frames(video.path, rate=RATE, size=SIZE)


def window(logmel: np.ndarray, start_s: float) -> np.ndarray:
    """The second from ``start_s`` on, (1, WINDOW, bins); moved back to end with the sound.

    Parameters
    ----------
    logmel : ndarray, shape (1, n_frames, bins)
        Repeated where it is shorter than a second.
    start_s : float
    """
    n_frames = logmel.shape[1]
    first = max(0, min(round(start_s / HOP_S), n_frames - WINDOW))
    return logmel[:, (first + np.arange(WINDOW)) % n_frames]


def sound_seconds(logmel: np.ndarray, duration_s: float) -> np.ndarray:
    """Seconds that cover a sound, (ceil(duration), 1, WINDOW, bins); the last one ends with it."""
    n = max(1, int(np.ceil(duration_s / SECOND_S - 1e-6)))
    return np.stack([window(logmel, k * SECOND_S) for k in range(n)])


def picture_seconds(pictures: np.ndarray, times_s: np.ndarray, duration_s: float) -> np.ndarray:
    """The picture nearest to the middle of each whole second of a video, one at the least."""
    n = max(1, int(np.floor(duration_s / SECOND_S + 1e-6)))
    middles = (np.arange(n) + 0.5) * SECOND_S
    return pictures[nearest(times_s, middles)]


def evenly(duration_s: float) -> np.ndarray:
    """Middles (s) of equal parts of a video, `RATE` a second, one at the least."""
    n = max(1, int(duration_s * RATE + 1e-6))
    return (np.arange(n) + 0.5) * duration_s / n


def nearest(times_s: np.ndarray, wanted_s: np.ndarray) -> np.ndarray:
    """Position of the nearest of ``times_s`` for each of ``wanted_s``, the earlier of two."""
    return np.abs(np.subtract.outer(wanted_s, times_s)).argmin(axis=1)


def as_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (n, rows, columns, 3) -> float32 (n, 3, rows, columns) in -1...1."""
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1.0)


def draw(
    logmels: Sequence[np.ndarray],
    videos: Sequence[tuple[np.ndarray, np.ndarray]],
    clips: np.ndarray,
    duration_s: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """A random second of each clip: its sound (n, 1, WINDOW, bins), and the picture in its middle.

    Parameters
    ----------
    logmels : sequence of ndarray, shape (1, n_frames, bins)
    videos : sequence of (pictures, times_s)
    clips : ndarray of int, shape (n,)
    duration_s : ndarray, shape (n_clips,)
        Seconds that sound and video have in common.
    rng : Generator
    """
    sounds, pictures = [], []
    for clip in clips:
        start = rng.uniform(0, max(0.0, duration_s[clip] - SECOND_S))
        seen, times_s = videos[clip]
        sounds.append(window(logmels[clip], start))
        pictures.append(seen[nearest(times_s, np.array([start + SECOND_S / 2]))[0]])
    return np.stack(sounds), np.stack(pictures)
