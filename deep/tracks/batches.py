"""Batches of patches cut from one array that holds all recordings, without a loop over patches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from deep.dataset import tile_starts

Augment = Callable[
    [torch.Tensor, torch.Tensor, np.random.Generator], tuple[torch.Tensor, torch.Tensor]
]
"""``augment(patches, targets, rng) -> (patches, targets)`` of the same shapes, a batch at a time."""


class Patches:
    """Recordings behind one another, standardised once, any patch of which is a row to gather.

    Recordings are stored frames first, so that a patch is one run of memory. A recording shorter
    than a patch is repeated to fill it: padding with silence would tell its length.

    Parameters
    ----------
    recordings : sequence of ndarray, shape (channels, n_frames, bins)
        At least a frame each.
    length : int
        Frames of a patch.
    mean, scale : ndarray, shape (channels, 1, bins)
        Subtracted, then divided by.
    device : str
        Where the array is kept and batches come from.

    Attributes
    ----------
    owner, tiles : ndarray of int, shape (n_tiles,)
        Recording and first frame (within the array) of the patches that cover all recordings.
    """

    def __init__(
        self,
        recordings: Sequence[np.ndarray],
        length: int,
        mean: np.ndarray,
        scale: np.ndarray,
        device: str = "cpu",
    ) -> None:
        self.channels, _, self.bins = recordings[0].shape
        self.length = length
        counts = np.array([max(r.shape[1], length) for r in recordings])
        self.first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.room = counts - length  # a patch starts at the first frame, or up to so many after it
        joined = np.empty((counts.sum(), self.channels, self.bins), dtype=np.float32)
        for recording, start, count in zip(recordings, self.first, counts, strict=True):
            part = ((recording - mean) / scale).transpose(1, 0, 2)
            joined[start : start + count] = part[np.arange(count) % len(part)]
        tiles = [tile_starts(count, length) for count in counts]
        self.owner = np.repeat(np.arange(len(tiles)), [len(t) for t in tiles])
        self.tiles = np.concatenate([start + t for start, t in zip(self.first, tiles)])
        self.frames = torch.as_tensor(joined).to(device)
        step = self.channels * self.bins
        shape = (len(joined) - length + 1, length * step)
        self._rows: torch.Tensor | np.ndarray = self.frames.as_strided(shape, (step, 1))
        if self.frames.device.type == "cpu":  # numpy gathers in one thread, five times faster
            self._rows = self._rows.numpy()

    def __len__(self) -> int:
        return len(self.first)

    def at(self, starts: np.ndarray) -> torch.Tensor:
        """Patches that start at these frames of the array: (n, channels, length, bins)."""
        if isinstance(self._rows, np.ndarray):
            rows = torch.from_numpy(self._rows[starts])
        else:
            rows = self._rows.index_select(0, torch.as_tensor(starts, device=self.frames.device))
        return rows.view(len(starts), self.length, self.channels, self.bins).transpose(1, 2)

    def epoch(
        self, per_item: int | None, batch_size: int, rng: np.random.Generator
    ) -> Iterator[tuple[np.ndarray, torch.Tensor]]:
        """One epoch: random patches of all recordings in random order, in batches of two or more.

        Parameters
        ----------
        per_item : int or None
            Patches of each recording; None takes as many as fit it side by side.
        batch_size : int
            A last batch of a single patch goes with the one before, as batch norm needs two.
        rng : Generator

        Yields
        ------
        owner : ndarray of int, shape (n,)
            Recording of each patch.
        patches : Tensor, shape (n, channels, length, bins)
        """
        n_fit = (self.room + self.length) // self.length
        repeats = n_fit if per_item is None else np.full(len(self), per_item)
        if repeats.sum() < 2:
            repeats = repeats * 2
        owner = rng.permutation(np.repeat(np.arange(len(self)), repeats))
        starts = self.first[owner] + rng.integers(0, self.room[owner] + 1)
        for some in batch_slices(len(owner), batch_size):
            yield owner[some], self.at(starts[some])


def batch_slices(n: int, batch_size: int) -> list[slice]:
    """Slices of ``batch_size`` (two at the least) that cover ``n``; a rest of one goes with the last."""
    edges = list(range(0, n, max(2, batch_size)))
    if len(edges) > 1 and n - edges[-1] == 1:
        edges.pop()
    return [slice(a, b) for a, b in zip(edges, [*edges[1:], n], strict=True)]
