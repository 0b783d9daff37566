"""The labelled items alone: the floor that every way of hearing the others must pass."""

from __future__ import annotations

import torch
from torch.nn import functional

from deep.representation.budget import log_mel
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.rule import Rule


class Supervised(Rule):
    """Cross-entropy; the whole batch has labels. Other items don't even give a mean level."""

    hears_all = False

    def loss(self, batches: Batches, t: float) -> torch.Tensor:
        """Cross-entropy (nats)."""
        x, y = batches.labelled(batches.size)
        return functional.cross_entropy(self.net(x), y)


def few_supervised(random_state: int = 0) -> FewLabels:
    """Labelled items only: the floor of learning from few labels.

    Parameters
    ----------
    random_state : int
    """
    return FewLabels(log_mel(), Supervised, random_state=random_state)


few_supervised.family = "deep"  # type: ignore[attr-defined]
