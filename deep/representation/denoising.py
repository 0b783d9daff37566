"""Denoising auto-encoder: a patch of which numbers are struck out must be drawn whole.

Vincent, Larochelle, Bengio and Manzagol 2008, section 2.3 (from memory): some of the input's numbers,
chosen at random, are set to 0, and the error is that to the clean input, over all numbers. The paper
strikes out the same number of them each time; here each goes by itself, our choice.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.representation.autoencoder import Autoencoder
from deep.representation.budget import log_mel
from deep.representation.encoder import Representation

SHARE = 0.25
"""Of the numbers struck out; the paper tries 0.1, 0.25 and 0.4 (from memory)."""


class Denoising(Autoencoder):
    """``mean (x - d(e(x struck)))^2`` of standardised patches, where 0 is a band's mean.

    Parameters
    ----------
    encoder, in_shape
        As for `deep.representation.pretext.Pretext`.
    share : float
        Probability that a number is struck out.
    """

    def __init__(
        self, encoder: nn.Module, in_shape: tuple[int, int, int], share: float = SHARE
    ) -> None:
        super().__init__(encoder, in_shape)
        self.share = share

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean squared error to the clean patch."""
        kept = torch.rand_like(x) >= self.share
        return functional.mse_loss(self.decoder(self.encoder.frames(x * kept)), x)


def encoder_denoising(share: float = SHARE, random_state: int = 0) -> Representation:
    """Denoising auto-encoder: the clean patch is drawn from one with holes.

    Parameters
    ----------
    share : float
        Probability that a number of the patch is struck out.
    random_state : int
    """
    return Representation(log_mel(), Denoising, {"share": share}, random_state=random_state)


encoder_denoising.family = "deep"  # type: ignore[attr-defined]
encoder_denoising.cite = "vincent2008denoising"  # type: ignore[attr-defined]
