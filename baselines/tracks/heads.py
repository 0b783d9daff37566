"""Heads: from features of tracks to classes, tags or values, by what ``y`` is.

A head holds a classifier and a regressor. Classes go to the classifier as they are; each tag has a
classifier of its own, and each value a regressor, told the value in deviations from its mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from baselines.mfcc_svm import MarginSVC
from baselines.peeters.classifiers import NearestNotes
from mirbench.errors import MethodError

from .steps import Steps

Kind = Literal["classes", "tags", "values"]
Settings = Sequence[dict[str, Any]]

LIMIT = 8.0
"""Standardised features lie within +-8 deviations (our choice): a silent or odd track is far from
all others, not infinitely far."""


def kind_of(y: Any) -> Kind:
    """What a target asks for: floats are values, one integer an item a class, several are tags.

    Raises
    ------
    MethodError
        If ``y`` is neither.
    """
    target = np.asarray(y)
    if target.dtype.kind == "f" and target.ndim in (1, 2):
        return "values"
    if target.dtype.kind in "iub" and target.ndim in (1, 2):
        return "classes" if target.ndim == 1 else "tags"
    raise MethodError(
        f"y has shape {target.shape} of {target.dtype}: give codes (n,), tags (n, n_tags) of 0 and 1, "
        "or floats (n, d)"
    )


class Standardised(StandardScaler):
    """Mean 0 and deviation 1 on the training items, then cut to +-``LIMIT``."""

    def transform(self, X: np.ndarray, copy: bool | None = None) -> np.ndarray:
        """Standardised features, shape (n, d)."""
        return np.clip(super().transform(np.asarray(X, dtype=np.float64), copy), -LIMIT, LIMIT)


class Head(BaseEstimator):
    """Model of one kind of target on features that are prepared on the training items only.

    Parameters
    ----------
    classifier : classifier with ``predict_proba``
    regressor : regressor of one value
    prepare : transformer, optional
        From features to rows of numbers; by default `Standardised`.
    classifier_settings, regressor_settings : sequence of dict
        What a search may try, the first being used without one.

    Attributes
    ----------
    kind_ : {"classes", "tags", "values"}
    prepare_ : fitted transformer
    models_ : list of fitted models, one for classes, one a tag, one a value
    classes_ : ndarray of int64
        Of classes only.
    """

    def __init__(
        self,
        classifier: Any,
        regressor: Any,
        prepare: Any = None,
        classifier_settings: Settings = ({},),
        regressor_settings: Settings = ({},),
    ) -> None:
        self.classifier = classifier
        self.regressor = regressor
        self.prepare = prepare
        self.classifier_settings = classifier_settings
        self.regressor_settings = regressor_settings

    def settings(self, kind: Kind) -> list[dict[str, Any]]:
        """Settings to try for a kind of target."""
        return list(self.regressor_settings if kind == "values" else self.classifier_settings)

    def fit(self, X: Any, y: Any, setting: dict[str, Any] | None = None) -> Head:
        """Fit on features (n, ...) and a target of any kind, with a setting (the first by default)."""
        target = np.asarray(y)
        self.kind_ = kind_of(target)
        chosen = self.settings(self.kind_)[0] if setting is None else setting
        self.prepare_ = clone(self.prepare or Standardised()).fit(X)
        rows = self.prepare_.transform(X)
        if self.kind_ == "values":
            columns = target[:, None] if target.ndim == 1 else target
            self.mean_ = columns.mean(axis=0)
            self.scale_ = deviations(columns)
            model = clone(self.regressor).set_params(**chosen)
            self.models_ = [
                clone(model).fit(rows, column)
                for column in ((columns - self.mean_) / self.scale_).T
            ]
            return self
        model = clone(self.classifier).set_params(**chosen)
        codes = target[None] if self.kind_ == "classes" else target.T
        self.models_ = [_classifier(model, rows, column) for column in codes]
        if self.kind_ == "classes":
            self.classes_ = self.models_[0].classes_
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities of classes or of tags: shape (n, n_classes) or (n, n_tags)."""
        rows = self.prepare_.transform(X)
        if self.kind_ == "classes":
            return self.models_[0].predict_proba(rows)
        return np.stack([_of_tag(model, rows) for model in self.models_], axis=1)

    def predict(self, X: Any) -> np.ndarray:
        """Codes (n,), tags (n, n_tags) that are likelier than not, or values (n, d)."""
        if self.kind_ == "classes":
            return self.classes_[self.predict_proba(X).argmax(axis=1)]
        if self.kind_ == "tags":
            return (self.predict_proba(X) >= 0.5).astype(np.int64)
        rows = self.prepare_.transform(X)
        told = np.stack([model.predict(rows) for model in self.models_], axis=1)
        return self.mean_ + self.scale_ * told


def deviations(columns: np.ndarray) -> np.ndarray:
    """Deviation of each column, 1 for a constant one: shape (d,)."""
    spread = columns.std(axis=0)
    return np.where(spread > 1e-9 * np.maximum(np.abs(columns).max(axis=0), 1e-9), spread, 1.0)


def _classifier(model: Any, rows: np.ndarray, codes: np.ndarray) -> Any:
    """A copy of ``model`` fitted; the share of the only class where there is but one."""
    only = len(np.unique(codes)) < 2
    return (DummyClassifier(strategy="prior") if only else clone(model)).fit(rows, codes)


def _of_tag(model: Any, rows: np.ndarray) -> np.ndarray:
    """Probability that a tag holds: 0 or 1 for one that training has never or always."""
    if len(model.classes_) == 1:
        return np.full(len(rows), float(model.classes_[0]))
    return model.predict_proba(rows)[:, 1]


class SvmClassifier(MarginSVC):
    """`MarginSVC` that doesn't draw from NumPy's global state: libsvm asks for a seed it doesn't use."""

    def __init__(self, C: float = 1.0, class_weight: str | None = "balanced") -> None:
        super().__init__(C=C, class_weight=class_weight)
        self.random_state = 0


class SvmRegressor(SVR):
    """Support vector regression, Gaussian kernel; NumPy's global state is left alone here too."""

    def __init__(self, C: float = 1.0, epsilon: float = 0.1) -> None:
        super().__init__(C=C, epsilon=epsilon)
        self.random_state = 0


class NearestMean(KNeighborsRegressor):
    """Mean of the k nearest neighbours, at most as many as there are training items.

    The twin of `baselines.peeters.classifiers.NearestNotes`; parameters are scikit-learn's.
    """

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Any:
        """As in scikit-learn, ``n_neighbors`` cut to the training items."""
        wanted = self.n_neighbors if n_neighbors is None else n_neighbors
        return super().kneighbors(X, min(wanted, self.n_samples_fit_), return_distance)


def linear(prepare: Any = None) -> Head:
    """Logistic regression with classes balanced; ridge regression. No seed.

    Strengths of the penalty are our choice.
    """
    return Head(
        LogisticRegression(class_weight="balanced", max_iter=2000),
        Ridge(),
        prepare,
        [{"C": C} for C in (0.1, 0.01, 1.0)],
        [{"alpha": alpha} for alpha in (100.0, 1000.0, 10.0)],
    )


def svm(prepare: Any = None) -> Head:
    """Support vector machines with a Gaussian kernel, classes balanced.

    Probabilities are margins through a sigmoid, or softmax for three classes or more, as in
    `baselines.mfcc_svm.MarginSVC`: no inner folds, hence no chance, but not calibrated. C, the
    width of the kernel (1 / number of features) and the tube of 0.1 deviations around a value are
    our choice.
    """
    tried = [{"C": C} for C in (1.0, 10.0, 0.1)]
    return Head(SvmClassifier(), SvmRegressor(), prepare, tried, tried)


def nearest(prepare: Any = None) -> Head:
    """Vote, or mean, of the k nearest training items; k is our choice."""
    tried = [{"n_neighbors": k} for k in (15, 5, 31)]
    few = {"algorithm": "kd_tree"}  # scikit-learn's brute force passes by ``kneighbors``
    return Head(NearestNotes(**few), NearestMean(**few), prepare, tried, tried)


def trees(random_state: int = 0) -> Head:
    """Gradient-boosted trees on histograms, classes balanced; each tag or value has its own.

    100 rounds of trees of up to 15 leaves that see a tenth of the features, cut into 32 steps, at a
    split; rates and sizes are our choice.
    """
    shape: dict[str, Any] = {
        "max_leaf_nodes": 15,
        "min_samples_leaf": 5,
        "max_features": 0.1,
        "early_stopping": False,
        "random_state": random_state,
    }
    tried = [{"learning_rate": rate} for rate in (0.1, 0.03, 0.2)]
    return Head(
        HistGradientBoostingClassifier(class_weight="balanced", **shape),
        HistGradientBoostingRegressor(**shape),
        Steps(),
        tried,
        tried,
    )
