"""Auto-encoder: what a patch is must pass through the encoder's vectors to be drawn again.

Rumelhart, Hinton and Williams 1986 (from memory): the squared error between a patch and what a decoder
makes of its code, the mean over its numbers. The decoder is the encoder upside down, our choice.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.small_decoder import SmallDecoder
from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext


class Autoencoder(Pretext):
    """``mean (x - d(e(x)))^2`` of standardised patches."""

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__(encoder, in_shape)
        self.decoder = SmallDecoder(in_shape, EMBEDDING)

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean squared error of the reconstruction."""
        return functional.mse_loss(self.decoder(self.encoder.frames(x)), x)


def encoder_autoencoder(random_state: int = 0) -> Representation:
    """Auto-encoder: the patch is drawn again from its code.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), Autoencoder, random_state=random_state)


encoder_autoencoder.family = "deep"  # type: ignore[attr-defined]
