"""A classifier on features as one over items: settings by leaving one corpus out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import GridSearchCV
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from mirbench.estimators import CorpusOut
from mirbench.features import Extract


class AcrossCorpora(ClassifierMixin, BaseEstimator):
    """A classifier whose settings are chosen across corpora.

    Features are extracted once. Where training items come from two corpora or more, each setting of
    ``grid`` is fitted on all but one and scored by mean-over-class recall on the one left out; the
    best mean over corpora wins (the first one of equals). Then ``tempers`` are compared in the same
    way by log likelihood, and the winner is fitted on all. A single corpus says nothing about others:
    ``base`` is used as it is, and so it is where corpora aren't named.

    Parameters
    ----------
    extract : Extract
        Gives a vector for an item.
    base : classifier
        Where its ``fit`` takes ``databases``, it is told the corpus of each training item.
    grid : dict of list, optional
        Settings of ``base`` that are tried; none, and nothing is searched.
    tempers : dict of list, optional
        Settings that move probabilities but no decision.

    Attributes
    ----------
    classes_ : ndarray of int64
    base_ : fitted classifier
    best_params_ : dict
        The setting that is used.
    inner_recall_ : dict of tuple to float
        Mean over corpora of each setting (its values in the grid's order); empty where no search
        was made.
    """

    def __init__(
        self,
        extract: Extract,
        base: Any,
        grid: Mapping[str, Sequence[Any]] | None = None,
        tempers: Mapping[str, Sequence[Any]] | None = None,
    ) -> None:
        self.extract = extract
        self.base = base
        self.grid = grid
        self.tempers = tempers

    def fit(self, X: np.ndarray, y: Any) -> AcrossCorpora:
        """Fit on items of shape (n,) and their codes."""
        features, y = self.extract.transform(X), np.asarray(y)
        corpora = np.array([item.corpus or "" for item in X])  # one unnamed corpus where none is
        grid, tempers = dict(self.grid or {}), dict(self.tempers or {})
        self.base_, self.inner_recall_ = clone(self.base), {}
        told = {"databases": corpora} if has_fit_parameter(self.base_, "databases") else {}
        folds = usable_folds(X, y) if grid and len(set(corpora)) > 1 else []
        if folds:
            for settings, score in ((grid, mean_recall), (tempers, mean_log_likelihood)):
                if not settings:
                    continue
                search = GridSearchCV(self.base_, settings, scoring=score, cv=folds, refit=False)
                search.fit(features, y, **told)
                self.base_.set_params(**search.best_params_)
                if score is mean_recall:
                    self.inner_recall_ = inner_means(search, tuple(grid))
        self.base_.fit(features, y, **told)
        chosen = self.base_.get_params()
        self.best_params_ = {name: chosen[name] for name in (*grid, *tempers)}
        self.classes_ = self.base_.classes_
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Class probabilities of items: shape (n, n_classes)."""
        check_is_fitted(self)
        return self.base_.predict_proba(self.extract.transform(X))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Codes of items, shape (n,)."""
        check_is_fitted(self)
        return self.base_.predict(self.extract.transform(X))


def usable_folds(X: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Positions of ``CorpusOut`` with two classes to train on, one of them with two items or more,
    and something to test on."""
    splits = CorpusOut().split(X, y)
    return [(a, b) for a, b in splits if len(b) and 1 < len(np.unique(y[a])) < len(a)]


def mean_recall(classifier: Any, X: np.ndarray, y: np.ndarray) -> float:
    """Mean over the classes in ``y`` of the share that ``classifier`` finds."""
    hits = classifier.predict(X) == y
    return float(np.mean([hits[y == label].mean() for label in np.unique(y)]))


def mean_log_likelihood(classifier: Any, X: np.ndarray, y: np.ndarray) -> float:
    """Mean over the classes in ``y`` of their items' log probability of it (nats, at least -30)."""
    columns = np.searchsorted(classifier.classes_, y)
    logs = np.log(np.maximum(classifier.predict_proba(X)[np.arange(len(y)), columns], np.exp(-30)))
    return float(np.mean([logs[y == label].mean() for label in np.unique(y)]))


def inner_means(search: GridSearchCV, names: tuple[str, ...]) -> dict[tuple[Any, ...], float]:
    """Mean score over folds of each setting, by its values in the order of ``names``."""
    tried, means = search.cv_results_["params"], search.cv_results_["mean_test_score"]
    return {
        tuple(setting[name] for name in names): float(mean)
        for setting, mean in zip(tried, means, strict=True)
    }
