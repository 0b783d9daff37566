"""The encoder that all ways of learning a representation share: small enough for a processor.

Four 3x3 convolutions with stride, a dense layer over frequency: a vector every four frames, of which
the embedding is the mean. All of it is our choice.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled

WIDTHS = (16, 32, 64, 64)
STRIDES = ((2, 2), (2, 2), (1, 2), (1, 2))
"""Of the four convolutions, frames and bins."""
HOP = 4
"""Frames of the input for a vector of the output."""


class SmallEncoder(nn.Module):
    """Log-mel patches to vectors over time.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_outputs : int
        Values of a vector, and of the embedding.
    width : float
        Scales the maps of the convolutions.
    """

    def __init__(
        self, in_shape: tuple[int, int, int], n_outputs: int = 128, width: float = 1.0
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        layers: list[nn.Module] = []
        for maps, stride in zip(WIDTHS, STRIDES, strict=True):
            maps = scaled(maps, width)
            layers += [
                nn.Conv2d(channels, maps, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(maps),
                nn.ReLU(),
            ]
            channels, bins = maps, -(-bins // stride[1])
        self.blocks = nn.Sequential(*layers)
        self.mix = nn.Conv1d(channels * bins, n_outputs, 1)

    def frames(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs, ceil(frames / 4))."""
        return self.mix(self.blocks(x).transpose(2, 3).flatten(1, 2).contiguous())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Embedding of each patch, (batch, n_outputs): the mean of its vectors."""
        return self.frames(x).mean(dim=2)


ARCHITECTURES = (
    Architecture(
        "small-encoder",
        SmallEncoder,
        (1, 64, 64),
        128,
        93_296,
        "ours",
        free_choices=("All sizes: no one system's encoder, the one that all share.",),
    ),
)
