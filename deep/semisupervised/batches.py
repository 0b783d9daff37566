"""What a step of training may ask for: patches with a label, or patches of all items."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from deep.tracks.augment import noise, specaugment
from deep.tracks.batches import Patches

GAIN = 0.3
"""Deviation of the gain that is added to a patch, in standardised log-mel; our choice."""


class Batches:
    """Random patches, labelled or not, and noise for them.

    Labelled ones, unlabelled ones and noise are drawn from three generators, so that two rules of one
    seed are shown the same sounds.

    Parameters
    ----------
    patches : Patches
        Of all items that the rule hears.
    codes : ndarray of int, shape (n,)
        Class of each item from 0 on, -1 where it has no label.
    size : int
        Patches of a step.
    seed : int
    """

    def __init__(self, patches: Patches, codes: np.ndarray, size: int, seed: int) -> None:
        self.size = size
        self._patches = patches
        self._members = [np.flatnonzero(codes == c) for c in range(codes.max() + 1)]
        shown, heard, self._noise = np.random.default_rng(seed).spawn(3)
        self._shown = shown
        self._heard = self._forever(heard)

    def labelled(self, n: int) -> tuple[torch.Tensor, torch.Tensor]:
        """``n`` patches and their classes: as many of each class as of another, or one more.

        Returns
        -------
        x : Tensor, shape (n, channels, frames, bins)
        y : Tensor of int, shape (n,)
        """
        rng, patches = self._shown, self._patches
        order = rng.permutation(len(self._members))[np.arange(n) % len(self._members)]
        owner = np.array([rng.choice(self._members[c]) for c in order])
        x = patches.at(patches.first[owner] + rng.integers(0, patches.room[owner] + 1))
        return x, torch.as_tensor(order, device=x.device)

    def unlabelled(self, n: int) -> torch.Tensor:
        """``n`` patches of all items, labelled ones too, epoch after epoch."""
        return self._patches.at(np.array([next(self._heard) for _ in range(n)]))

    def noised(self, x: torch.Tensor) -> torch.Tensor:
        """Patches with spans of frames and bands masked, Gaussian noise and a gain."""
        x, _ = specaugment(x, x, self._noise)
        x, _ = noise(x, x, self._noise)
        gains = self._noise.normal(0, GAIN, (len(x), 1, 1, 1))
        return x + torch.as_tensor(gains, dtype=x.dtype, device=x.device)

    def _forever(self, rng: np.random.Generator) -> Iterator[int]:
        """First frames of random patches, as many of an item as fit it side by side."""
        patches = self._patches
        fit = (patches.room + patches.length) // patches.length
        while True:
            owner = rng.permutation(np.repeat(np.arange(len(patches)), fit))
            yield from patches.first[owner] + rng.integers(0, patches.room[owner] + 1)
