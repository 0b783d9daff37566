"""Consistency: a sound and a noised copy of it get the same answer.

The squared difference of the two answers is the Pi-model's (Laine and Aila 2017, section 2.1), the
divergence is that of unsupervised data augmentation (Xie et al. 2020, equation 1); both from memory.
No gradient flows through the answer for the clean sound: else both could agree on saying nothing.
Weights and noise are our choice.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.representation.budget import log_mel
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.rule import Net, Rule, held_statistics, kl, ramp, squared
from mirbench.errors import MethodError

DISTANCES = {"squared": (squared, 10.0), "kl": (kl, 1.0)}
"""Distances of answers, and the weight of each."""


def disagreement(
    net: nn.Module, noised: torch.Tensor, clean: torch.Tensor, distance: str = "squared"
) -> torch.Tensor:
    """Distance of the answers for noised patches from those for clean ones, which stay as they are.

    Parameters
    ----------
    net : nn.Module
    noised : Tensor, shape (n, channels, frames, bins)
    clean : Tensor, shape (n, n_classes)
        Logits of the same patches without noise.
    distance : str
        "squared" or "kl".
    """
    with held_statistics(net):
        answers = net(noised)
    return DISTANCES[distance][0](clean.detach(), answers)


def clean_answers(net: nn.Module, u: torch.Tensor) -> torch.Tensor:
    """Logits of clean patches, to compare others with; no gradient flows.

    They pass by themselves, as their changed copies do: in another company batch norm would answer
    otherwise for the same patches, and the difference would not be that of the change.
    """
    with torch.no_grad(), held_statistics(net):
        return net(u)


class Consistency(Rule):
    """``supervised + weight ramp(t) disagreement``."""

    def __init__(self, net: Net, in_shape: tuple[int, int, int], distance: str = "squared") -> None:
        super().__init__(net, in_shape)
        if distance not in DISTANCES:
            raise MethodError(f'distance is "{distance}"; use {" or ".join(DISTANCES)}')
        self.distance = distance

    def loss(self, batches: Batches, t: float) -> torch.Tensor:
        """Both terms."""
        supervised, u, _ = self.both(batches)
        weight = DISTANCES[self.distance][1] * ramp(t)
        return supervised + weight * disagreement(
            self.net, batches.noised(u), clean_answers(self.net, u), self.distance
        )


def few_consistency(random_state: int = 0, distance: str = "squared") -> FewLabels:
    """Consistency: a sound and a noised copy of it get the same answer.

    Parameters
    ----------
    random_state : int
    distance : str
        "squared" (Pi-model) or "kl" (unsupervised data augmentation).
    """
    args = {"distance": distance}
    return FewLabels(log_mel(), Consistency, args, random_state=random_state)


few_consistency.family = "deep"  # type: ignore[attr-defined]
few_consistency.cite = "laine2017temporal xie2020uda"  # type: ignore[attr-defined]
few_consistency.unlabelled = True  # type: ignore[attr-defined]
