"""Temporal convolutional network with one decision a patch."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from deep.nets.stem import pool_frames
from deep.nets.tcn import TCN


class PatchTCN(nn.Module):
    """`deep.nets.tcn.TCN`, its logits averaged over frames.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_classes : int
    input_pool : int
        Frames averaged before the first block.
    **options
        Those of `TCN`.
    """

    def __init__(
        self, in_shape: tuple[int, int, int], n_classes: int, input_pool: int = 2, **options: Any
    ) -> None:
        super().__init__()
        self.pool = pool_frames(input_pool)
        self.frames = TCN(in_shape, n_classes, **options)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_classes)."""
        return self.frames(self.pool(x)).mean(dim=2)
