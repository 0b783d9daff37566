"""Batch norms that take a batch of one value a channel, which has no deviation: by past batches."""

from __future__ import annotations

import torch
from torch import nn


class _AnyBatch(nn.modules.batchnorm._BatchNorm):
    """By past batches where a channel has a single value."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, ...) -> the same shape."""
        if self.training and x.numel() == x.shape[1]:
            return nn.functional.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        return super().forward(x)


class VectorNorm(_AnyBatch, nn.BatchNorm1d):
    """Of vectors or sequences: (batch, units) or (batch, units, frames)."""


class MapNorm(_AnyBatch, nn.BatchNorm2d):
    """Of maps: (batch, maps, frames, bins)."""
