"""SimCLR: two views of a patch are each other's only likeness among all views of the batch.

Chen et al. 2020, algorithm 1, and for music CLMR (Spijkervet and Burgoyne 2021), with tau = 0.5 and a
projection of 64 that is dropped afterwards. CLMR hears the waveform by a SampleCNN; here the shared
encoder hears log-mel, changed by `deep.representation.views`.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext
from deep.representation.views import CROP, view

TAU = 0.5
PROJECTION = 64


def nt_xent(a: torch.Tensor, b: torch.Tensor, tau: float = TAU) -> torch.Tensor:
    """Normalised, temperature-scaled cross entropy of N pairs.

    The mean over all 2N views i, with j the other view of its pair and s the cosine similarity, of
    ``-log(exp(s_ij / tau) / sum_{k != i} exp(s_ik / tau))``.

    Parameters
    ----------
    a, b : Tensor, shape (n, d)
        A row of ``a`` and the same row of ``b`` are a pair.
    tau : float
    """
    z = functional.normalize(torch.cat([a, b]), dim=1)
    scores = (z @ z.T / tau).fill_diagonal_(-torch.inf)
    pair = torch.arange(len(z), device=z.device).roll(len(a))
    return functional.cross_entropy(scores, pair)


class SimCLR(Pretext):
    """NT-Xent of two views of each patch, behind a projection of one hidden layer.

    Parameters
    ----------
    tau : float
    """

    def __init__(
        self, encoder: nn.Module, in_shape: tuple[int, int, int], tau: float = TAU
    ) -> None:
        super().__init__(encoder, in_shape)
        self.tau = tau
        self.length = min(CROP, in_shape[1])
        self.projection = nn.Sequential(
            nn.Linear(EMBEDDING, EMBEDDING), nn.ReLU(), nn.Linear(EMBEDDING, PROJECTION)
        )

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """NT-Xent over the batch."""
        views = torch.cat([view(x, self.length), view(x, self.length)])
        one, other = self.projection(self.encoder(views)).chunk(2)
        return nt_xent(one, other, self.tau)


def encoder_simclr(tau: float = TAU, random_state: int = 0) -> Representation:
    """SimCLR: two changed hearings of a patch lie together, other patches apart.

    Parameters
    ----------
    tau : float
        Temperature of the similarities.
    random_state : int
    """
    return Representation(log_mel(), SimCLR, {"tau": tau}, random_state=random_state)


encoder_simclr.family = "deep"  # type: ignore[attr-defined]
encoder_simclr.cite = "chen2020simclr spijkervet2021clmr"  # type: ignore[attr-defined]
