"""Band-pass filters with two edges each, then strided convolutions: a vector every 10 ms at 16 kHz."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from deep.nets.architecture import Architecture, scaled

SR = 16_000
"""Hz."""
FILTERS, TAPS = 64, 251
KERNELS = (20, 11, 11, 11, 11, 11, 11)
STRIDES = (10, 2, 1, 2, 1, 2, 2)
"""160 samples for a vector."""
CHANNELS = (64, 128, 128, 256, 256, 512, 512)
LOWEST, NARROWEST = 50.0, 50.0
"""Hz: the least that a filter's lower edge and its width can be."""


class SincFilters(nn.Module):
    """``w[n] (2 f_2 sinc(2 pi f_2 n) - 2 f_1 sinc(2 pi f_1 n))``, both edges learned.

    Ravanelli and Bengio 2018, equations 4 to 8 (from memory): a Hamming window, edges evenly spaced in
    mels from 30 Hz on at the start, the gain in the pass band 1.

    Parameters
    ----------
    filters, taps : int
        ``taps`` is odd.
    """

    def __init__(self, filters: int = FILTERS, taps: int = TAPS) -> None:
        super().__init__()
        low, high = (2595 * math.log10(1 + f / 700) for f in (30.0, SR / 2 - LOWEST - NARROWEST))
        edges = 700 * (10 ** (torch.linspace(low, high, filters + 1) / 2595) - 1)
        self.low = nn.Parameter(edges[:-1].clone())
        self.width = nn.Parameter(edges.diff())
        steps = (torch.arange(taps) - taps // 2) / SR
        self.register_buffer("steps", steps)
        self.register_buffer("window", torch.hamming_window(taps, periodic=False))

    def edges(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Of each filter, Hz, within the spectrum."""
        low = LOWEST + self.low.abs()
        return low, (low + NARROWEST + self.width.abs()).clamp(max=SR / 2)

    def responses(self) -> torch.Tensor:
        """Impulse responses, (filters, taps)."""
        steps, window = self.get_buffer("steps"), self.get_buffer("window")
        low, high = (2 * f[:, None] * torch.sinc(2 * f[:, None] * steps) for f in self.edges())
        return (high - low) * window / SR

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, 1, samples) -> (batch, filters, samples)."""
        responses = self.responses()
        return functional.conv1d(x, responses[:, None], padding=responses.shape[1] // 2)


class SincWaves(nn.Module):
    """The encoder of PASE.

    Pascual et al. 2019, section 2.1 (from memory): SincNet's filters, seven convolutions with strides, each
    followed by batch norm and PReLU, and a projection to 100 numbers. The batch norm without parameters
    that ends it is the task's (`deep.representation.pase_published`).

    Parameters
    ----------
    in_shape : tuple (1, samples, 1)
        ``samples`` is not used.
    n_outputs : int
    width : float
        Scales filters and channels.
    """

    def __init__(
        self, in_shape: tuple[int, int, int], n_outputs: int = 100, width: float = 1.0
    ) -> None:
        super().__init__()
        maps = scaled(FILTERS, width)
        layers: list[nn.Module] = [SincFilters(maps), nn.BatchNorm1d(maps), nn.PReLU(maps)]
        for kernel, stride, channels in zip(KERNELS, STRIDES, CHANNELS, strict=True):
            channels = scaled(channels, width)
            layers += [
                nn.Conv1d(maps, channels, kernel, stride, padding=kernel // 2 - (kernel % 2 == 0)),
                nn.BatchNorm1d(channels),
                nn.PReLU(channels),
            ]
            maps = channels
        self.blocks = nn.Sequential(*layers)
        self.mix = nn.Conv1d(maps, n_outputs, 1)

    def frames(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, 1, samples, 1) -> (batch, n_outputs, steps), one for 160 samples."""
        return self.mix(self.blocks(x.transpose(2, 3).flatten(1, 2)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The mean of the vectors, (batch, n_outputs)."""
        return self.frames(x).mean(dim=2)


ARCHITECTURES = (
    Architecture(
        "sinc-waves",
        SincWaves,
        (1, 16_000, 1),
        100,
        5_818_020,
        "recalled",
        free_choices=(
            "Widths, strides and the number of convolutions are from memory; zero padding, biases and initial weights as PyTorch has them.",
        ),
    ),
)
