"""An encoder fitted on base classes that answers for others after a look at a support set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from deep.fewshot.encoder import Supervised, SupervisedEncoder
from deep.fewshot.rules import Rule
from deep.nets.small_encoder import SmallEncoder
from deep.representation.budget import BATCH, EMBEDDING, LR, PATCH, STEPS
from mirbench.features import Extract
from mirbench.items import Item, as_items

Head = Callable[[np.ndarray, np.ndarray], Callable[[np.ndarray], np.ndarray]]
"""``head(rows, codes)`` of the support (codes 0 to k - 1) gives ``answer(rows) -> probabilities``."""


class FewShot(SupervisedEncoder):
    """`SupervisedEncoder` with ``adapt``: what the harness calls before each episode.

    Parameters
    ----------
    head : callable
        See `Head`.
    others
        As of `Representation`.
    """

    def __init__(
        self,
        extract: Extract,
        pretext: Callable[..., Supervised],
        head: Head,
        pretext_args: Mapping[str, Any] | None = None,
        encoder: Callable[..., nn.Module] = SmallEncoder,
        steps: int = STEPS,
        batch_size: int = BATCH,
        patch_frames: int = PATCH,
        n_outputs: int = EMBEDDING,
        lr: float = LR,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        super().__init__(
            extract,
            pretext,
            pretext_args,
            encoder,
            steps,
            batch_size,
            patch_frames,
            n_outputs,
            lr,
            random_state,
            device,
        )
        self.head = head

    def fit(self, X: np.ndarray, y: Any = None) -> FewShot:
        """Train on the base classes, see `SupervisedEncoder.fit`."""
        super().fit(X, y)
        self._kept: dict[str, np.ndarray] = {}
        return self

    def adapt(self, X: np.ndarray, y: np.ndarray) -> Adapted:
        """An estimator of the support's classes; the encoder stays as it is.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : ndarray of int, shape (n,)
        """
        return Adapted(self).fit(X, y)

    def rows(self, X: np.ndarray) -> np.ndarray:
        """``transform``, each item once: episodes ask for the same ones again."""
        new: dict[str, Item] = {item.key: item for item in X if item.key not in self._kept}
        if new:
            found = self.transform(as_items(new.values()))
            self._kept.update(zip(new, found, strict=True))
        return np.stack([self._kept[item.key] for item in X])


class Adapted(ClassifierMixin, BaseEstimator):
    """A fitted encoder and a head for the classes of one support set."""

    def __init__(self, encoder: FewShot) -> None:
        self.encoder = encoder

    def fit(self, X: np.ndarray, y: np.ndarray) -> Adapted:
        """Make the head."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.answer_ = self.encoder.head(self.encoder.rows(X), codes)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of the classes, (n_items, n_classes)."""
        return self.answer_(self.encoder.rows(X))


class ByRule:
    """A rule of `deep.fewshot.rules` as a head."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __call__(self, rows: np.ndarray, codes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """Keep the support."""
        support, wanted = torch.as_tensor(rows), torch.as_tensor(codes)

        def answer(queries: np.ndarray) -> np.ndarray:
            return self.rule(torch.as_tensor(queries), support, wanted).exp().numpy()

        return answer


def new_layer(rows: np.ndarray, codes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Logistic regression of standardised rows (C = 1), fitted on the support."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(rows, codes)
    return model.predict_proba
