"""WaveNet: what a waveform will do next, from all that its dilated convolutions have heard."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.architecture import Architecture, scaled

LEVELS = 256
"""Of the quantised waveform."""


def mu_law(x: torch.Tensor) -> torch.Tensor:
    """``sgn(x) ln(1 + 255 |x|) / ln 256`` of samples in -1...1; what is beyond is clipped."""
    x = x.clamp(-1, 1)
    top = torch.tensor(float(LEVELS - 1), dtype=x.dtype, device=x.device)
    return x.sign() * torch.log1p(top * x.abs()) / torch.log1p(top)


def mu_law_inverse(y: torch.Tensor) -> torch.Tensor:
    """``sgn(y) (256^|y| - 1) / 255``."""
    return y.sign() * (float(LEVELS) ** y.abs() - 1) / (LEVELS - 1)


def quantise(x: torch.Tensor) -> torch.Tensor:
    """Samples in -1...1 as one of 256 levels, evenly spaced in mu-law."""
    return ((mu_law(x) + 1) / 2 * (LEVELS - 1)).round().long()


def dequantise(codes: torch.Tensor) -> torch.Tensor:
    """The middle of each level, samples in -1...1."""
    return mu_law_inverse(codes / (LEVELS - 1) * 2 - 1)


class WaveNet(nn.Module):
    """Gated causal convolutions of two samples, each dilated by twice as much as the one before.

    Van den Oord et al. 2016: samples are quantised by the mu-law into 256 levels (section 2.2), a block
    is ``tanh(W_f * x) s(W_g * x)`` (equation 2) with a residual and a skip connection (section 2.4).
    Depth and widths are our choice, small enough for a processor.

    Parameters
    ----------
    in_shape : tuple (1, samples, 1)
        ``samples`` is not used.
    n_outputs : int
        Width of the skip connections, and of the embedding.
    units : int
        Width of the blocks.
    blocks : int
        Dilations 1, 2, 4...
    width : float
        Scales ``units``.

    Attributes
    ----------
    context : int
        Samples that an output hears: the last ``2 ** blocks``.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int = 64,
        units: int = 24,
        blocks: int = 9,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        units = scaled(units, width)
        self.peak: torch.Tensor
        self.register_buffer("peak", torch.ones(()))  # of the waveforms that codes span
        self.table = nn.Embedding(LEVELS, units)
        self.gates = nn.ModuleList(
            nn.Conv1d(units, 2 * units, 2, dilation=2**level) for level in range(blocks)
        )
        self.outs = nn.ModuleList(
            nn.Conv1d(units, units + n_outputs, 1) for _ in range(blocks)
        )  # residual and skip at once
        self.context = 2**blocks

    def codes(self, x: torch.Tensor) -> torch.Tensor:
        """Waveforms (batch, 1, samples, 1) as levels, (batch, samples)."""
        return quantise(x[:, 0, :, 0] / self.peak)

    def hidden(self, codes: torch.Tensor) -> torch.Tensor:
        """Sum of the skip connections, rectified: (batch, n_outputs, samples); causal."""
        x = self.table(codes).transpose(1, 2)
        units = x.shape[1]
        total: torch.Tensor | None = None
        for level, (gate, out) in enumerate(zip(self.gates, self.outs, strict=True)):
            heard, let = gate(functional.pad(x, (2**level, 0))).chunk(2, dim=1)
            y = out(heard.tanh() * let.sigmoid())
            x = x + y[:, :units]
            total = y[:, units:] if total is None else total + y[:, units:]
        assert total is not None
        return total.relu()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Embedding of each waveform, (batch, n_outputs): the mean of the hidden states."""
        return self.hidden(self.codes(x)).mean(dim=2)


ARCHITECTURES = (
    Architecture(
        "wavenet-small",
        WaveNet,
        (1, 2048, 1),
        64,
        47_112,
        "ours",
        free_choices=(
            "One stack of nine blocks, 24 wide with 64 skip channels: the paper gives dilations up to 512 in several stacks and no widths.",
            "The embedding is the mean of the summed skip connections.",
        ),
    ),
)
