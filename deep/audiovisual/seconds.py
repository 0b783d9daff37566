"""A second of sound and the pictures of that second: what all pairings are trained on and asked about.

L3-Net and AVE-Net take one picture within the second, a variant of AVE-Net several (from memory): here
ten, so that what moves can be told from what only lies there. Length, rate and size are our choice.
"""

from __future__ import annotations

import numpy as np
import torch

from deep.representation.budget import MELS, SR
from mirbench.video import RATE_HZ, VideoItem, load_frames

SECOND_S = 1.0
HOP_S = MELS["hop_length"] / SR
WINDOW = 42
"""Frames of log-mel in a second (1.008 s)."""
RATE = RATE_HZ
PICTURES = int(SECOND_S * RATE)
"""Pictures in a second, behind one another as channels: red, green and blue of the first, and so on."""
SIZE = (48, 48)
"""Pixels, rows by columns, that pictures are brought to."""
IN_SHAPE = (3 + 3 * PICTURES, *SIZE)
"""Of what the encoder of pictures takes, see `deep.audiovisual.views.apart`."""


def pictures_of(video: VideoItem) -> np.ndarray:
    """Pictures of a video, uint8 (n, rows, columns, 3), `RATE` a second.

    Raises
    ------
    DataError
        It can't be read.
    """
    return load_frames(video.path, rate=RATE, size=SIZE)[0]


def frame_of(start_s: np.ndarray) -> np.ndarray:
    """Frame of log-mel at which a second begins that starts there (s)."""
    return np.rint(start_s / HOP_S).astype(np.int64)


def sounds_from(logmel: np.ndarray, start_s: np.ndarray) -> np.ndarray:
    """Seconds of a sound, (n, 1, WINDOW, bins); what runs over the end is moved back to end with it.

    Parameters
    ----------
    logmel : ndarray, shape (1, n_frames, bins)
        Repeated where it is shorter than a second.
    start_s : ndarray, shape (n,)
    """
    n_frames = logmel.shape[1]
    first = np.clip(frame_of(start_s), 0, max(0, n_frames - WINDOW))
    return logmel[:, (first[:, None] + np.arange(WINDOW)) % n_frames].transpose(1, 0, 2, 3)


def pictures_from(pictures: np.ndarray, start_s: np.ndarray) -> np.ndarray:
    """Seconds of a video, uint8 (n, PICTURES, rows, columns, 3); its first and last picture go on beyond it."""
    rows = np.rint(start_s * RATE).astype(np.int64)[:, None] + np.arange(PICTURES)
    return pictures[np.clip(rows, 0, len(pictures) - 1)]


def covering(duration_s: float) -> np.ndarray:
    """Starts (s) of the seconds that cover a sound; the last one may run over its end."""
    return np.arange(max(1, int(np.ceil(duration_s / SECOND_S - 1e-6)))) * SECOND_S


def whole(duration_s: float) -> np.ndarray:
    """Starts (s) of the whole seconds of a video, one at the least."""
    return np.arange(max(1, int(np.floor(duration_s / SECOND_S + 1e-6)))) * SECOND_S


def around(duration_s: float, rate: float) -> np.ndarray:
    """Starts (s) of the seconds around the middles of equal parts of a video, ``rate`` a second."""
    n = max(1, int(duration_s * rate + 1e-6))
    return (np.arange(n) + 0.5) * duration_s / n - SECOND_S / 2


def as_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (n, PICTURES, rows, columns, 3) -> float32 (n, 3 PICTURES, rows, columns) in -1...1."""
    channels = np.moveaxis(pictures, -1, 2).reshape(len(pictures), -1, *pictures.shape[2:4])
    return torch.from_numpy(channels.astype(np.float32) / 127.5 - 1.0)
