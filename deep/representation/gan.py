"""Generative adversarial nets: what tells real patches from drawn ones has to know what is real.

Goodfellow et al. 2014, algorithm 1 and section 3 (from memory): the discriminator gains by
``log D(x) + log(1 - D(G(z)))``, the generator by ``log D(G(z))``, the form whose gradient doesn't vanish.
The discriminator is the shared encoder with one number on top, and what it hears is the embedding, after
Radford, Metz and Chintala 2016, from whom Adam's first moment of 0.5 is too (from memory).
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.small_decoder import SmallDecoder
from deep.nets.small_encoder import HOP
from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import CLIP, Pretext
from deep.tracks.batches import Patches

NOISE = 32
"""Numbers that a patch is drawn from; our choice."""
BETAS = (0.5, 0.999)
"""Of Adam."""


class Generator(nn.Module):
    """Noise to patches: a dense layer, then the small decoder.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        Of the patches to draw.
    """

    def __init__(self, in_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.vectors = in_shape[1] // HOP
        self.spread = nn.Linear(NOISE, EMBEDDING * self.vectors)
        self.decoder = SmallDecoder(in_shape, EMBEDDING)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """(batch, NOISE) -> (batch, channels, frames, bins)."""
        return self.decoder(self.spread(z).relu().unflatten(1, (EMBEDDING, self.vectors)))


class Adversarial(Pretext):
    """A generator against a discriminator, a step of each in turn."""

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__(encoder, in_shape)
        self.generator = Generator(in_shape)
        self.score = nn.Linear(EMBEDDING, 1)

    def start(self, patches: Patches, lr: float) -> list[torch.optim.Optimizer]:
        """An optimiser of the discriminator and one of the generator."""
        return [torch.optim.Adam(side, lr=lr, betas=BETAS) for side in self._sides()]

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """The discriminator's; drawn patches are taken as they are."""
        with torch.no_grad():
            drawn = self.draw(len(x), x.device)
        real, false = self.scores(x, drawn)
        return discriminator_loss(real, false)

    def update(self, x: torch.Tensor, optimisers: list[torch.optim.Optimizer]) -> float:
        """One step of the discriminator, one of the generator; returns the loss of the first."""
        judge, artist = self._sides()
        loss = self.loss(x)
        _step(loss, judge, optimisers[0])
        _, false = self.scores(x, self.draw(len(x), x.device))
        _step(generator_loss(false), artist, optimisers[1])
        return float(loss.detach())

    def draw(self, n: int, device: torch.device) -> torch.Tensor:
        """Patches that nobody played, (n, channels, frames, bins)."""
        return self.generator(torch.randn(n, NOISE, device=device))

    def scores(self, real: torch.Tensor, drawn: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-odds of being real, (batch,) each; both go as one batch, so batch norm can't tell."""
        both = self.score(self.encoder(torch.cat([real, drawn])))[:, 0]
        return both[: len(real)], both[len(real) :]

    def _sides(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Parameters of the discriminator, and of the generator."""
        judge = [*self.encoder.parameters(), *self.score.parameters()]
        return judge, list(self.generator.parameters())


def _step(loss: torch.Tensor, side: list[nn.Parameter], optimiser: torch.optim.Optimizer) -> None:
    """One side's step; the other's gradients stay as they are."""
    optimiser.zero_grad()
    loss.backward(inputs=side)
    nn.utils.clip_grad_norm_(side, CLIP)
    optimiser.step()


def discriminator_loss(real: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
    """``-mean log D(x) - mean log(1 - D(G(z)))`` of log-odds (nats)."""
    return functional.softplus(-real).mean() + functional.softplus(drawn).mean()


def generator_loss(drawn: torch.Tensor) -> torch.Tensor:
    """``-mean log D(G(z))`` of log-odds (nats)."""
    return functional.softplus(-drawn).mean()


def encoder_gan(random_state: int = 0) -> Representation:
    """Adversarial nets: the discriminator's features.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), Adversarial, random_state=random_state)


encoder_gan.family = "deep"  # type: ignore[attr-defined]
encoder_gan.cite = "goodfellow2014gan"  # type: ignore[attr-defined]
