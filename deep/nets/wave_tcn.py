"""Temporal convolutional network on the waveform."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.architecture import Architecture, scaled
from deep.nets.pooling import POOLINGS
from deep.nets.tcn import TemporalBlock, gaussian
from deep.nets.vgg import BatchNorm
from mirbench.errors import MethodError


class WaveTCN(nn.Module):
    """A strided convolution in place of a spectrum, then the TCN of Bai et al. 2018.

    Causal up to the logits of a step, which are pooled over time. The blocks are published
    (`deep.nets.tcn`), the net around them is ours.

    Parameters
    ----------
    in_shape : tuple (1, samples, 1)
        ``samples`` is not used.
    n_outputs : int
    width : float
        Scales ``units``.
    units : int
        Channels of the front convolution and of every block.
    window, hop : int
        Samples that the front convolution spans, and its stride.
    kernel_size : int
        Steps a convolution spans before dilation.
    levels : int
        Number of blocks; block ``i`` is dilated by ``2 ** i``.
    dropout : float
        After each convolution of a block.
    pooling : str
        Of the logits over time, one of `deep.nets.pooling.POOLINGS`.

    Attributes
    ----------
    context : tuple of int
        Samples that the logits of a step look at before the step's last sample, and after it:
        ``window - 1 + 2 hop (kernel_size - 1) (2 ** levels - 1)``, and none.

    Raises
    ------
    MethodError
        If there is no such pooling, or the window is shorter than the hop.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        width: float = 1.0,
        units: int = 64,
        window: int = 512,
        hop: int = 256,
        kernel_size: int = 5,
        levels: int = 5,
        dropout: float = 0.1,
        pooling: str = "attention",
    ) -> None:
        super().__init__()
        if pooling not in POOLINGS:
            raise MethodError(f'no pooling "{pooling}": use one of {", ".join(POOLINGS)}')
        if window < hop:
            raise MethodError(f"a window of {window} samples leaves gaps: use {hop} or more")
        units = scaled(units, width)
        self.window, self.hop = window, hop
        self.front = nn.Sequential(
            nn.Conv1d(in_shape[0] * in_shape[2], units, window, stride=hop, bias=False),
            BatchNorm(units),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(
            *(TemporalBlock(units, units, kernel_size, 2**i, dropout) for i in range(levels))
        )
        self.head = gaussian(nn.Conv1d(units, n_outputs, 1))
        self.pool = POOLINGS[pooling](n_outputs)
        self.context = (window - 1 + 2 * hop * (kernel_size - 1) * (2**levels - 1), 0)

    def steps(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, 1, samples, 1) -> logits (batch, n_outputs, ceil(samples / hop)).

        Step ``i`` ends with sample ``(i + 1) hop - 1``; zeros stand before the first sample and
        behind the last.
        """
        wave = x.transpose(2, 3).flatten(1, 2)
        behind = -wave.shape[2] % self.hop
        wave = functional.pad(wave, (self.window - self.hop, behind))
        return self.head(self.blocks(self.front(wave)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, 1, samples, 1) -> (batch, n_outputs)."""
        return self.pool(self.steps(x))


ARCHITECTURES = (
    Architecture(
        "wave-tcn",
        WaveTCN,
        in_shape=(1, 59_049, 1),
        n_outputs=50,
        n_params=243_890,
        source="ours",
        free_choices=(
            "Window, hop, units, levels and the pooling of logits: a receptive field of 32,255 "
            "samples, 1.46 s at 22.05 kHz.",
        ),
    ),
)
