"""``Tracks``: features of items and a head, its setting chosen on a hold-out by group."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import average_precision_score
from sklearn.utils.validation import check_is_fitted

from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.tuning import TRIALS, best_thresholds, hold_out

from .heads import Head, deviations, kind_of


class Tracks(BaseEstimator):
    """A head on features of tracks: for classes, tags or values, by what ``y`` is.

    The first ``trials`` settings of the head are fitted on three quarters of the training items'
    groups and scored on the last quarter: mean-over-class recall, mean average precision of the
    tags, or mean R2 of the values. The first of the best is fitted on all. Nothing is tried where
    there is one group, or one trial.

    Parameters
    ----------
    extract : Extract
        Gives a vector, or what the head's ``prepare`` takes, for an item.
    head : Head
    trials : int
        Settings tried; with 1 the first one is used.

    Attributes
    ----------
    head_ : fitted Head
    best_params_ : dict
        The setting that is used.
    search_ : list of (dict, float)
        Settings that were tried and their scores.
    thresholds_ : ndarray of shape (n_tags,), or None
        Of tags, those of the best F1 on the hold-out; None where nothing was held out.
    classes_ : ndarray of int64
        Of classes only.
    """

    def __init__(self, extract: Extract, head: Head, trials: int = TRIALS) -> None:
        self.extract = extract
        self.head = head
        self.trials = trials

    def fit(self, X: np.ndarray, y: Any) -> Tracks:
        """Fit on items (n,) and codes (n,), tags (n, n_tags) or floats (n, d).

        Raises
        ------
        MethodError
            ``trials`` is under 1, or ``y`` is none of the three.
        """
        if self.trials < 1:
            raise MethodError(f"trials={self.trials}: give 1 (no search) or more")
        features, target = self.extract.transform(X), np.asarray(y)
        settings = self.head.settings(kind_of(target))[: self.trials]
        held = hold_out([item.group for item in X])
        self.search_, self.thresholds_ = [], None
        best = settings[0]
        if len(settings) > 1 and held.any():
            answers = []
            for setting in settings:
                tried = clone(self.head).fit(features[~held], target[~held], setting)
                answers.append(_answer(tried, features[held]))
                self.search_.append((setting, score_of(tried, target, held, answers[-1])))
            first = int(np.argmax([score for _, score in self.search_]))
            best = settings[first]
            if tried.kind_ == "tags":
                self.thresholds_ = best_thresholds(target[held], answers[first])
        self.best_params_ = best
        self.head_ = clone(self.head).fit(features, target, best)
        if self.head_.kind_ == "classes":
            self.classes_ = self.head_.classes_
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of classes or tags: shape (n, n_classes) or (n, n_tags)."""
        check_is_fitted(self)
        return self.head_.predict_proba(self.extract.transform(X))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Codes (n,), tags (n, n_tags) or values (n, d)."""
        check_is_fitted(self)
        return self.head_.predict(self.extract.transform(X))


def _answer(head: Head, features: np.ndarray) -> np.ndarray:
    return head.predict_proba(features) if head.kind_ == "tags" else head.predict(features)


def score_of(head: Head, target: np.ndarray, held: np.ndarray, answer: np.ndarray) -> float:
    """Score of an answer for the items that were held out; higher is better.

    Parameters
    ----------
    head : fitted Head
        Tells what kind of target it is.
    target : ndarray of shape (n, ...)
        Of all training items.
    held : ndarray of bool, shape (n,)
    answer : ndarray
        Codes, probabilities of tags, or values of the items held out.
    """
    truth = target[held]
    if head.kind_ == "classes":
        return float(np.mean([np.mean(answer[truth == code] == code) for code in np.unique(truth)]))
    if head.kind_ == "tags":
        both = np.flatnonzero((truth.min(axis=0) == 0) & (truth.max(axis=0) == 1))
        found = [average_precision_score(truth[:, i], answer[:, i]) for i in both]
        return float(np.mean(found)) if found else 0.0
    wrong = (truth.reshape(answer.shape) - answer) / deviations(target.reshape(len(target), -1))
    return float(1 - np.mean(np.square(wrong)))
