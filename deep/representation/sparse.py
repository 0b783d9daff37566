"""Sparse auto-encoder: each unit of the code is active for few sounds.

The penalty of Lee, Ekanadham and Ng 2008 in the form of Ng's lecture notes of 2011 (from memory): units
are sigmoids, and their mean activity is drawn to rho by the divergence of two coins,
``KL(rho || a) = rho log(rho / a) + (1 - rho) log((1 - rho) / (1 - a))``. Here the mean is over a batch
and time, and the notes' weight of 3 belongs to an error summed over numbers: ours is another.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.representation.autoencoder import Autoencoder
from deep.representation.budget import log_mel
from deep.representation.encoder import Representation

RHO = 0.05
"""Mean activity that units are drawn to, that of the notes."""
WEIGHT = 0.01
"""Of the summed divergence against the mean squared error; our choice."""
TINY = 1e-6


class Sparse(Autoencoder):
    """``mean (x - d(s(e(x))))^2 + weight * sum_j KL(rho || mean s(e(x))_j)``, s the sigmoid.

    Parameters
    ----------
    encoder, in_shape
        As for `deep.representation.pretext.Pretext`.
    rho : float
        Mean activity asked for, between 0 and 1.
    weight : float
    """

    def __init__(
        self,
        encoder: nn.Module,
        in_shape: tuple[int, int, int],
        rho: float = RHO,
        weight: float = WEIGHT,
    ) -> None:
        super().__init__(encoder, in_shape)
        self.rho = rho
        self.weight = weight

    def code(self, x: torch.Tensor) -> torch.Tensor:
        """Activity of the units over time, (batch, n, vectors), between 0 and 1."""
        return torch.sigmoid(self.encoder.frames(x))

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean squared error and the weighted divergence."""
        code = self.code(x)
        error = functional.mse_loss(self.decoder(code), x)
        return error + self.weight * divergence(code.mean(dim=(0, 2)), self.rho).sum()

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Mean activity of the units over the patch, (batch, n)."""
        return self.code(x).mean(dim=2)


def divergence(activity: torch.Tensor, rho: float) -> torch.Tensor:
    """``KL(rho || activity)`` of two coins, of each unit (nats)."""
    activity = activity.clamp(TINY, 1 - TINY)
    return rho * torch.log(rho / activity) + (1 - rho) * torch.log((1 - rho) / (1 - activity))


def encoder_sparse(
    rho: float = RHO, weight: float = WEIGHT, random_state: int = 0
) -> Representation:
    """Sparse auto-encoder: the code's units are seldom active.

    Parameters
    ----------
    rho : float
        Mean activity asked for, between 0 and 1.
    weight : float
        Of the divergence from it against the error.
    random_state : int
    """
    args = {"rho": rho, "weight": weight}
    return Representation(log_mel(), Sparse, args, random_state=random_state)


encoder_sparse.family = "deep"  # type: ignore[attr-defined]
encoder_sparse.cite = "lee2008sparse"  # type: ignore[attr-defined]
