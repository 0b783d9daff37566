"""A rule of learning from few labels: what a net is trained for, beside the labels it is shown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from deep.representation.pretext import CLIP
from deep.semisupervised.batches import Batches

RAMP = 0.4
"""Share of a fit after which the second term has its full weight; our choice."""


class Net(nn.Module):
    """An encoder and a linear layer to the classes."""

    def __init__(self, encoder: nn.Module, n_inputs: int, n_classes: int) -> None:
        super().__init__()
        self.encoder: Any = encoder
        self.head = nn.Linear(n_inputs, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of patches (batch, channels, frames, bins): (batch, n_classes)."""
        return self.head(self.encoder(x))


class Rule(nn.Module):
    """A net with what else its rule needs.

    A rule is a subclass with ``loss``; it may override the rest. Randomness comes from torch's
    generator, which a fit seeds, and from the batches.

    Parameters
    ----------
    net : Net
    in_shape : tuple (channels, frames, bins)
        Of the patches.
    """

    hears_all = True
    """Whether items without a label are heard at all."""
    rounds = 1
    """Parts of equal length that a fit has, each with optimisers and a half cosine of its own."""

    def __init__(self, net: Net, in_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.net = net
        self.in_shape = in_shape

    def start(self, part: int, lr: float) -> list[torch.optim.Optimizer]:
        """Begin a round; its optimisers, one as a rule."""
        return [torch.optim.Adam((p for p in self.parameters() if p.requires_grad), lr=lr)]

    def loss(self, batches: Batches, t: float) -> torch.Tensor:
        """Loss of a step, a number; ``t`` is the share of the round that is over."""
        raise NotImplementedError

    def update(self, batches: Batches, t: float, optimisers: list[torch.optim.Optimizer]) -> float:
        """One step; returns the loss."""
        [optimiser] = optimisers
        self.zero_grad()  # of what this round doesn't train too
        loss = self.loss(batches, t)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters(), CLIP)
        optimiser.step()
        return float(loss.detach())

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """What answers in the end: logits of patches, (batch, n_classes)."""
        return self.net(x)

    def both(self, batches: Batches) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """A step's usual start: half the batch labelled, half not, through the net together.

        Returns
        -------
        supervised : Tensor
            Cross-entropy of the labelled half (nats), a number.
        u : Tensor, shape (n, channels, frames, bins)
            The unlabelled half.
        logits : Tensor, shape (n, n_classes)
            Of the unlabelled half.
        """
        half = batches.size // 2
        x, y = batches.labelled(batches.size - half)
        u = batches.unlabelled(half)
        logits = self.net(torch.cat([x, u]))
        return functional.cross_entropy(logits[: len(x)], y), u, logits[len(x) :]


def ramp(t: float) -> float:
    """``exp(-5 (1 - t / T)^2)`` up to T (`RAMP`), then 1: how much the second term counts.

    Laine and Aila 2017, section 2.1; Tarvainen and Valpola 2017, section 3 (from memory).

    Parameters
    ----------
    t : float
        Share of the fit that is over, 0 to 1.
    """
    return math.exp(-5 * (1 - min(1.0, t / RAMP)) ** 2)


def kl(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """Kullback-Leibler divergence of logits ``q`` from logits ``p`` (n, n_classes), a mean (nats)."""
    log_p = p.log_softmax(dim=1)
    return (log_p.exp() * (log_p - q.log_softmax(dim=1))).sum(dim=1).mean()


def squared(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """Squared distance of the probabilities of two sets of logits (n, n_classes), a mean."""
    return (p.softmax(dim=1) - q.softmax(dim=1)).square().sum(dim=1).mean()


@contextmanager
def held_statistics(module: nn.Module) -> Iterator[None]:
    """Passes in here leave batch norm's running statistics alone: they are those of clean sound."""
    norms = [m for m in module.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momenta = [m.momentum for m in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
