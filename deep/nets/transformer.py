"""Transformer encoder over the frames of a patch, one decision a patch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from deep.nets.stem import FrameStem, MeanMax


class Transformer(nn.Module):
    """3x3 blocks pooled over frequency, sin/cos positions, the encoder of Vaswani et al. 2017.

    Layer norm before each sub-layer instead of after it, which trains without a warm-up; mean
    and maximum over frames instead of a class token: our choice.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_classes : int
    units : int
        Values a frame; even, and a multiple of ``heads``.
    heads, layers : int
    widths : sequence of int
        Maps of the 3x3 blocks.
    dropout : float
        Before each dense layer of stem and head; a third of it within the encoder.
    input_pool : int
        Frames averaged before the first block.
    positions : bool
        Add `sinusoids` to the frames; without them the encoder can't tell their order.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention is all you need", NeurIPS 2017, sections 3.1 to 3.5.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_classes: int,
        units: int = 64,
        heads: int = 4,
        layers: int = 2,
        widths: Sequence[int] = (8, 16),
        dropout: float = 0.2,
        input_pool: int = 2,
        positions: bool = True,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        self.positions = positions
        self.stem = FrameStem(channels, bins, widths, units, dropout, input_pool)
        layer = nn.TransformerEncoderLayer(
            units, heads, 2 * units, dropout / 3, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(
            layer, layers, norm=nn.LayerNorm(units), enable_nested_tensor=False
        )
        self.head = MeanMax(units, n_classes, dropout)

    def encode(self, frames: torch.Tensor) -> torch.Tensor:
        """(batch, frames, units) -> the same shape."""
        if self.positions:
            frames = frames + sinusoids(*frames.shape[1:]).to(frames)
        return self.encoder(frames)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_classes)."""
        return self.head(self.encode(self.stem(x).transpose(1, 2)).transpose(1, 2))


def sinusoids(n_frames: int, units: int) -> torch.Tensor:
    """Position codes of Vaswani et al., section 3.5.

    ``sin(t / 10000 ** (2 i / units))`` at ``2 i``, the cosine at ``2 i + 1``.

    Returns
    -------
    Tensor, shape (n_frames, units)
    """
    rate = 10_000 ** (-torch.arange(0, units, 2, dtype=torch.float64) / units)
    angle = torch.arange(n_frames, dtype=torch.float64)[:, None] * rate
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1).float()
