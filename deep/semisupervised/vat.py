"""Virtual adversarial training: the answer stays the same in the direction that would change it most.

Miyato et al. 2018, equations 5 to 12 (from memory): ``r = eps g / |g|`` with ``g`` the gradient by r of
``KL(p(x) || p(x + r))`` at ``r = xi d``, d a random unit vector, one power iteration. ``eps`` and ``xi`` are
in standardised log-mel, our choice: a patch of 64 by 64 numbers has a norm of about 64.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.representation.budget import log_mel
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.consistency import clean_answers
from deep.semisupervised.rule import Rule, held_statistics, kl, ramp

EPS = 8.0
XI = 0.1
WEIGHT = 1.0


def unit(r: torch.Tensor) -> torch.Tensor:
    """Each row of (n, ...) divided by its norm."""
    norms = r.flatten(1).norm(dim=1).clamp(min=1e-12)
    return r / norms.view(-1, *[1] * (r.ndim - 1))


def adversarial(
    net: nn.Module, u: torch.Tensor, clean: torch.Tensor, eps: float = EPS, xi: float = XI
) -> torch.Tensor:
    """The step of norm ``eps`` from each patch that changes the net's answer most.

    Parameters
    ----------
    net : nn.Module
    u : Tensor, shape (n, ...)
    clean : Tensor, shape (n, n_classes)
        Logits of ``u``.
    eps, xi : float
    """
    d = unit(torch.randn_like(u)).requires_grad_()
    with held_statistics(net):
        [g] = torch.autograd.grad(kl(clean.detach(), net(u + xi * d)), d)
    return eps * unit(g)


class Vat(Rule):
    """``supervised + weight ramp(t) KL(p(u) || p(u + r))``."""

    def loss(self, batches: Batches, t: float) -> torch.Tensor:
        """Both terms."""
        supervised, u, _ = self.both(batches)
        clean = clean_answers(self.net, u)
        r = adversarial(self.net, u, clean)
        with held_statistics(self.net):
            answers = self.net(u + r)
        return supervised + WEIGHT * ramp(t) * kl(clean, answers)


def few_vat(random_state: int = 0) -> FewLabels:
    """Virtual adversarial training: the answer holds against the worst small change.

    Parameters
    ----------
    random_state : int
    """
    return FewLabels(log_mel(), Vat, random_state=random_state)


few_vat.family = "deep"  # type: ignore[attr-defined]
few_vat.cite = "miyato2018vat"  # type: ignore[attr-defined]
few_vat.unlabelled = True  # type: ignore[attr-defined]
