"""A classifier at each node of a taxonomy (Peeters 2003), over any scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mirbench.errors import MethodError

DESCENTS = ("product", "hard")
Path = tuple[str, ...]
Child = str | int
"""An inner node by its name, or a class by its position in ``classes_``."""


class HierarchicalClassifier(ClassifierMixin, BaseEstimator):
    """Decide among the children of a node, node by node.

    Each node with two children or more has its own clone of ``base``, trained on the items of the
    classes under it: with a pipeline of selection, transform and classifier each decision picks the
    features it needs. A node with one child decides nothing. Classes of the taxonomy without
    training items are left out.

    Parameters
    ----------
    taxonomy : mapping, optional
        From each class to the names of its nodes, from the root's child down to the class's parent:
        ``{"violin": ("sustained", "strings"), "piano": ("decaying",)}``; lengths may differ. Nodes
        of one name under different parents are different nodes. Default: all classes are children
        of the root (a flat classifier).
    base : classifier, optional
        With ``predict_proba``. Default: linear discriminant analysis.
    descent : {"product", "hard"}
        "product": the score of a class is the product of the posteriors on its path. "hard": at
        each node the most probable child takes all, so that the answer is the leaf the descent
        ends at; the scores are the last node's posteriors over its classes, 0 elsewhere.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    children_ : dict
        From each node (tuple of names, the root is ``()``) to its children: names of nodes, or
        positions in ``classes_``.
    estimators_ : dict
        From each node with several children to its fitted classifier; its classes are positions in
        ``children_[node]``.

    Raises
    ------
    MethodError
        A class that isn't in the taxonomy, a path that is a word and no tuple, an unknown ``descent``, a base without
        ``predict_proba``.
    """

    def __init__(
        self,
        taxonomy: Mapping[Any, tuple[str, ...]] | None = None,
        base: Any = None,
        descent: str = "product",
    ) -> None:
        self.taxonomy = taxonomy
        self.base = base
        self.descent = descent

    def fit(self, X: np.ndarray, y: np.ndarray) -> HierarchicalClassifier:
        """Fit one classifier a node on ``X``, shape (n_items, d), for classes ``y``."""
        if self.descent not in DESCENTS:
            raise MethodError(f"unknown descent {self.descent!r}; known: {', '.join(DESCENTS)}")
        base = LinearDiscriminantAnalysis() if self.base is None else self.base
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        paths = self._paths()
        self.children_ = _children(paths)
        self.estimators_ = {}
        for node, children in self.children_.items():
            if len(children) > 1:
                branch = np.array([_branch(path, code, node, children) for code, path in paths])
                inside = branch[codes] >= 0
                fitted = clone(base).fit(X[inside], branch[codes][inside])
                if not hasattr(fitted, "predict_proba"):
                    raise MethodError(
                        f"HierarchicalClassifier: {type(fitted).__name__} has no predict_proba; "
                        "calibrate it first"
                    )
                self.estimators_[node] = fitted
        return self

    def _paths(self) -> list[tuple[int, Path]]:
        """Position and path of each class."""
        known = self.taxonomy
        labels: list[Hashable] = self.classes_.tolist()
        if known is None:
            return [(code, ()) for code in range(len(labels))]
        missing = [str(label) for label in labels if label not in known]
        if missing:
            raise MethodError(
                f"HierarchicalClassifier: not in the taxonomy: {', '.join(missing)}; "
                "give the path of every class"
            )
        words = [str(label) for label in labels if isinstance(known[label], str)]
        if words:
            raise MethodError(
                f"HierarchicalClassifier: the path of {', '.join(words)} is a word; "
                "give a tuple of node names"
            )
        return [(code, tuple(map(str, known[label]))) for code, label in enumerate(labels)]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Scores as ``descent`` says, rows sum to 1: shape (n_items, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        out = np.zeros((len(X), len(self.classes_)))
        todo: list[tuple[Path, np.ndarray]] = [((), np.ones(len(X)))]
        while todo:
            node, mass = todo.pop()
            children = self.children_[node]
            shares = mass[:, None] * self._shares(node, X)
            for child, share in zip(children, shares.T, strict=True):
                if isinstance(child, str):
                    todo.append(((*node, child), share))
                else:
                    out[:, child] = share
        return out

    def _shares(self, node: Path, X: np.ndarray) -> np.ndarray:
        """What of a node's mass goes to each child: shape (n_items, n_children)."""
        children = self.children_[node]
        if node not in self.estimators_:
            return np.ones((len(X), 1))
        posteriors = self.estimators_[node].predict_proba(X)
        if self.descent == "product":
            return posteriors
        inner = np.array([isinstance(child, str) for child in children])
        best = posteriors.argmax(axis=1)
        chosen = np.arange(len(children)) == best[:, None]
        # siblings that are classes share what the best of them has won
        keep = chosen | (~inner & ~inner[best][:, None])
        kept = np.where(keep, posteriors, 0.0)
        return kept / kept.sum(axis=1, keepdims=True)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Class of the highest score of each row."""
        scores = self.predict_proba(X)
        return self.classes_[scores.argmax(axis=1)]


def _children(paths: list[tuple[int, Path]]) -> dict[Path, list[Child]]:
    """Children of each node in the order of their first class."""
    found: dict[Path, list[Child]] = {}
    for code, path in paths:
        steps: tuple[Child, ...] = (*path, code)
        for depth, child in enumerate(steps):
            siblings = found.setdefault(path[:depth], [])
            if child not in siblings:
                siblings.append(child)
    return found


def _branch(path: Path, code: int, node: Path, children: list[Child]) -> int:
    """Position among a node's children of the one that a class lies under, -1 if under none."""
    if path[: len(node)] != node:
        return -1
    return children.index(path[len(node)] if len(path) > len(node) else code)
