"""A WaveNet that is told the instrument: it draws notes by name, and names notes by Bayes' rule.

Van den Oord et al. 2016, sections 2.5 and 2.6: where a net knows how an instrument's waveform goes on,
what it hears has more probability under that instrument than under another. That is no encoder but a
classifier, and an honest test of whether the condition is heard at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted
from torch import nn
from torch.nn import functional

from deep.label_codes import label_codes
from deep.nets.told_wavenet import ToldWaveNet
from deep.nets.wavenet import WaveNet, dequantise
from deep.representation.budget import recordings_of
from deep.representation.learner import Learner
from deep.representation.pretext import CLIP
from deep.representation.wavenet import SAMPLES, SR, WIDTH, peak_waveform
from deep.semisupervised.batches import Batches
from deep.tracks.batches import Patches
from mirbench.errors import MethodError
from mirbench.features import Extract

STEPS = 600
BATCH = 9
"""Waveforms a step, as many of a class as of another; our choice, like the steps."""
PARTS = 4
"""Of an item that are listened to, of 0.26 s, spread over all of it: our choice, for speed."""


class WaveNetByLabel(ClassifierMixin, Learner):
    """Class-conditional likelihoods of the waveform; parameters and attributes are those of `Learner`.

    Classes count alike: the prior is uniform. Samples aren't independent and the net isn't the truth,
    so that posteriors are far too sure; their order is what counts.

    Attributes
    ----------
    classes_ : ndarray of int
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> WaveNetByLabel:
        """Train on items, as many patches of each class as of another.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : ndarray of int, shape (n,)

        Raises
        ------
        MethodError
            Fewer than two classes, not one label an item, a loss that isn't finite.
        """
        self.classes_, codes = label_codes(X, y)
        self.learn(recordings_of(self.extract, X), self._make, partial(self._train, codes), _whole)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """``p(class | samples heard)``, (n_items, n_classes)."""
        found = np.stack([nats.sum(axis=0) for nats in self._likelihoods(X)])
        odds = np.exp(found - found.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The class under which an item is the most probable, (n_items,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def bits(self, X: np.ndarray) -> np.ndarray:
        """Bits a sample of each item under each class, (n_items, n_classes)."""
        means = [nats.mean(axis=0) for nats in self._likelihoods(X)]
        return -np.stack(means) / (self.patch_frames - 1) / np.log(2)

    def sample(self, label: int, seconds: float, seed: int = 0) -> np.ndarray:
        """A waveform of that class that nobody played: float32 (n,), at `SR`.

        Parameters
        ----------
        label : int
            One of ``classes_``.
        seconds : float
        seed : int
        """
        check_is_fitted(self)
        if label not in self.classes_:
            raise MethodError(f"label {label} is none of the classes {self.classes_.tolist()}")
        generator = torch.Generator().manual_seed(seed)
        number = int(np.searchsorted(self.classes_, label))
        codes = self.task_.draw(number, round(seconds * SR), generator)
        standard = dequantise(codes).cpu().numpy() * float(self.task_.net.peak)
        return (standard * self.scale_[0, 0, 0] + self.mean_[0, 0, 0]).astype(np.float32)

    def _likelihoods(self, X: np.ndarray) -> Iterator[np.ndarray]:
        """``log p`` (nats) of an item's parts under each class, (n_parts, n_classes)."""
        check_is_fitted(self)
        every = torch.arange(len(self.classes_), device=self.task_.net.peak.device)
        for recording in recordings_of(self.extract, X):
            tiles = self.tiled(recording)
            some = np.unique(np.linspace(0, len(tiles) - 1, PARTS).round().astype(int))
            codes = self.task_.net.codes(tiles[some])
            with torch.no_grad():
                rows = [
                    -_loss(self.task_, one.expand(len(every), -1), every, "none").sum(dim=1)
                    for one in codes
                ]
            yield torch.stack(rows).double().cpu().numpy()

    def _make(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> nn.Module:
        return self.task(encoder, len(self.classes_))

    def _train(
        self, labels: np.ndarray, task: ToldWaveNet, patches: Patches, seed: int
    ) -> Iterator[float]:
        """Losses (nats), step by step."""
        task.net.peak.copy_(patches.frames.abs().max().clamp(min=1e-6))
        optimiser = torch.optim.Adam(task.parameters(), lr=self.lr)
        batches = Batches(patches, labels, self.batch_size, seed)
        for step in range(self.steps):
            self.anneal([optimiser], step / self.steps)
            x, y = batches.labelled(self.batch_size)
            optimiser.zero_grad()
            loss = _loss(task, task.net.codes(x), y, "mean")
            loss.backward()
            nn.utils.clip_grad_norm_(task.parameters(), CLIP)
            optimiser.step()
            yield float(loss.detach())


def wavenet_by_instrument(random_state: int = 0) -> WaveNetByLabel:
    """WaveNet told the instrument: whose notes would have gone on like this?

    600 steps of 9 waveforms of 0.26 s at 8 kHz; of an item up to four such parts are heard. Labels are
    what it is conditioned on, so this is no representation learned without labels.

    Parameters
    ----------
    random_state : int
    """
    return WaveNetByLabel(
        Extract(peak_waveform, sr=SR),
        ToldWaveNet,
        encoder=WaveNet,
        steps=STEPS,
        batch_size=BATCH,
        patch_frames=SAMPLES,
        n_outputs=WIDTH,
        random_state=random_state,
    )


wavenet_by_instrument.family = "deep"  # type: ignore[attr-defined]
wavenet_by_instrument.cite = "oord2016wavenet"  # type: ignore[attr-defined]


def _loss(
    task: ToldWaveNet, codes: torch.Tensor, labels: torch.Tensor, reduction: str
) -> torch.Tensor:
    """Cross entropy (nats) of all samples but the first."""
    return functional.cross_entropy(task(codes[:, :-1], labels), codes[:, 1:], reduction=reduction)


def _whole(task: nn.Module) -> nn.Module:
    """All of it answers for an item."""
    return task
