"""What stands before and behind a net over time: vectors of frames, and one vector of them all."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from deep.nets.frame_cnn import PooledBlock


class FrameStem(nn.Module):
    """Mean over neighbouring frames, 3x3 blocks pooled over frequency, a dense layer a frame.

    Parameters
    ----------
    channels, bins : int
        Of the input.
    widths : sequence of int
        Maps of the 3x3 blocks; each divides the bands by 3.
    units : int
        Values a frame.
    dropout : float
        Before the dense layer.
    input_pool : int
        Frames averaged before the first block.
    """

    def __init__(
        self,
        channels: int,
        bins: int,
        widths: Sequence[int],
        units: int,
        dropout: float,
        input_pool: int,
    ) -> None:
        super().__init__()
        blocks: list[nn.Module] = [pool_frames(input_pool)]
        for width in widths:
            blocks.append(PooledBlock(channels, width, causal=False))
            channels, bins = width, bins // 3
        self.blocks = nn.Sequential(*blocks)
        self.mix = nn.Sequential(
            nn.Dropout(dropout),
            nn.Conv1d(channels * bins, units, 1, bias=False),
            nn.BatchNorm1d(units),
            nn.ReLU(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, units, ceil(frames / input_pool))."""
        return self.mix(self.blocks(x).transpose(2, 3).flatten(1, 2))


class MeanMax(nn.Module):
    """Mean and maximum over frames, dropout, a dense layer.

    Parameters
    ----------
    units, n_classes : int
    dropout : float
    """

    def __init__(self, units: int, n_classes: int, dropout: float) -> None:
        super().__init__()
        self.dense = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * units, n_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, units, frames) -> (batch, n_classes)."""
        return self.dense(torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1))


def pool_frames(n: int) -> nn.Module:
    """Mean of every ``n`` frames, of fewer at the end: (..., frames, bins)."""
    return nn.AvgPool2d((n, 1), ceil_mode=True)
