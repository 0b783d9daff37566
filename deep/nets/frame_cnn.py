"""Convolutions that answer at every frame."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional


class FrameCNN(nn.Module):
    """Two 3x3 blocks pooled over frequency, then dilated residual convolutions over time.

    Never pools over time: one row of logits a frame, for recordings of any length.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_classes : int
    widths : tuple of int
        Maps of the two 3x3 blocks.
    units : int
        Channels of the convolutions over time.
    kernel_size : int
        Odd length (frames) of the convolutions over time.
    dilations : sequence of int
        One residual block each.
    dropout : float
        Before the last layer.
    causal : bool
        Pad at the start only, so that no frame looks at later ones.

    Attributes
    ----------
    context : tuple of int
        Frames looked at before and after a frame: together with the frame itself the receptive
        field, ``5 + (kernel_size - 1) * sum(dilations)``.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_classes: int,
        widths: tuple[int, int] = (8, 16),
        units: int = 32,
        kernel_size: int = 5,
        dilations: Sequence[int] = (1, 2, 4, 8, 12),
        dropout: float = 0.3,
        causal: bool = False,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        first, second = widths
        self.frequency = nn.ModuleList(
            [PooledBlock(channels, first, causal), PooledBlock(first, second, causal)]
        )
        self.mix = nn.Sequential(
            nn.Conv1d(second * (bins // 3 // 3), units, 1, bias=False),
            nn.BatchNorm1d(units),
            nn.ReLU(),
        )
        self.time = nn.ModuleList(
            [ResidualBlock(units, kernel_size, dilation, causal) for dilation in dilations]
        )
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Conv1d(units, n_classes, 1))
        reach = 4 + (kernel_size - 1) * sum(dilations)
        self.context = (reach, 0) if causal else (reach // 2, reach // 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_classes, frames)."""
        for block in self.frequency:
            x = block(x)
        x = self.mix(x.transpose(2, 3).flatten(1, 2))
        for block in self.time:
            x = block(x)
        return self.head(x)


class PooledBlock(nn.Module):
    """3x3 convolution, batch norm, ReLU, max-pooling by 3 over frequency."""

    def __init__(self, channels: int, maps: int, causal: bool) -> None:
        super().__init__()
        self.pad = (1, 1, *padding(2, causal))
        self.conv = nn.Conv2d(channels, maps, 3, bias=False)
        self.norm = nn.BatchNorm2d(maps)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, maps, frames, bins // 3)."""
        x = torch.relu(self.norm(self.conv(functional.pad(x, self.pad))))
        return functional.max_pool2d(x, (1, 3))


class ResidualBlock(nn.Module):
    """x + ReLU(batch norm(dilated convolution(x))), of the length of x."""

    def __init__(self, units: int, kernel_size: int, dilation: int, causal: bool) -> None:
        super().__init__()
        self.pad = padding((kernel_size - 1) * dilation, causal)
        self.conv = nn.Conv1d(units, units, kernel_size, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(units)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, units, frames) -> (batch, units, frames)."""
        return x + torch.relu(self.norm(self.conv(functional.pad(x, self.pad))))


def padding(reach: int, causal: bool) -> tuple[int, int]:
    """Zeros before and after so that a convolution of ``reach + 1`` frames keeps the length."""
    return (reach, 0) if causal else (reach - reach // 2, reach // 2)
