"""Contrastive predictive coding: what was heard tells the vector to come from those of other patches.

Van den Oord, Li and Vinyals 2018, equations 3 and 4: a causal GRU sums the encoder's vectors up to t,
``f_k(x, c) = exp(z W_k c)`` and ``L_N = -E log(f_k(x_(t+k), c_t) / sum of f_k over N)``, of which one is
the truth: L_N >= log N - I, about log N before training. Theirs hears the waveform every 10 ms; here
the shared encoder's vectors come every 96 ms and hear 23 frames each, so that only those of 6 steps
ahead and more share no frame with what was heard (`STEPS_AHEAD`, our choice).
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext

STEPS_AHEAD = (6, 7, 8, 9)
"""0.58 to 0.86 s."""


def info_nce(scores: torch.Tensor) -> torch.Tensor:
    """``-log f(x_i, c_i) / sum_j f(x_j, c_i)``, the mean over contexts i.

    Parameters
    ----------
    scores : Tensor, shape (..., n, n)
        ``log f``: row i are the scores of a context, column i its truth, others come from elsewhere.
    """
    truth = torch.arange(scores.shape[-1], device=scores.device).expand(scores.shape[:-1])
    return functional.cross_entropy(scores.flatten(0, -2), truth.flatten())


class CPC(Pretext):
    """Context by a GRU, a matrix a step ahead; negatives are the batch's other patches at that step."""

    def __init__(
        self,
        encoder: nn.Module,
        in_shape: tuple[int, int, int],
        steps_ahead: tuple[int, ...] = STEPS_AHEAD,
    ) -> None:
        super().__init__(encoder, in_shape)
        self.steps_ahead = steps_ahead
        self.context = nn.GRU(EMBEDDING, EMBEDDING, batch_first=True)
        self.ahead = nn.ModuleList(nn.Linear(EMBEDDING, EMBEDDING, bias=False) for _ in steps_ahead)

    def contexts(self, z: torch.Tensor) -> torch.Tensor:
        """c_t of vectors (batch, d, n): (batch, n, d), each from those up to t."""
        return self.context(z.transpose(1, 2))[0]

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean of L_N over the steps ahead; N is the number of patches."""
        z = self.encoder.frames(x)
        c = self.contexts(z)
        losses = [
            info_nce(torch.einsum("btd,ndt->tbn", w(c[:, :-k]), z[:, :, k:]))
            for k, w in zip(self.steps_ahead, self.ahead, strict=True)
        ]
        return torch.stack(losses).mean()

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Mean of the contexts."""
        return self.contexts(self.encoder.frames(x)).mean(dim=1)


def encoder_cpc(random_state: int = 0) -> Representation:
    """CPC: the past picks its own future out of a batch.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), CPC, random_state=random_state)


encoder_cpc.family = "deep"  # type: ignore[attr-defined]
encoder_cpc.cite = "oord2018cpc"  # type: ignore[attr-defined]
