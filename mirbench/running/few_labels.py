"""Few labels: one training set, of which another part is shown with labels for each test set.

An encoder, a method that only transforms, is fitted once on all items without a label, and what it
makes of them is probed: the same linear classifier for all encoders. Other methods are fitted anew for
each test set, on the items whose labels are shown; one that learns from the others too (its function
says ``unlabelled = True``) is given them all, with y = -1. Items whose labels are hidden come without
group and corpus and in the order of their content keys: a group, or neighbours in an index, may tell the
class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mirbench.errors import MethodError, ProtocolError
from mirbench.items import as_items

HIDDEN = -1
"""What y is where a label isn't shown."""
STRENGTHS = (1.0, 0.1, 0.01)
"""Values of the probe's C; as many as other methods try settings (`mirbench.tuning.TRIALS`)."""
FOLDS = 3


def is_encoder(estimator: BaseEstimator) -> bool:
    """Whether it only transforms: no answer of its own, neither classes nor values."""
    answers = any(hasattr(estimator, name) for name in ("predict", "predict_proba"))
    return hasattr(estimator, "transform") and not answers


def fitted(
    estimator: BaseEstimator,
    X: np.ndarray,
    y: np.ndarray,
    shown: Mapping[str, np.ndarray],
    *,
    unlabelled: bool,
) -> dict[str, BaseEstimator]:
    """An estimator that answers for each test set.

    Parameters
    ----------
    estimator : BaseEstimator
        Unfitted.
    X : ndarray of Item, shape (n,)
    y : ndarray of int, shape (n,)
    shown : mapping of str to ndarray of int
        Positions of the items whose labels are shown, by test set.
    unlabelled : bool
        Whether the method learns from items without a label too.
    """
    if not is_encoder(estimator) and not unlabelled:
        return {t: clone(estimator).fit(X[some], y[some]) for t, some in shown.items()}
    order = np.argsort([item.key for item in X], kind="stable")
    X, y = as_items(X[i].blind() for i in order), y[order]
    shown = {test: np.flatnonzero(np.isin(order, some)) for test, some in shown.items()}
    if not is_encoder(estimator):
        return {t: clone(estimator).fit(X, _hidden(y, some)) for t, some in shown.items()}
    encoder = Encoder(estimator.fit(X))
    rows = encoder.rows(X)
    return {t: Probed(encoder, probe(rows[some], y[some])) for t, some in shown.items()}


def probe(rows: np.ndarray, y: np.ndarray) -> BaseEstimator:
    """Logistic regression on standardised rows.

    ``C`` is chosen by three folds over the labelled items alone; 1 where a class has fewer than three
    of them. Our choice: published probes choose it on a validation set, which few labels don't have.

    Raises
    ------
    MethodError
        y isn't codes of classes.
    ProtocolError
        The labelled items are of one class.
    """
    y = np.asarray(y)
    if y.ndim != 1 or y.dtype.kind not in "iu" or (y < 0).any():
        raise MethodError(
            f"the probe's y must be codes of classes, whole numbers from 0 on; got {y.dtype} of shape {y.shape}"
        )
    if len(np.unique(y)) < 2:
        raise ProtocolError(
            f"the labelled items are of {len(np.unique(y))} classes; show labels of two or more"
        )
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    if np.bincount(y)[np.unique(y)].min() < FOLDS:
        return model.fit(rows, y)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    grid = {"logisticregression__C": STRENGTHS}
    return GridSearchCV(model, grid, scoring="balanced_accuracy", cv=folds).fit(rows, y)


class Encoder:
    """A fitted encoder that keeps the embeddings of the items it was asked for last."""

    def __init__(self, fitted: BaseEstimator) -> None:
        self.fitted = fitted
        self._last: tuple[list[str], np.ndarray] = ([], np.empty((0, 0)))

    def rows(self, X: np.ndarray) -> np.ndarray:
        """An embedding an item, (n_items, d); MethodError where they aren't finite numbers."""
        keys = [item.key for item in X]
        if keys != self._last[0]:
            self._last = keys, self._embed(X)
        return self._last[1]

    def _embed(self, X: np.ndarray) -> np.ndarray:
        rows: Any = self.fitted.transform(X)
        if not isinstance(rows, np.ndarray) or rows.ndim != 2 or len(rows) != len(X):
            raise MethodError(
                f"an encoder's transform must give one row of numbers an item, a 2-d array for {len(X)} "
                f"items; got {getattr(rows, 'shape', type(rows).__name__)}: pool frames to one vector"
            )
        rows = rows.astype(np.float64)
        if not np.isfinite(rows).all():
            raise MethodError(
                "an embedding is NaN or infinite; an encoder must give finite numbers"
            )
        return rows


class Probed(ClassifierMixin, BaseEstimator):
    """An encoder, and a fitted classifier of what it makes of items."""

    def __init__(self, encoder: Encoder, classifier: BaseEstimator) -> None:
        self.encoder = encoder
        self.classifier = classifier

    @property
    def classes_(self) -> np.ndarray:
        """Codes of the classes that a label was shown of."""
        return self.classifier.classes_

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of the classes, (n_items, n_classes)."""
        return self.classifier.predict_proba(self.encoder.rows(X))


def _hidden(y: np.ndarray, some: np.ndarray) -> np.ndarray:
    """y of which these positions alone are shown."""
    hidden = np.full_like(y, HIDDEN)
    hidden[some] = y[some]
    return hidden
