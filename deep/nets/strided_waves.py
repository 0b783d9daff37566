"""Strided convolutions on the waveform: a vector every 10 ms at 16 kHz."""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled

KERNELS = (10, 8, 4, 4, 4)
STRIDES = (5, 4, 2, 2, 2)
"""Samples, then values; 160 samples for a vector."""
CHANNELS = 512


class StridedWaves(nn.Module):
    """The encoder of contrastive predictive coding.

    Van den Oord, Li and Vinyals 2018, section 3.1: five convolutions on samples at 16 kHz, 512 channels,
    ReLU, no padding.

    Parameters
    ----------
    in_shape : tuple (1, samples, 1)
        ``samples`` is not used; 465 or more.
    n_outputs : int
        Channels of the last convolution, and values of the embedding.
    width : float
        Scales the channels of the others.
    """

    def __init__(
        self, in_shape: tuple[int, int, int], n_outputs: int = CHANNELS, width: float = 1.0
    ) -> None:
        super().__init__()
        maps = in_shape[0] * in_shape[2]
        layers: list[nn.Module] = []
        widths = [scaled(CHANNELS, width)] * (len(KERNELS) - 1) + [n_outputs]
        for kernel, stride, channels in zip(KERNELS, STRIDES, widths, strict=True):
            layers += [nn.Conv1d(maps, channels, kernel, stride), nn.ReLU()]
            maps = channels
        self.blocks = nn.Sequential(*layers)

    def frames(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, 1, samples, 1) -> (batch, n_outputs, steps)."""
        return self.blocks(x.transpose(2, 3).flatten(1, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The mean of the vectors, (batch, n_outputs)."""
        return self.frames(x).mean(dim=2)


ARCHITECTURES = (
    Architecture(
        "strided-waves",
        StridedWaves,
        (1, 20_480, 1),
        CHANNELS,
        5_250_560,
        "derived",
        free_choices=(
            "No padding, so that 20,480 samples leave 126 vectors; initial weights as PyTorch has them.",
        ),
    ),
)
