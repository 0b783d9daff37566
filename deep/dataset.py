"""Patches of equal length cut from ragged recordings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Patches(torch.utils.data.Dataset):
    """Patches of ``length`` frames, with their targets.

    Without ``rng`` the patches tile each recording and the last one is moved back to end with it,
    so that every frame is in a patch. With ``rng`` they start anywhere, anew at each access, as
    many as fit. A recording shorter than a patch is repeated to fill it: padding with silence
    would tell its length. A recording without a frame gives no patch.

    Parameters
    ----------
    recordings : sequence of ndarray, shape (channels, n_frames, bins)
    targets : sequence of int or of ndarray of shape (n_frames,)
        A class for each recording, or for each of its frames; frames added by repetition get -1.
    length : int
        Frames in a patch.
    rng : Generator, optional
        Source of random starts and of the augmentation.
    augment : callable, optional
        ``augment(patch, rng) -> patch``, used with ``rng`` only.

    Attributes
    ----------
    owner : ndarray of int, shape (n_patches,)
        Recording that each patch was cut from.
    """

    def __init__(
        self,
        recordings: Sequence[np.ndarray],
        targets: Sequence,
        length: int,
        rng: np.random.Generator | None = None,
        augment: Augment | None = None,
    ) -> None:
        self.recordings = recordings
        self.targets = targets
        self.length = length
        self.rng = rng
        self.augment = augment
        tiles = [tile_starts(recording.shape[1], length) for recording in recordings]
        if rng is not None:
            tiles = [starts[: max(1, r.shape[1] // length)] for starts, r in zip(tiles, recordings)]
        self.owner = np.repeat(np.arange(len(tiles)), [len(starts) for starts in tiles])
        self.starts = np.concatenate([np.zeros(0, dtype=int), *tiles])

    def __len__(self) -> int:
        return len(self.owner)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        recording, target = self.recordings[self.owner[index]], self.targets[self.owner[index]]
        n_frames, start = recording.shape[1], int(self.starts[index])
        if self.rng is not None:
            start = int(self.rng.integers(0, max(0, n_frames - self.length) + 1))
        rows = np.arange(start, start + self.length)
        patch = recording[:, rows % n_frames]
        if self.rng is not None and self.augment is not None:
            patch = self.augment(patch, self.rng)
        if np.ndim(target):
            target = np.where(rows < n_frames, target[rows % n_frames], -1)
        return torch.as_tensor(np.asarray(patch, dtype=np.float32)), torch.as_tensor(target)


def tile_starts(n_frames: int, length: int) -> np.ndarray:
    """First frames of the patches that cover a recording, the last one ending with it."""
    if n_frames <= length:
        return np.zeros(min(n_frames, 1), dtype=int)
    return np.append(np.arange(0, n_frames - length, length), n_frames - length)


def as_recording(features: np.ndarray, channels: int = 1) -> np.ndarray:
    """Features of an item, (n_frames, channels * bins), as float32 (channels, n_frames, bins).

    Raises
    ------
    ValueError
        If the features don't divide into ``channels``.
    """
    rows = np.asarray(features, dtype=np.float32)
    return rows.reshape(len(rows), channels, rows.shape[1] // channels).transpose(1, 0, 2)


def band_statistics(recordings: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each channel and band over all frames.

    Parameters
    ----------
    recordings : sequence of ndarray, shape (channels, n_frames, bins)

    Returns
    -------
    mean, scale : ndarray of float32, shape (channels, 1, bins)
        Bands that don't vary get a scale of one.
    """
    count = sum(r.shape[1] for r in recordings)
    mean = sum(r.sum(axis=1, dtype=np.float64) for r in recordings) / count
    square = sum(((r - mean[:, None]) ** 2).sum(axis=1) for r in recordings) / count
    scale = np.sqrt(square)
    scale[scale < 1e-6] = 1
    return mean[:, None].astype(np.float32), scale[:, None].astype(np.float32)


def inner_split(
    codes: np.ndarray, groups: Sequence[str | None], fraction: float, rng: np.random.Generator
) -> np.ndarray:
    """Which training items to hold out for early stopping.

    From each class whole groups are drawn at random as long as no more than ``fraction`` of its
    items is held out, or the smallest group if none is small enough; so one large group can't
    starve the training. Where an item has no group, or a class has one group only, every item is
    its own group.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Class of each item.
    groups : sequence of str or None, length n
    fraction : float
        Share of each class to hold out; 0 holds out nothing.
    rng : Generator

    Returns
    -------
    ndarray of bool, shape (n,)
        All False when a class has a single item, or would be left without one.
    """
    held = np.zeros(len(codes), dtype=bool)
    names = np.array([str(group) for group in groups])
    classes = np.unique(codes)
    few = any(len(np.unique(names[codes == c])) < 2 for c in classes)
    if few or any(group is None for group in groups):
        names = np.arange(len(codes)).astype(str)
    if fraction <= 0:
        return held
    for c in classes:
        own = codes == c
        drawn, sizes = np.unique(names[own], return_counts=True)
        for i in rng.permutation(len(drawn)):
            if held[own].sum() + sizes[i] <= fraction * own.sum():
                held |= names == drawn[i]
        if not held[own].any():
            held |= names == drawn[sizes.argmin()]
    if any(held[codes == c].all() or not held[codes == c].any() for c in classes):
        return np.zeros(len(codes), dtype=bool)
    return held


def most_frequent(codes: np.ndarray) -> int:
    """Most frequent code that isn't -1; 0 where all are."""
    return int(np.bincount(codes[codes >= 0], minlength=1).argmax())
