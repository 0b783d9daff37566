"""Scheirer & Slaney's systems as methods: 13 descriptors, then one of four classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mirbench.estimators import PerFrame
from mirbench.features import Extract

from .classifiers import GaussianMAP, GMMClassifier, KDPartition
from .descriptors import columns_of, descriptors

KNN_EVERY = 5


def _system(classifier: Any, features: str, recipe: str, every: int = 1) -> Pipeline:
    """All 13 descriptors (one cache entry for every system), a set of them, standardised."""
    columns = {"indices": columns_of(features), "axis": 1}
    base = make_pipeline(
        FunctionTransformer(np.take, kw_args=columns), StandardScaler(), classifier
    )
    extract = Extract(descriptors, sr=22_050, kw_args={"recipe": recipe})
    return make_pipeline(extract, PerFrame(base, every=every))


def gaussian(features: str = "all", recipe: str = "robust") -> Pipeline:
    """Scheirer & Slaney 1997, Gaussian MAP.

    One Gaussian with a full covariance per class and equal priors, on standardised descriptors of
    20-ms frames.

    Parameters
    ----------
    features : str
        "all", "best8", "best3", "fast5", or one descriptor by its name (var-flux).
    recipe : {"robust", "printed"}
        Definitions of the descriptors: with named mends, or to the letter.
    """
    return _system(GaussianMAP(), features, recipe)


def gmm(features: str = "all", recipe: str = "robust", random_state: int = 0) -> Pipeline:
    """Scheirer & Slaney 1997, Gaussian mixtures.

    A diagonal mixture of 8 Gaussians per class by EM, equal priors, on standardised descriptors of
    20-ms frames.

    Parameters
    ----------
    features : str
        "all", "best8", "best3", "fast5", or one descriptor by its name (var-flux).
    recipe : {"robust", "printed"}
        Definitions of the descriptors: with named mends, or to the letter.
    random_state : int
        Seed of the start of EM.
    """
    return _system(GMMClassifier(n_components=8, random_state=random_state), features, recipe)


def knn(features: str = "all", recipe: str = "robust") -> Pipeline:
    """Scheirer & Slaney 1997, k nearest neighbours.

    The 5 nearest training frames vote (Euclidean, standardised descriptors, exact search by a k-d
    tree). Of the training frames every fifth is kept: with a memory of 1 s, neighbours in time are
    near copies. Both numbers are our choice.

    Parameters
    ----------
    features : str
        "all", "best8", "best3", "fast5", or one descriptor by its name (var-flux).
    recipe : {"robust", "printed"}
        Definitions of the descriptors: with named mends, or to the letter.
    """
    classifier = KNeighborsClassifier(5, algorithm="kd_tree")
    return _system(classifier, features, recipe, every=KNN_EVERY)


def kd(features: str = "all", recipe: str = "robust", leaf_size: int = 32) -> Pipeline:
    """Scheirer & Slaney 1997, k-d spatial partitioning.

    A k-d tree halves the training frames at medians down to leaves of at most ``leaf_size``; the
    training frames in a frame's leaf vote.

    Parameters
    ----------
    features : str
        "all", "best8", "best3", "fast5", or one descriptor by its name (var-flux).
    recipe : {"robust", "printed"}
        Definitions of the descriptors: with named mends, or to the letter.
    leaf_size : int
        Most training frames in a leaf (our choice).
    """
    return _system(KDPartition(leaf_size), features, recipe)


for _method in (gaussian, gmm, knn, kd):
    _method.cite = "scheirer1997construction"  # type: ignore[attr-defined]
    _method.family = "hand-crafted"  # type: ignore[attr-defined]
