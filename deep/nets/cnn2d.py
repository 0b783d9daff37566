"""Convolutions over time and frequency, one decision a patch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


class CNN2d(nn.Module):
    """Blocks of 3x3 convolution, batch norm, ReLU and max-pooling, then two dense layers.

    After the blocks the maps are averaged over time and frequency, so the patch may have any
    length. Pooling halves an axis as long as at least two values are left on it.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
    n_classes : int
    widths : sequence of int
        Maps of each block.
    input_pool : tuple (frames, bins)
        Mean-pooling of the input, for inputs too large for the budget.
    hidden : int
        Units of the dense layer.
    dropout : float
        Before each dense layer.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_classes: int,
        widths: Sequence[int] = (16, 32, 64, 64),
        input_pool: tuple[int, int] = (1, 1),
        hidden: int = 64,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        maps, frames, bins = in_shape
        layers: list[nn.Module] = [nn.AvgPool2d(input_pool, ceil_mode=True)]
        frames, bins = -(-frames // input_pool[0]), -(-bins // input_pool[1])
        for width in widths:
            pool = (2 if frames >= 2 else 1, 2 if bins >= 2 else 1)
            layers += [
                nn.Conv2d(maps, width, 3, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
                nn.MaxPool2d(pool),
            ]
            maps, frames, bins = width, frames // pool[0], bins // pool[1]
        self.blocks = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(maps, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, n_classes),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_classes)."""
        return self.head(self.blocks(x))
