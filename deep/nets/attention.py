"""Attention over the frames of a track, or over a bag of instances."""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.pooling import AttentionPool
from deep.nets.stem import FrameStem
from deep.nets.vgg import BatchNorm


class AttentionNet(nn.Module):
    """3x3 blocks pooled over frequency, a mean of frames with learned weights, batch norm, a dense
    layer.

    With ``widths=()`` and ``input_pool=1`` a frame is an instance of a bag: no frame sees another
    before they are weighed, so their order doesn't matter and a masked one tells nothing. The
    weights are those of `deep.nets.pooling.AttentionPool`; the net around it is ours.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_outputs : int
    width : float
        Scales ``units``, ``hidden`` and ``widths``.
    units : int
        Values a frame.
    hidden : int
        Units of the net that weighs frames.
    widths : tuple of int
        Maps of the 3x3 blocks.
    dropout : float
        Before each dense layer.
    input_pool : int
        Frames averaged before the first block.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        width: float = 1.0,
        units: int = 128,
        hidden: int = 32,
        widths: tuple[int, ...] = (16, 32),
        dropout: float = 0.2,
        input_pool: int = 2,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        units = scaled(units, width)
        maps = [scaled(n, width) for n in widths]
        self.stem = FrameStem(channels, bins, maps, units, dropout, input_pool)
        self.pool = AttentionPool(units, scaled(hidden, width))
        self.norm = BatchNorm(units)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(units, n_outputs))

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs).

        ``mask``, bool of shape (batch, ceil(frames / input_pool)), is True where a frame counts.
        """
        return self.head(self.norm(self.pool(self.stem(x), mask)[:, :, None])[:, :, 0])


ARCHITECTURES = (
    Architecture(
        "attention",
        AttentionNet,
        in_shape=(1, 187, 96),
        n_outputs=50,
        n_params=56_930,
        source="ours",
        free_choices=("Stem, units, one vector of weights for all outputs.",),
    ),
)
