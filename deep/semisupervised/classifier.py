"""A rule of learning from few labels as a scikit-learn classifier: y is -1 where nobody said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import nn

from deep.dataset import band_statistics, tile_starts
from deep.modules import pick_device
from deep.nets.architecture import n_parameters
from deep.nets.small_encoder import SmallEncoder
from deep.representation.budget import BATCH, EMBEDDING, LR, PATCH, STEPS, recordings_of
from deep.semisupervised.batches import Batches
from deep.semisupervised.rule import Net, Rule
from deep.tracks.batches import Patches
from mirbench.errors import MethodError
from mirbench.features import Extract

REPORT = 20
"""Steps that a row of ``history_`` is the mean of."""


class FewLabels(ClassifierMixin, BaseEstimator):
    """The shared encoder and a linear layer, trained by a rule within the shared budget.

    All rules take the same steps of the same number of clean patches; some pass noised or adversarial
    copies of them too. Nothing is held out and the last weights are kept, our choice: with a label a
    class there is nothing to stop by. Where all items have a label, the unlabelled half is drawn from
    them, labels unseen. Torch's global random state isn't touched.

    Parameters
    ----------
    extract : Extract
        Gives (n_frames, bins) for an item.
    rule : callable
        ``rule(net, in_shape, **rule_args) -> Rule``.
    rule_args : mapping, optional
    encoder : callable
        ``encoder(in_shape, n_outputs) -> nn.Module``; another than the shared one makes a row of
        another board.
    steps, batch_size, patch_frames, n_outputs : int
    lr : float
    random_state : int, RandomState or None
        Weights, patches and noise.
    device : str
        A torch device, or "auto".

    Attributes
    ----------
    classes_ : ndarray of int
        Those that a label was shown of.
    rule_ : Rule
        In evaluation mode.
    mean_, scale_ : ndarray of float32, shape (1, 1, bins)
        Of the items that were heard.
    history_ : list of dict
        ``epoch`` (a number of 20 steps) and ``train_loss``.
    n_params_ : int
        Of encoder and linear layer.
    """

    def __init__(
        self,
        extract: Extract,
        rule: Callable[..., Rule],
        rule_args: Mapping[str, Any] | None = None,
        encoder: Callable[..., nn.Module] = SmallEncoder,
        steps: int = STEPS,
        batch_size: int = BATCH,
        patch_frames: int = PATCH,
        n_outputs: int = EMBEDDING,
        lr: float = LR,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.extract = extract
        self.rule = rule
        self.rule_args = rule_args
        self.encoder = encoder
        self.steps = steps
        self.batch_size = batch_size
        self.patch_frames = patch_frames
        self.n_outputs = n_outputs
        self.lr = lr
        self.random_state = random_state
        self.device = device

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
        if not getattr(self.rule, "hears_all", True):
            X, labels = X[labels >= 0], codes
        recordings = recordings_of(self.extract, X)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.mean_, self.scale_ = band_statistics(recordings)
        device = pick_device(self.device)
        patches = Patches(recordings, self.patch_frames, self.mean_, self.scale_, device)
        shape = (patches.channels, self.patch_frames, patches.bins)
        batches = Batches(patches, labels, self.batch_size, seed)
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            net = Net(self.encoder(shape, self.n_outputs), self.n_outputs, len(self.classes_))
            rule = self.rule(net, shape, **(self.rule_args or {})).to(device)
            losses = list(self._train(rule, batches))
        self.rule_ = rule.eval()
        means = [np.mean(losses[i : i + REPORT]) for i in range(0, len(losses), REPORT)]
        self.history_ = [{"epoch": i + 1, "train_loss": float(m)} for i, m in enumerate(means)]
        self.n_params_ = n_parameters(rule.net)
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

    def _train(self, rule: Rule, batches: Batches) -> Iterator[float]:
        """Losses, step by step."""
        rule.train()
        optimisers: list[torch.optim.Optimizer] = []
        before = -1
        for step in range(self.steps):
            part, rest = divmod(step * rule.rounds, self.steps)
            t = rest / self.steps
            if part != before:
                optimisers, before = rule.start(part, self.lr), part
            for optimiser in optimisers:
                for group in optimiser.param_groups:
                    group["lr"] = self.lr * (1 + np.cos(np.pi * t)) / 2
            loss = rule.update(batches, t, optimisers)
            if not np.isfinite(loss):
                raise MethodError(f"the loss is not finite in step {step}: lower lr ({self.lr})")
            yield loss

    def _answer(self, recording: np.ndarray) -> np.ndarray:
        n_frames = recording.shape[1]
        where = tile_starts(n_frames, self.patch_frames)[:, None] + np.arange(self.patch_frames)
        standard = (recording - self.mean_) / self.scale_
        x = torch.as_tensor(standard[:, where % n_frames].transpose(1, 0, 2, 3).copy())
        with torch.no_grad():
            logits = self.rule_.logits(x.to(next(self.rule_.parameters()).device))
        return logits.double().softmax(dim=1).mean(dim=0).cpu().numpy()
