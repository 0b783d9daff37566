"""Entropy minimisation: of a sound without a label one class is to be likely, whichever.

Grandvalet and Bengio 2004 (from memory): the entropy of the answers for unlabelled items is added to
the loss. Alone it is content with one class for all. The weight and its rise are our choice.
"""

from __future__ import annotations

import torch

from deep.representation.budget import log_mel
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.rule import Rule, ramp

WEIGHT = 1.0


def entropy(logits: torch.Tensor) -> torch.Tensor:
    """``-sum p log p`` of logits (n, n_classes), the mean over rows (nats)."""
    log_p = logits.log_softmax(dim=1)
    return -(log_p.exp() * log_p).sum(dim=1).mean()


class Entropy(Rule):
    """``supervised + weight ramp(t) entropy``."""

    def loss(self, batches: Batches, t: float) -> torch.Tensor:
        """Both terms."""
        supervised, _, logits = self.both(batches)
        return supervised + WEIGHT * ramp(t) * entropy(logits)


def few_entropy(random_state: int = 0) -> FewLabels:
    """Entropy minimisation: answers for sounds without a label are to be sure.

    Parameters
    ----------
    random_state : int
    """
    return FewLabels(log_mel(), Entropy, random_state=random_state)


few_entropy.family = "deep"  # type: ignore[attr-defined]
few_entropy.cite = "grandvalet2004entropy"  # type: ignore[attr-defined]
few_entropy.unlabelled = True  # type: ignore[attr-defined]
