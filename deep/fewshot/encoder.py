"""The shared encoder trained with labels, within the budget of those that see none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from deep.representation.encoder import Representation, encoder_of
from deep.representation.learner import reported
from deep.representation.pretext import Pretext
from deep.tracks.batches import Patches
from mirbench.errors import MethodError


class Supervised(Pretext):
    """What an encoder is trained for when labels are known: a draw of items, and a loss of their rows.

    A task is a subclass with ``draw`` and ``of``; it may override ``know``.

    Attributes
    ----------
    places : ndarray of int
        Items of the batch at hand.
    log : list of float
        A number a step, where the task has one to tell.
    """

    places: np.ndarray
    codes: torch.Tensor

    def know(self, codes: np.ndarray, databases: Sequence[str]) -> None:
        """Class (0 to n_classes - 1) and database of each training item, before the first step."""
        self.register_buffer("codes", torch.as_tensor(codes).to(self._device))
        self.databases = np.asarray(databases, dtype=str)
        self.log: list[float] = []

    @property
    def _device(self) -> torch.device:
        return next(self.encoder.parameters()).device

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Items of a batch, as positions."""
        raise NotImplementedError

    def of(self, rows: torch.Tensor, places: np.ndarray) -> torch.Tensor:
        """Loss of the embeddings of the items at these positions, a number."""
        raise NotImplementedError

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Loss of the patches of ``places``."""
        return self.of(self.embed(x), self.places)


class SupervisedEncoder(Representation):
    """`Representation` for a `Supervised` task: ``fit`` wants labels, all else is the same.

    An item gives one random patch a visit.

    Attributes
    ----------
    history_ : list of dict
        With ``logged``, the mean of the task's log over the same steps, where it keeps one.
    """

    def fit(self, X: np.ndarray, y: Any = None) -> SupervisedEncoder:
        """Train on items and their classes.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : array of int, shape (n,)

        Raises
        ------
        MethodError
            No class an item, fewer than two classes, and as `Representation.fit`.
        """
        labels = np.asarray(y if y is not None else [])
        if labels.shape != (len(X),) or (labels < 0).any() or len(np.unique(labels)) < 2:
            raise MethodError(
                f"{len(X)} items need a known class each, two classes or more, to learn from labels; "
                "run it under a protocol that shows them, such as few-shot/mini"
            )
        codes = np.unique(labels, return_inverse=True)[1]
        databases = [str(item.corpus) for item in X]
        self.learn(self.heard(X), self.make, partial(self._train, codes, databases), encoder_of)
        for row, logged in zip(self.history_, reported(self.task_.log)):
            row["logged"] = logged
        return self

    def _train(
        self, codes: np.ndarray, databases: list[str], task: Supervised, patches: Patches, seed: int
    ) -> Iterator[float]:
        """Losses, step by step."""
        task.know(codes, databases)
        return self.steps_of(task, patches, self._drawn(task, patches, np.random.default_rng(seed)))

    def _drawn(
        self, task: Supervised, patches: Patches, rng: np.random.Generator
    ) -> Iterator[torch.Tensor]:
        """As many batches as steps, drawn by the task."""
        for _ in range(self.steps):
            places = task.places = task.draw(rng)
            yield patches.at(patches.first[places] + rng.integers(0, patches.room[places] + 1))
