"""Statistics of moving pictures: colours, how much moves, and where."""

from __future__ import annotations

import numpy as np

from mirbench.video import VideoItem

RATE_HZ, SIZE, BANDS = 10.0, 24, 8
"""Frames a second and pixels a side that are looked at, and rows that motion is summed over: our choice."""


def picture_statistics(video: VideoItem) -> np.ndarray:
    """Numbers that tell what a video looks like, shape (35,).

    Of red, green and blue of all pixels mean and deviation; of the pixels that move, weighted by motion,
    their mean colour; of the logarithm of motion mean, deviation, 90th percentile and the share of frames
    where it rises by 0.5 or more; mean and deviation of its centroid across and down, of the share of pixels
    that move, and of the share of motion in eight bands from top to bottom. Motion is the absolute difference of successive frames.
    """
    frames, _ = video.frames(rate=RATE_HZ, size=SIZE)
    pictures = frames.astype(np.float64) / 255
    moved = motion(pictures)
    amount = moved.sum(axis=(1, 2))
    weight = moved / np.maximum(amount, 1e-9)[:, None, None]
    at = (np.arange(SIZE) + 0.5) / SIZE
    x, y = weight.sum(axis=1) @ at, weight.sum(axis=2) @ at
    rows = weight.sum(axis=2).reshape(len(moved), BANDS, -1).sum(axis=2)
    spread = (weight > 1 / SIZE**2).mean(axis=(1, 2))
    colour = (pictures * weight[..., None]).sum(axis=(1, 2))
    level = np.log(amount + 1e-3)
    return np.concatenate(
        [
            pictures.mean(axis=(0, 1, 2)),
            pictures.std(axis=(0, 1, 2)),
            colour.mean(axis=0),
            [level.mean(), level.std(), np.percentile(level, 90)],
            [x.mean(), x.std(), y.mean(), y.std(), spread.mean(), spread.std()],
            rows.mean(axis=0),
            rows.std(axis=0),
            [np.mean(np.diff(level, prepend=level[0]) > 0.5)],
        ]
    )


def motion(pictures: np.ndarray) -> np.ndarray:
    """How much each pixel differs from the frame before, shape (n_frames, h, w); 0 in the first frame."""
    return np.abs(np.diff(pictures, axis=0, prepend=pictures[:1])).mean(axis=3)
