"""Contractive auto-encoder: a small change of the sound changes its embedding little.

Rifai, Vincent, Muller, Glorot and Bengio 2011, equation 2 (from memory): the squared Frobenius norm of
the embedding's derivative by the input is added to the error. The paper ties the decoder's weights to
the encoder's, else the embedding shrinks, the decoder makes up for it, and the norm says nothing. Ours
aren't tied, so the norm is taken relative to the embeddings' variance over the batch: a factor on
the embedding doesn't count (our choice).

The paper's closed form is for one layer. Here the norm is estimated without bias as Hutchinson's trace:
for signs v drawn at random, ``E |v' J|^2 = tr J J' = |J|_F^2``, one backward pass a batch.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.representation.autoencoder import Autoencoder
from deep.representation.budget import log_mel
from deep.representation.encoder import Representation

WEIGHT = 1.0
"""Of the relative norm against the mean squared error; our choice."""
TINY = 1e-6


class Contractive(Autoencoder):
    """``mean (x - d(e(x)))^2 + weight * mean |de/dx|_F^2 / var e(x)``.

    Parameters
    ----------
    encoder, in_shape
        As for `deep.representation.pretext.Pretext`.
    weight : float
    """

    def __init__(
        self, encoder: nn.Module, in_shape: tuple[int, int, int], weight: float = WEIGHT
    ) -> None:
        super().__init__(encoder, in_shape)
        self.weight = weight

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean squared error and the weighted, relative norm."""
        return super().loss(x) + self.weight * self.sensitivity(x)

    def sensitivity(self, x: torch.Tensor) -> torch.Tensor:
        """What white noise of power 1 in the patch does to an embedding, over what patches differ.

        By the encoder as it is used afterwards: batch norm has its running statistics, so that an
        embedding depends on its own patch alone.
        """
        self.encoder.eval()
        x = x.detach().requires_grad_()
        embedding = self.encoder(x)
        self.encoder.train(self.training)
        signs = 2.0 * torch.randint_like(embedding, 2) - 1.0
        spread = embedding.var(dim=0, correction=0).sum()
        return squared_slope(embedding, x, signs).mean() / spread.clamp_min(TINY)


def squared_slope(embedding: torch.Tensor, x: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """``|v' J|^2`` of each patch, J the derivative of its embedding by its numbers: shape (batch,).

    Parameters
    ----------
    embedding, v : Tensor, shape (batch, n)
        Each embedding a function of its own patch.
    x : Tensor, shape (batch, channels, frames, bins)
        With ``requires_grad``.
    """
    [slope] = torch.autograd.grad((embedding * v).sum(), x, create_graph=True)
    return slope.square().flatten(1).sum(dim=1)


def encoder_contractive(weight: float = WEIGHT, random_state: int = 0) -> Representation:
    """Contractive auto-encoder: embeddings hardly follow small changes.

    Parameters
    ----------
    weight : float
        Of the embedding's relative slope against the error.
    random_state : int
    """
    return Representation(log_mel(), Contractive, {"weight": weight}, random_state=random_state)


encoder_contractive.family = "deep"  # type: ignore[attr-defined]
encoder_contractive.cite = "rifai2011contractive"  # type: ignore[attr-defined]
