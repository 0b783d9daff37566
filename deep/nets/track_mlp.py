"""Multilayer perceptron on what a track's frames have in common."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.mlp import MLP
from deep.nets.vgg import BatchNorm


class TrackMLP(nn.Module):
    """Mean and standard deviation over frames of each band, batch norm, `deep.nets.mlp.MLP`.

    Blind to the order of frames; for tracks of any length. Ours, the smallest deep system.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_outputs : int
    width : float
        Scales ``hidden``.
    hidden : sequence of int
        Units of each hidden layer.
    dropout : float
        Before each dense layer.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        width: float = 1.0,
        hidden: Sequence[int] = (256, 256),
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        size = 2 * channels * bins
        self.norm = BatchNorm(size)
        units = [scaled(n, width) for n in hidden]
        self.layers = MLP((size, 1, 1), n_outputs, units, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        deviation = x.var(dim=2, unbiased=False).add(1e-8).sqrt()
        summary = torch.cat([x.mean(dim=2).flatten(1), deviation.flatten(1)], dim=1)
        return self.layers(self.norm(summary[:, :, None]))


ARCHITECTURES = (
    Architecture(
        "track-mlp",
        TrackMLP,
        in_shape=(1, 187, 96),
        n_outputs=50,
        n_params=128_434,
        source="ours",
        free_choices=("Summary over time, two layers of 256 units, dropout.",),
    ),
)
