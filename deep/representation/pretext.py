"""A pretext task: what an encoder is trained for when nobody says what a sound is."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from deep.tracks.batches import Patches

CLIP = 5.0
"""Largest norm of the gradient, so that recurrent parts don't leap; our choice."""


class Pretext(nn.Module):
    """An encoder with what else its task needs; only the encoder is kept.

    A task is a subclass with ``loss``; it may override the rest. Randomness comes from torch's
    generator, which a fit seeds.

    Parameters
    ----------
    encoder : nn.Module
        `deep.nets.small_encoder.SmallEncoder`: ``frames(x)`` are its vectors over time.
    in_shape : tuple (channels, frames, bins)
        Of the patches.
    """

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.encoder: Any = encoder
        self.in_shape = in_shape

    def start(self, patches: Patches, lr: float) -> list[torch.optim.Optimizer]:
        """Look at the training patches where the task asks for it; the optimisers, one as a rule."""
        return [torch.optim.Adam(self.parameters(), lr=lr)]

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Loss of a batch of standardised patches (batch, channels, frames, bins), a number."""
        raise NotImplementedError

    def update(self, x: torch.Tensor, optimisers: list[torch.optim.Optimizer]) -> float:
        """One step; returns the loss."""
        [optimiser] = optimisers
        optimiser.zero_grad()
        loss = self.loss(x)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters(), CLIP)
        optimiser.step()
        return float(loss.detach())

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Embeddings of patches, (batch, n)."""
        return self.encoder(x)
