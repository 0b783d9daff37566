"""A generative adversarial net as a classifier: of K classes of real sound and one of made-up sound.

Salimans et al. 2016, sections 3.1 and 5 (from memory): the classifier's loss is
``L_sup - E_U log(1 - p_fake) - E_z log p_fake``, the made-up class's logit being 0; the generator's is the
distance between the mean embeddings of real and of made-up patches (feature matching). The generator
is `deep.nets.small_decoder` over vectors of Gaussian noise, our choice; so are Adam's betas.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.small_decoder import SmallDecoder
from deep.nets.small_encoder import HOP
from deep.representation.budget import log_mel
from deep.representation.pretext import CLIP
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.rule import Net, Rule, held_statistics

NOISE = 32
"""Numbers of a vector of noise, one every four frames."""
BETAS = (0.5, 0.999)


def real_loss(logits: torch.Tensor) -> torch.Tensor:
    """``-log(1 - p_fake)`` with ``p_fake = 1 / (1 + sum exp logits)``, the mean over rows (nats).

    Parameters
    ----------
    logits : Tensor, shape (n, n_classes)
        Of the real classes.
    """
    return functional.softplus(-logits.logsumexp(dim=1)).mean()


def fake_loss(logits: torch.Tensor) -> torch.Tensor:
    """``-log p_fake``, the mean over rows (nats); see `real_loss`."""
    return functional.softplus(logits.logsumexp(dim=1)).mean()


class Gan(Rule):
    """A step of the classifier, then one of the generator."""

    def __init__(self, net: Net, in_shape: tuple[int, int, int]) -> None:
        super().__init__(net, in_shape)
        self.generator = SmallDecoder(in_shape, NOISE)

    def start(self, part: int, lr: float) -> list[torch.optim.Optimizer]:
        """One optimiser each."""
        parts = (self.net, self.generator)
        return [torch.optim.Adam(p.parameters(), lr=lr, betas=BETAS) for p in parts]

    def made(self, n: int) -> torch.Tensor:
        """``n`` patches that the generator makes."""
        weight = next(self.generator.parameters())
        z = torch.randn(n, NOISE, self.in_shape[1] // HOP, device=weight.device)
        return self.generator(z)

    def update(self, batches: Batches, t: float, optimisers: list[torch.optim.Optimizer]) -> float:
        """A step of each; returns the classifier's loss."""
        supervised, u, logits = self.both(batches)
        with torch.no_grad():
            fake = self.made(len(u))
        with held_statistics(self.net):
            made_up = self.net(fake)
        loss = supervised + real_loss(logits) + fake_loss(made_up)
        _step(loss, self.net, optimisers[0])
        with held_statistics(self.net):
            real = self.net.encoder(u).mean(dim=0).detach()
            fake = self.net.encoder(self.made(len(u))).mean(dim=0)
        _step((real - fake).square().mean(), self.generator, optimisers[1])
        return float(loss.detach())


def few_gan(random_state: int = 0) -> FewLabels:
    """A GAN's discriminator that names the class too.

    Parameters
    ----------
    random_state : int
    """
    return FewLabels(log_mel(), Gan, random_state=random_state)


few_gan.family = "deep"  # type: ignore[attr-defined]
few_gan.cite = "salimans2016improved"  # type: ignore[attr-defined]
few_gan.unlabelled = True  # type: ignore[attr-defined]


def _step(loss: torch.Tensor, part: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(part.parameters(), CLIP)
    optimiser.step()
