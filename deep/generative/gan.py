"""A generative adversarial net that is told the label of the patch it has to draw.

The pieces are those of `deep.representation.gan`; a vector a label is added to the generator's noise (our
choice), and the discriminator's log-odds are ``score(e) + <v_label, e>`` of its features e: a real sound
under the wrong name is no real one (Miyato and Koyama 2018, the projection discriminator, equation 3, from
memory).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import nn

from deep.label_codes import label_codes
from deep.representation.budget import EMBEDDING, log_mel, recordings_of
from deep.representation.gan import (
    BETAS,
    NOISE,
    Generator,
    discriminator_loss,
    generator_loss,
)
from deep.representation.learner import Learner
from deep.representation.pretext import CLIP
from deep.semisupervised.batches import Batches
from deep.tracks.batches import Patches

STEPS = 600
"""Of each side; our choice."""
RATE = 3e-4
"""Of Adam on either side, and it stays; our choice."""


class ToldGan(nn.Module):
    """A generator and a discriminator that are told labels.

    Parameters
    ----------
    encoder : nn.Module
        Of the discriminator.
    in_shape : tuple (channels, frames, bins)
    n_labels : int
    """

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int], n_labels: int) -> None:
        super().__init__()
        self.generator = Generator(in_shape)
        self.wanted = nn.Embedding(n_labels, NOISE)
        self.encoder = encoder
        self.score = nn.Linear(EMBEDDING, 1)
        self.match = nn.Embedding(n_labels, EMBEDDING)

    def draw(self, labels: torch.Tensor) -> torch.Tensor:
        """Patches by these names: (n,) -> (n, channels, frames, bins)."""
        wanted = self.wanted(labels)
        return self.generator(torch.randn_like(wanted) + wanted)

    def scores(
        self, real: torch.Tensor, drawn: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-odds of being real and of that label, (n,) each; both go as one batch."""
        e = self.encoder(torch.cat([real, drawn]))
        odds = self.score(e)[:, 0] + (self.match(labels).repeat(2, 1) * e).sum(dim=1)
        return odds[: len(real)], odds[len(real) :]

    def sides(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Parameters of the generator, and of the discriminator."""
        artist = [*self.generator.parameters(), *self.wanted.parameters()]
        judge = (self.encoder, self.score, self.match)
        return artist, [p for part in judge for p in part.parameters()]


class LabelledGan(Learner):
    """`ToldGan` trained on patches of items, as many of each class; parameters as `Learner`.

    Attributes
    ----------
    classes_ : ndarray of int
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> LabelledGan:
        """Train; MethodError for fewer than two classes or not one label an item."""
        self.classes_, codes = label_codes(X, y)
        self.learn(
            recordings_of(self.extract, X), self._make, partial(self._train, codes), _generator
        )
        return self

    def draw(self, labels: np.ndarray, seed: int = 0) -> np.ndarray:
        """Patches (n, channels, frames, bins) of these classes, as features of items are.

        Parameters
        ----------
        labels : ndarray of int, shape (n,)
            Of ``classes_``.
        seed : int
        """
        check_is_fitted(self)
        numbers = torch.as_tensor(np.searchsorted(self.classes_, labels))
        numbers = numbers.to(next(self.task_.parameters()).device)
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())), torch.no_grad():
            torch.manual_seed(seed)
            patches = self.task_.draw(numbers).cpu().numpy()
        return patches * self.scale_ + self.mean_

    def _make(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> nn.Module:
        return self.task(encoder, in_shape, len(self.classes_))

    def _train(
        self, labels: np.ndarray, task: ToldGan, patches: Patches, seed: int
    ) -> Iterator[float]:
        """The discriminator's losses (nats), step by step; a step of the generator after each."""
        batches = Batches(patches, labels, self.batch_size, seed)
        artist, judge = task.sides()
        drawing, judging = (
            torch.optim.Adam(side, lr=self.lr, betas=BETAS) for side in (artist, judge)
        )
        for _ in range(self.steps):
            x, y = batches.labelled(self.batch_size)
            with torch.no_grad():
                drawn = task.draw(y)
            loss = discriminator_loss(*task.scores(x, drawn, y))
            _step(loss, judge, judging)
            _step(generator_loss(task.scores(x, task.draw(y), y)[1]), artist, drawing)
            yield float(loss.detach())


def labelled_gan(steps: int = STEPS, random_state: int = 0) -> LabelledGan:
    """The net of `ToldGan` on log-mel patches; 0 steps leave it untrained, a control."""
    return LabelledGan(log_mel(), ToldGan, steps=steps, lr=RATE, random_state=random_state)


def _step(
    loss: torch.Tensor, side: Sequence[nn.Parameter], optimiser: torch.optim.Optimizer
) -> None:
    """One side's step; the other's gradients stay as they are."""
    optimiser.zero_grad()
    loss.backward(inputs=side)
    nn.utils.clip_grad_norm_(side, CLIP)
    optimiser.step()


def _generator(task: ToldGan) -> nn.Module:
    """What draws."""
    return task.generator
