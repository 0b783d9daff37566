"""Multilayer perceptron on a flattened patch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn


class MLP(nn.Module):
    """Dense layers with ReLU and dropout on all values of the patch.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
    n_classes : int
    hidden : sequence of int
        Units of each hidden layer.
    dropout : float
        Before each dense layer.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_classes: int,
        hidden: Sequence[int] = (256, 256),
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Flatten()]
        width = math.prod(in_shape)
        for units in hidden:
            layers += [nn.Dropout(dropout), nn.Linear(width, units), nn.ReLU()]
            width = units
        self.layers = nn.Sequential(*layers, nn.Dropout(dropout), nn.Linear(width, n_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_classes)."""
        return self.layers(x)
