"""A small VGG: blocks of 3x3 convolutions, summed up over time."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from deep.nets.stem import MeanMax, pool_frames


class VGG(nn.Module):
    """Blocks of 3x3 convolutions with max-pooling by 2; mean and maximum over what is left of time.

    After the VGG nets of Simonyan and Zisserman 2015 (all filters 3x3, more maps as the map
    shrinks), with batch norm. Frequency is kept, time is pooled at the end: a formant's place
    tells, a frame's doesn't, and the patch may have any length. Pooling halves time only while two
    frames are left.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_classes : int
    widths : sequence of int
        Maps of each block.
    depths : sequence of int
        Convolutions in each block.
    input_pool : int
        Frames averaged before the first block.
    units : int
        Outputs of the dense layer that sees all bands of a frame.
    dropout : float
        Before each dense layer.

    References
    ----------
    .. [1] K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image
       recognition", ICLR 2015, section 2 (from memory).
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_classes: int,
        widths: Sequence[int] = (16, 32, 48, 64),
        depths: Sequence[int] = (1, 1, 1, 1),
        input_pool: int = 2,
        units: int = 64,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        maps, _, bins = in_shape
        blocks: list[nn.Module] = [pool_frames(input_pool)]
        for width, depth in zip(widths, depths):
            layers: list[nn.Module] = []
            for _ in range(depth):
                layers += [
                    nn.Conv2d(maps, width, 3, padding=1, bias=False),
                    nn.BatchNorm2d(width),
                    nn.ReLU(),
                ]
                maps = width
            blocks.append(nn.Sequential(*layers, HalvePool()))
            bins = max(1, bins // 2)
        self.blocks = nn.Sequential(*blocks)
        self.bands = nn.Sequential(
            nn.Dropout(dropout),
            nn.Conv1d(maps * bins, units, 1, bias=False),
            BatchNorm(units),
            nn.ReLU(),
        )
        self.head = MeanMax(units, n_classes, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_classes)."""
        x = x.contiguous(memory_format=torch.channels_last)  # a third faster on a processor
        return self.head(self.bands(self.blocks(x).transpose(2, 3).flatten(1, 2)))


class BatchNorm(nn.BatchNorm1d):
    """``BatchNorm1d`` that takes a single value a channel, which has no deviation: by past batches."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, units, frames) -> the same shape."""
        if self.training and x.shape[0] * x.shape[2] == 1:
            return nn.functional.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        return super().forward(x)


class HalvePool(nn.Module):
    """Max-pooling by 2 over time and frequency, over each as long as two values are left."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, maps, frames, bins) -> (batch, maps, frames // 2, bins // 2)."""
        size = tuple(2 if n >= 2 else 1 for n in x.shape[2:])
        return nn.functional.max_pool2d(x, size)
