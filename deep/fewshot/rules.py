"""How a query is answered from a few labelled rows: the same rule in training and in a test episode.

A rule is ``rule(queries, support, codes) -> log-probabilities``; ``queries`` (n, d), ``support`` (m, d),
``codes`` (m,) of 0 to k - 1, each of them there; the result is (n, k).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.functional import normalize, one_hot

Rule = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]

SCALE = 10.0
"""What a cosine is multiplied by before a softmax; our choice. The papers have no such factor, and a
softmax of numbers between -1 and 1 stays flat."""


def prototypes(support: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Mean of the support's rows of each class, (k, d): c_k = 1 / N_S sum f(x) over the N_S shown of the
    class (Snell et al. 2017, eq. 1; the division by N_C in their algorithm is a slip)."""
    members = one_hot(codes).to(support.dtype).T
    return members @ support / members.sum(dim=1, keepdim=True)


def euclidean(queries: torch.Tensor, support: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Log-softmax of minus the squared distance to each prototype (Snell et al. 2017, eq. 2)."""
    squared = (queries[:, None] - prototypes(support, codes)[None]).square().sum(dim=2)
    return torch.log_softmax(-squared, dim=1)


def cosine(queries: torch.Tensor, support: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Log-softmax of the scaled cosine with each prototype."""
    means = normalize(prototypes(support, codes), dim=1)
    return torch.log_softmax(SCALE * normalize(queries, dim=1) @ means.T, dim=1)


def attention(queries: torch.Tensor, support: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Log of sum_i a(x, x_i) y_i, a the softmax over the support of scaled cosines (Vinyals et al. 2016,
    eq. 1 and 2.1.1), without the embedding of the support in its context."""
    similar = SCALE * normalize(queries, dim=1) @ normalize(support, dim=1).T
    members = one_hot(codes).T.bool()
    each = similar.log_softmax(dim=1)[:, None, :].masked_fill(~members[None], -torch.inf)
    return each.logsumexp(dim=2)
