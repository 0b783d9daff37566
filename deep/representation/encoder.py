"""A pretext task as a scikit-learn transformer: items without labels in, embeddings out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import nn

from deep.representation.budget import recordings_of
from deep.representation.learner import Learner
from deep.representation.pretext import Pretext
from deep.tracks.batches import Patches
from mirbench.errors import MethodError


class Representation(TransformerMixin, Learner):
    """The shared encoder trained for a pretext task; an item's embedding is the mean over the patches
    that tile it.

    No label is seen. ``task(encoder, in_shape, **task_args)`` gives a `Pretext`; parameters and
    attributes are those of `Learner`.
    """

    def fit(self, X: np.ndarray, y: Any = None) -> Representation:
        """Train on items; ``y`` isn't looked at.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : ignored

        Raises
        ------
        MethodError
            Fewer than two items, an item without a frame, a loss that isn't finite.
        """
        self.learn(self.heard(X), self.make, self.train, encoder_of)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Embeddings, (n_items, n) of float32, each from its own sound alone."""
        check_is_fitted(self)
        return np.stack([self._embedding(r) for r in recordings_of(self.extract, X)])

    def heard(self, X: np.ndarray) -> Any:
        """Features of the items to learn from; MethodError for fewer than two."""
        if len(X) < 2:
            raise MethodError(f"{len(X)} items to learn from; give two or more")
        return recordings_of(self.extract, X)

    def make(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> nn.Module:
        """The pretext task."""
        return self.task(encoder, in_shape, **(self.task_args or {}))

    def train(self, task: Pretext, patches: Patches, seed: int) -> Iterator[float]:
        """Losses, step by step."""
        return self.steps_of(task, patches, self.batches(patches, np.random.default_rng(seed)))

    def steps_of(
        self, task: Pretext, patches: Patches, batches: Iterator[torch.Tensor]
    ) -> Iterator[float]:
        """A step a batch; the losses."""
        optimisers = task.start(patches, self.lr)
        for step, x in enumerate(batches):
            self.anneal(optimisers, step / self.steps)
            yield task.update(x, optimisers)

    def batches(self, patches: Patches, rng: np.random.Generator) -> Iterator[torch.Tensor]:
        """As many batches as steps, epoch after epoch."""
        left = self.steps
        while left > 0:
            for _, x in patches.epoch(None, self.batch_size, rng):
                if left > 0:
                    yield x
                    left -= 1

    def _embedding(self, recording: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return self.task_.embed(self.tiled(recording)).mean(dim=0).cpu().numpy()


def encoder_of(task: Pretext) -> nn.Module:
    """What is kept of a pretext task."""
    return task.encoder
