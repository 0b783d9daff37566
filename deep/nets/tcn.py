"""Temporal convolutional network: weight-normed causal dilated convolutions."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from deep.nets.frame_cnn import PooledBlock


class TCN(nn.Module):
    """Temporal convolutional network of Bai et al. 2018, one row of logits a frame.

    Causal: frame ``i`` looks at frames up to ``i`` only. Bands are the input channels of the
    first block; ``widths`` puts 3x3 blocks pooled over frequency before it, our choice.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_classes : int
    units : int
        Channels of every block.
    kernel_size : int
        Frames a convolution spans before dilation.
    levels : int
        Number of blocks; block ``i`` is dilated by ``2 ** i``.
    dropout : float
        After each convolution; whole frames and channels independently.
    widths : tuple of int
        Maps of the 3x3 blocks; none as published.

    Attributes
    ----------
    context : tuple of int
        Frames looked at before and after a frame: ``2 (kernel_size - 1) (2 ** levels - 1)``, two
        more for each 3x3 block, and none.

    References
    ----------
    .. [1] S. Bai, J. Z. Kolter, V. Koltun, "An empirical evaluation of generic convolutional and
       recurrent networks for sequence modeling", arXiv:1803.01271, 2018, section 3. The initial
       weights are N(0, 0.01), as in the authors' code.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_classes: int,
        units: int = 150,
        kernel_size: int = 5,
        levels: int = 4,
        dropout: float = 0.25,
        widths: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        maps, _, bins = in_shape
        front: list[nn.Module] = []
        for width in widths:
            front.append(PooledBlock(maps, width, causal=True))
            maps, bins = width, bins // 3
        self.front = nn.Sequential(*front)
        channels = [maps * bins] + [units] * levels
        self.blocks = nn.Sequential(
            *(
                TemporalBlock(channels[level], units, kernel_size, 2**level, dropout)
                for level in range(levels)
            )
        )
        self.head = nn.Conv1d(units, n_classes, 1)
        nn.init.normal_(self.head.weight, 0, 0.01)
        self.context = (2 * (kernel_size - 1) * (2**levels - 1) + 2 * len(widths), 0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_classes, frames)."""
        return self.head(self.blocks(self.front(x).transpose(2, 3).flatten(1, 2)))


class TemporalBlock(nn.Module):
    """Twice (causal dilated convolution, weight norm, ReLU, dropout), a residual sum, a ReLU."""

    def __init__(
        self, channels: int, units: int, kernel_size: int, dilation: int, dropout: float
    ) -> None:
        super().__init__()
        self.reach = (kernel_size - 1) * dilation
        self.first = weight_norm(
            gaussian(nn.Conv1d(channels, units, kernel_size, dilation=dilation))
        )
        self.second = weight_norm(gaussian(nn.Conv1d(units, units, kernel_size, dilation=dilation)))
        same = channels == units
        self.shortcut = nn.Identity() if same else gaussian(nn.Conv1d(channels, units, 1))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames) -> (batch, units, frames)."""
        out = x
        for convolution in (self.first, self.second):
            out = torch.relu(convolution(functional.pad(out, (self.reach, 0))))
            out = self.dropout(out)
        return torch.relu(out + self.shortcut(x))


def gaussian(convolution: nn.Conv1d) -> nn.Conv1d:
    """The same layer with weights drawn from N(0, 0.01)."""
    nn.init.normal_(convolution.weight, 0, 0.01)
    return convolution
