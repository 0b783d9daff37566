"""From vectors over time back to a patch: `deep.nets.small_encoder` upside down, our choice."""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.small_encoder import STRIDES, WIDTHS


class SmallDecoder(nn.Module):
    """Transposed convolutions to log-mel patches.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        Of the patches to draw; frames and bins divisible by the encoder's strides (4, 16).
    n_inputs : int
        Values of a vector.
    """

    def __init__(self, in_shape: tuple[int, int, int], n_inputs: int) -> None:
        super().__init__()
        channels, _, bins = in_shape
        for _, every in STRIDES:
            bins = -(-bins // every)
        self.maps, self.bins = WIDTHS[-1], bins
        self.spread = nn.Sequential(nn.Conv1d(n_inputs, self.maps * bins, 1), nn.ReLU())
        layers: list[nn.Module] = []
        outputs = (*WIDTHS[-2::-1], channels)
        for n_in, n_out, stride in zip(WIDTHS[::-1], outputs, STRIDES[::-1], strict=True):
            more = (stride[0] - 1, stride[1] - 1)  # as many rows as the encoder took in
            layers += [
                nn.ConvTranspose2d(n_in, n_out, 3, stride, padding=1, output_padding=more),
                nn.BatchNorm2d(n_out),
                nn.ReLU(),
            ]
        self.blocks = nn.Sequential(*layers[:-2])  # any number may be drawn at the end

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """(batch, n_inputs, n) -> (batch, channels, 4 n, bins)."""
        rows = self.spread(z)
        return self.blocks(rows.unflatten(1, (self.maps, self.bins)).transpose(2, 3))
