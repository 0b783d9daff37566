"""Pre-training and fine-tuning: first what sounds are like, then what they are called.

Half the steps train the encoder as an auto-encoder on all items (`deep.representation.autoencoder`), the
other half all weights on the labelled ones. Halves, and the auto-encoder as the first task, are our
choice; the idea is that of Erhan et al. 2010 (from memory).
"""

from __future__ import annotations

import torch
from torch.nn import functional

from deep.representation.autoencoder import Autoencoder
from deep.representation.budget import log_mel
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.rule import Net, Rule


class Finetuned(Rule):
    """Two rounds: an auto-encoder of the net's encoder, then the net."""

    rounds = 2

    def __init__(self, net: Net, in_shape: tuple[int, int, int]) -> None:
        super().__init__(net, in_shape)
        self.task = Autoencoder(net.encoder, in_shape)
        self.named = False

    def start(self, part: int, lr: float) -> list[torch.optim.Optimizer]:
        """The encoder's optimiser with the decoder, then with the linear layer."""
        self.named = part > 0
        return [torch.optim.Adam((self.net if self.named else self.task).parameters(), lr=lr)]

    def loss(self, batches: Batches, t: float) -> torch.Tensor:
        """Of the round's task."""
        if not self.named:
            return self.task.loss(batches.unlabelled(batches.size))
        x, y = batches.labelled(batches.size)
        return functional.cross_entropy(self.net(x), y)


def few_finetuned(random_state: int = 0) -> FewLabels:
    """Pre-trained as an auto-encoder on all items, then trained on the labelled ones.

    Parameters
    ----------
    random_state : int
    """
    return FewLabels(log_mel(), Finetuned, random_state=random_state)


few_finetuned.family = "deep"  # type: ignore[attr-defined]
few_finetuned.cite = "erhan2010why"  # type: ignore[attr-defined]
few_finetuned.unlabelled = True  # type: ignore[attr-defined]
