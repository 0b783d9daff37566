"""Few-shot episodes: a method is fitted once on the base classes, then shown each episode's support.

A fitted method that has ``adapt(X_support, y_support)`` gives an estimator that answers among the
support's classes. One that only transforms is answered for by the nearest mean of the support's rows.
Any other is fitted on the support alone, as if there were no base classes.

Each episode adapts a deep copy of the fitted method, which is made when the episode is answered and
dropped behind it: an ``adapt`` that changes its own state and returns itself shows the next episode
nothing of its support, and one copy at a time is in memory. Rows that a method keeps of items are
kept for one episode. What is outside the method (a module's globals, a class's attributes) isn't copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from mirbench.errors import MethodError
from mirbench.neighbours import distance_of, euclidean
from mirbench.running.few_labels import Encoder, is_encoder

Support = Mapping[str, tuple[np.ndarray, np.ndarray]]


def adapted(
    estimator: BaseEstimator, X: np.ndarray, y: np.ndarray, support: Support
) -> Mapping[str, BaseEstimator]:
    """An estimator that answers for each episode.

    Parameters
    ----------
    estimator : BaseEstimator
        Unfitted.
    X : ndarray of Item, shape (n,)
        Of the base classes.
    y : ndarray of int, shape (n,)
    support : mapping of str to (items, y)
        What is shown before each test set.

    Raises
    ------
    MethodError
        A transformer whose rows have a distance of their own and so no mean; see `Adapting` too.
    """
    if hasattr(estimator, "adapt"):
        return Adapting(estimator.fit(X, y), support)
    if is_encoder(estimator):
        rows = Rows(estimator.fit(X, y))
        return {name: NearestMean(rows).fit(*shown) for name, shown in support.items()}
    return {name: clone(estimator).fit(*shown) for name, shown in support.items()}


class Adapting(Mapping[str, BaseEstimator]):
    """What answers for each episode: made anew from the fitted method whenever it is asked for, not kept.

    Asking raises MethodError for a method that can't be copied, or an adapted one that answers among
    other classes than its support's.
    """

    def __init__(self, fitted: BaseEstimator, support: Support) -> None:
        self.fitted = fitted
        self.support = support

    def __getitem__(self, name: str) -> BaseEstimator:
        X, y = self.support[name]
        try:
            copied = deepcopy(self.fitted)
        except Exception as error:  # whatever a method holds
            raise MethodError(
                f"the fitted method can't be copied for an episode ({error}); keep no open files, locks "
                "or tensors with a graph in it"
            ) from error
        return _checked(copied.adapt(X, y), y)

    def __iter__(self) -> Iterator[str]:
        return iter(self.support)

    def __len__(self) -> int:
        return len(self.support)


class Rows(Encoder):
    """A fitted transformer that keeps the row of every item: episodes ask for the same ones again."""

    def __init__(self, fitted: BaseEstimator) -> None:
        if distance_of(fitted) is not euclidean:
            raise MethodError(
                "the nearest mean needs rows that the Euclidean distance compares; give the method an "
                "adapt(X_support, y_support) of its own"
            )
        super().__init__(fitted)
        self._kept: dict[str, np.ndarray] = {}

    def rows(self, X: np.ndarray) -> np.ndarray:
        """A row an item, (n_items, d)."""
        new = {item.key: item for item in X if item.key not in self._kept}
        if new:
            found = np.empty(len(new), dtype=object)
            found[:] = list(new.values())
            self._kept.update(zip(new, self._embed(found), strict=True))
        return np.stack([self._kept[item.key] for item in X])


class NearestMean(ClassifierMixin, BaseEstimator):
    """The class whose mean row is nearest, in rows that are used as ``transform`` gives them.

    Probabilities are the softmax of minus the squared distances, each over the query's mean one, so that
    the scale of the rows doesn't matter.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def fit(self, X: np.ndarray, y: np.ndarray) -> NearestMean:
        """Mean row of each class of the support."""
        rows = self.encoder.rows(X)
        self.classes_ = np.unique(y)
        self.means_ = np.stack([rows[y == c].mean(axis=0) for c in self.classes_])
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of the classes, (n_items, n_classes)."""
        squared = euclidean(self.encoder.rows(X), self.means_) ** 2
        scaled = -squared / np.maximum(squared.mean(axis=1, keepdims=True), 1e-12)
        odds = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)


def _checked(answering: BaseEstimator, y: np.ndarray) -> BaseEstimator:
    classes = np.asarray(getattr(answering, "classes_", ()))
    if not np.array_equal(classes, np.unique(y)):
        raise MethodError(
            f"adapt gave an estimator of classes {classes.tolist()}, its support holds "
            f"{np.unique(y).tolist()}; classes_ must be the support's, sorted"
        )
    return answering
