"""Variational auto-encoder: a code of Gaussians, each close to one and the same.

Kingma and Welling 2014, equation 10 and appendix B (from memory): with ``z ~ N(mu, sigma^2)``, the bound
on the evidence is the expected log-likelihood of the patch given z less
``KL = 1/2 sum (mu^2 + sigma^2 - log sigma^2 - 1)``. The likelihood is Gaussian of variance 1 over
standardised numbers; ``beta`` weighs the divergence (Higgins et al. 2017), which is the same as a variance of
``beta``. The embedding is mu: the encoder's own vectors. That the logarithms of the variances
are a linear map of them is our choice.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.small_decoder import SmallDecoder
from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext

BETA = 0.1
"""Weight of the divergence, 1 in the paper; a tenth lets more units leave the prior. Our choice."""


class Variational(Pretext):
    """``1/2 mean (x - d(z))^2 + beta * KL / numbers of the patch``: minus the bound, a number's share.

    Parameters
    ----------
    encoder, in_shape
        As for `deep.representation.pretext.Pretext`.
    beta : float
    """

    def __init__(
        self, encoder: nn.Module, in_shape: tuple[int, int, int], beta: float = BETA
    ) -> None:
        super().__init__(encoder, in_shape)
        self.log_variance = nn.Conv1d(EMBEDDING, EMBEDDING, 1)
        self.decoder = SmallDecoder(in_shape, EMBEDDING)
        self.beta = beta

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Minus the bound, one draw of z a patch, up to a constant."""
        mean = self.encoder.frames(x)
        log_variance = self.log_variance(mean)
        z = mean + torch.randn_like(mean) * torch.exp(log_variance / 2)
        away = divergence(mean, log_variance).sum() / x.numel()
        return functional.mse_loss(self.decoder(z), x) / 2 + self.beta * away


def divergence(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """``KL(N(mean, variance) || N(0, 1))`` (nats), number by number."""
    return (mean.square() + log_variance.exp() - log_variance - 1) / 2


def encoder_vae(beta: float = BETA, random_state: int = 0) -> Representation:
    """Variational auto-encoder: the code is a Gaussian, its mean the embedding.

    Parameters
    ----------
    beta : float
        Weight of the divergence from the prior.
    random_state : int
    """
    return Representation(log_mel(), Variational, {"beta": beta}, random_state=random_state)


encoder_vae.family = "deep"  # type: ignore[attr-defined]
encoder_vae.cite = "kingma2014vae"  # type: ignore[attr-defined]
