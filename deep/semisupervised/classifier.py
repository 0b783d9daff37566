"""A rule of learning from few labels as a scikit-learn classifier: y is -1 where nobody said."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted
from torch import nn

from deep.representation.budget import recordings_of
from deep.representation.learner import Learner
from deep.semisupervised.batches import Batches
from deep.semisupervised.rule import Net, Rule
from deep.tracks.batches import Patches
from mirbench.errors import MethodError


class FewLabels(ClassifierMixin, Learner):
    """The shared encoder and a linear layer, trained by a rule.

    ``task(net, in_shape, **task_args)`` gives a `Rule`; parameters and attributes are those of `Learner`.
    All rules take the same steps of the same number of clean patches; some pass noised or adversarial
    copies of them too. Nothing is held out, our choice: with a label a class there is nothing to stop
    by. Where all items have a label, the unlabelled half is drawn from them, labels unseen.

    Attributes
    ----------
    classes_ : ndarray of int
        Those that a label was shown of.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> FewLabels:
        """Train on items, with and without a label.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : array of int, shape (n,)
            -1 where an item has no label.

        Raises
        ------
        MethodError
            Labels of fewer than two classes, not one number an item, an item without a frame, a batch
            of fewer than four, a loss that isn't finite.
        """
        y = self._checked(X, y)
        self.classes_, codes = np.unique(y[y >= 0], return_inverse=True)
        labels = np.full(len(y), -1)
        labels[y >= 0] = codes
        if not getattr(self.task, "hears_all", True):
            X, labels = X[labels >= 0], codes
        self.learn(recordings_of(self.extract, X), self._make, partial(self._train, labels), net_of)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of the classes, (n_items, n_classes): means over patches that tile an item."""
        check_is_fitted(self)
        return np.stack([self._answer(r) for r in recordings_of(self.extract, X)])

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The most probable class of each item, (n_items,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _checked(self, X: np.ndarray, y: Any) -> np.ndarray:
        y = np.asarray(y)
        if y.shape != (len(X),) or y.dtype.kind not in "iu":
            raise MethodError(
                f"y is {y.dtype} of shape {y.shape}; give one whole number for each of {len(X)} items, "
                "-1 where it has no label"
            )
        if len(np.unique(y[y >= 0])) < 2:
            raise MethodError(
                f"y shows {len(np.unique(y[y >= 0]))} classes; give labels of two or more"
            )
        if self.batch_size < 4:
            raise MethodError(
                f"batch_size is {self.batch_size}; give four or more, half have labels"
            )
        return y

    def _make(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> nn.Module:
        net = Net(encoder, self.n_outputs, len(self.classes_))
        return self.task(net, in_shape, **(self.task_args or {}))

    def _train(
        self, labels: np.ndarray, rule: Rule, patches: Patches, seed: int
    ) -> Iterator[float]:
        """Losses, step by step."""
        batches = Batches(patches, labels, self.batch_size, seed)
        optimisers: list[torch.optim.Optimizer] = []
        before = -1
        for step in range(self.steps):
            part, rest = divmod(step * rule.rounds, self.steps)
            t = rest / self.steps
            if part != before:
                optimisers, before = rule.start(part, self.lr), part
            self.anneal(optimisers, t)
            yield rule.update(batches, t, optimisers)

    def _answer(self, recording: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            logits = self.task_.logits(self.tiled(recording))
        return logits.double().softmax(dim=1).mean(dim=0).cpu().numpy()


def net_of(rule: Rule) -> nn.Module:
    """What answers of a rule: its encoder and linear layer."""
    return rule.net
