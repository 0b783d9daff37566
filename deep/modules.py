"""What the estimator puts around a net: the standardiser before it, the loss behind it, its device."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


class Standardise(nn.Module):
    """(x - mean) / scale for each channel and band, with fixed statistics."""

    def __init__(self, mean: np.ndarray, scale: np.ndarray) -> None:
        super().__init__()
        self.mean: torch.Tensor
        self.scale: torch.Tensor
        self.register_buffer("mean", torch.as_tensor(mean))
        self.register_buffer("scale", torch.as_tensor(scale))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> the same shape."""
        return (x - self.mean) / self.scale


class MaskedCrossEntropy(nn.Module):
    """Weighted mean cross entropy over targets that aren't -1; zero where all are."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.weight: torch.Tensor
        self.register_buffer("weight", weight)

    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Logits (batch, n_classes, ...), targets (batch, ...) -> scalar (nats)."""
        total = nn.functional.cross_entropy(
            logits, target, weight=self.weight, ignore_index=-1, reduction="sum"
        )
        return total / self.weight[target[target >= 0]].sum().clamp(min=1e-6)


def pick_device(name: str) -> str:
    """A torch device's name; "auto" takes CUDA, then Apple's GPU, then the processor."""
    if name != "auto":
        return name
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
