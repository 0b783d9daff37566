"""Peeters' systems as methods: many descriptors, a selection, transforms, one of three classifiers."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.tree import DecisionTreeClassifier

from baselines.hierarchical import HierarchicalClassifier
from baselines.searched import AcrossCorpora
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.taxonomy import load_taxonomy

from .classifiers import NearestNotes, SharedGaussian
from .descriptors import describe
from .selection import selector
from .transforms import GuardedPower, discriminant

TREES = {"families": "instrument-families", "peeters": "instrument-peeters"}


GRID: dict[str, list[Any]] = {
    "irmfsp__n_features": [20, 50, 150, 300],
    "sharedgaussian__shared": [0.0, 0.75, 1.0],
}
"""What ``search=True`` decides between; the first values are the published ones (our choice)."""


def _system(
    classifier: Any, selection: tuple[str, int], tree: str, descent: str, search: bool = False
) -> Pipeline | AcrossCorpora:
    """Descriptors (one cache entry for every system), then a decision, flat or at each node."""
    if search and selection[0] != "irmfsp":
        raise MethodError(f"search=True is for selection=irmfsp, not for {selection[0]}")
    base = make_pipeline(selector(*selection), *classifier)
    extract = Extract(describe, sr=44_100)
    if tree == "flat":
        return AcrossCorpora(extract, base, GRID) if search else make_pipeline(extract, base)
    if tree not in TREES:
        raise MethodError(f"unknown tree {tree!r}; known: flat, {', '.join(TREES)}")
    paths = load_taxonomy(TREES[tree])
    by_code = {
        code: paths[label]
        for code, label in enumerate(sorted(load_taxonomy("instrument-families")))
    }
    decision = HierarchicalClassifier(by_code, base, descent)
    grid = {f"base__{name}": values for name, values in GRID.items()}
    return AcrossCorpora(extract, decision, grid) if search else make_pipeline(extract, decision)


def _space(transform: str, lda: bool, shrinkage: float) -> list[Any]:
    """A power of each feature, then LDA (at most one dimension less than there are classes)."""
    return [GuardedPower(transform), *([discriminant(shrinkage)] if lda else [])]


def gaussian(
    selection: str = "irmfsp",
    n_features: int = 150,
    transform: str = "box-cox",
    lda: bool = True,
    shrinkage: float = 0.3,
    shared: float = 0.75,
    tree: str = "flat",
    descent: str = "product",
    search: bool = False,
) -> Pipeline | AcrossCorpora:
    """Peeters 2003, Gaussian MAP.

    A large set of descriptors of the note; IRMFSP; Box-Cox; linear discriminant analysis; one
    Gaussian per class, equal priors. With a tree all of it once a node, among its children.

    Parameters
    ----------
    selection : {"irmfsp", "ratio", "mutual-information", "cfs", "sequential", "none"}
        How features are selected.
    n_features : int
        Most features selected (20 in the paper, from memory; more is our choice).
    transform : {"box-cox", "yeo-johnson", "none"}
        Power of each feature.
    lda : bool
        Linear discriminant analysis before the Gaussians.
    shrinkage : float
        Of LDA's covariance within classes towards a multiple of the identity (our choice).
    shared : float
        Part of each class's covariance that is the one common to all: 0 as published, 1 a linear
        classifier. Classes of few notes don't determine a full covariance (our choice).
    tree : {"flat", "families", "peeters"}
        One decision, or one a node: sustained or decaying and six families, or Peeters' own.
    descent : {"product", "hard"}
        Posteriors multiplied down the tree, or the most probable child takes all.
    search : bool
        Choose ``n_features`` (20, 50, 150, 300) and ``shared`` (0, 0.75, 1) by leaving one training
        corpus out; with one training corpus they stay as given.
    """
    steps = [*_space(transform, lda, shrinkage), SharedGaussian(shared)]
    return _system(steps, (selection, n_features), tree, descent, search)


def knn(
    selection: str = "irmfsp",
    n_features: int = 150,
    transform: str = "box-cox",
    lda: bool = True,
    shrinkage: float = 0.3,
    k: int = 15,
    tree: str = "flat",
    descent: str = "product",
) -> Pipeline | AcrossCorpora:
    """Peeters 2003, k nearest neighbours.

    As the Gaussian system, with the vote of the ``k`` nearest training notes in place of Gaussians.

    Parameters
    ----------
    selection : {"irmfsp", "ratio", "mutual-information", "cfs", "sequential", "none"}
        How features are selected.
    n_features : int
        Most features selected (20 in the paper, from memory; more is our choice).
    transform : {"box-cox", "yeo-johnson", "none"}
        Power of each feature.
    lda : bool
        Linear discriminant analysis before the vote.
    shrinkage : float
        Of LDA's covariance within classes towards a multiple of the identity (our choice).
    k : int
        Neighbours that vote (our choice).
    tree : {"flat", "families", "peeters"}
        One decision, or one a node.
    descent : {"product", "hard"}
        Posteriors multiplied down the tree, or the most probable child takes all.
    """
    steps = [*_space(transform, lda, shrinkage), NearestNotes(k)]
    return _system(steps, (selection, n_features), tree, descent)


def tree(
    selection: str = "none",
    n_features: int = 150,
    min_leaf: int = 2,
    pruning: float = 0.005,
    random_state: int = 0,
) -> Pipeline | AcrossCorpora:
    """Peeters 2003, decision tree.

    A tree by information gain as in C4.5, on the descriptors as they are: scikit-learn's binary
    tree with entropy, classes balanced, pruned by cost and complexity (C4.5 prunes by a bound on
    the error of a leaf).

    Parameters
    ----------
    selection : {"none", "irmfsp", "ratio", "mutual-information", "cfs", "sequential"}
        How features are selected; the tree itself selects.
    n_features : int
        Most features selected.
    min_leaf : int
        Fewest notes in a leaf (C4.5: 2).
    pruning : float
        Entropy that a split must save for each leaf it adds, in bits over all notes (our choice).
    random_state : int
        Order in which features of equal gain are looked at.
    """
    grown = DecisionTreeClassifier(
        criterion="entropy",
        min_samples_leaf=min_leaf,
        ccp_alpha=pruning,
        class_weight="balanced",
        random_state=random_state,
    )
    return _system([grown], (selection, n_features), "flat", "product")


for _method in (gaussian, knn, tree):
    _method.cite = "peeters2003"  # type: ignore[union-attr]
    _method.family = "hand-crafted"  # type: ignore[union-attr]
