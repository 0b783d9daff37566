"""Pseudo-labels: what the net is sure of is taken for a label.

Lee 2013, "Pseudo-label", equations 14 and 15 (from memory): cross-entropy with the most probable class,
its weight rising during the fit. That only answers of a probability above a threshold count is later
practice; the threshold, the weight and the shape of its rise are our choice.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from deep.representation.budget import log_mel
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.rule import Rule, ramp

THRESHOLD = 0.95
WEIGHT = 1.0


def pseudo_label_loss(logits: torch.Tensor, threshold: float = THRESHOLD) -> torch.Tensor:
    """``1[max p > threshold] CE(argmax p, p)``, the mean over all rows, sure or not (nats).

    Parameters
    ----------
    logits : Tensor, shape (n, n_classes)
    threshold : float
    """
    sure, guess = logits.detach().softmax(dim=1).max(dim=1)
    losses = functional.cross_entropy(logits, guess, reduction="none")
    return (losses * (sure > threshold)).mean()


class PseudoLabels(Rule):
    """``supervised + weight ramp(t) pseudo_label_loss``."""

    def loss(self, batches: Batches, t: float) -> torch.Tensor:
        """Both terms."""
        supervised, _, logits = self.both(batches)
        return supervised + WEIGHT * ramp(t) * pseudo_label_loss(logits)


def few_pseudo_labels(random_state: int = 0) -> FewLabels:
    """Pseudo-labels: sure answers count as labels.

    Parameters
    ----------
    random_state : int
    """
    return FewLabels(log_mel(), PseudoLabels, random_state=random_state)


few_pseudo_labels.family = "deep"  # type: ignore[attr-defined]
few_pseudo_labels.cite = "lee2013pseudo"  # type: ignore[attr-defined]
few_pseudo_labels.unlabelled = True  # type: ignore[attr-defined]
