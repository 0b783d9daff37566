"""The speech/music discriminator of Scheirer & Slaney (ICASSP 1997), whole."""

from .classifiers import GaussianMAP, GMMClassifier, KDPartition
from .descriptors import NAMES, SETS
from .methods import gaussian, gmm, kd, knn

__all__ = [
    "NAMES",
    "SETS",
    "GMMClassifier",
    "GaussianMAP",
    "KDPartition",
    "gaussian",
    "gmm",
    "kd",
    "knn",
]
