"""The paper's four classifiers: Gaussian MAP, diagonal GMM, k-NN and k-d spatial partitioning.

The paper doesn't state priors: the two Gaussian ones take equal priors, the others vote.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from scipy.special import softmax
from scipy.stats import multivariate_normal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.mixture import GaussianMixture
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data


class GaussianMAP(ClassifierMixin, BaseEstimator):
    """One Gaussian with a full covariance per class, equal priors, maximum a posteriori.

    Parameters
    ----------
    reg_covar : float
        Added to the diagonal of the covariances, in the squared unit of the features: standardise
        them first. It keeps a covariance regular where a feature doesn't vary in a class.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    gaussians_ : list of frozen scipy.stats.multivariate_normal
    """

    def __init__(self, reg_covar: float = 1e-3) -> None:
        self.reg_covar = reg_covar

    def fit(self, X: np.ndarray, y: np.ndarray) -> GaussianMAP:
        """Estimate a mean and a covariance per class (maximum likelihood)."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        self.classes_ = unique_labels(y)
        self.gaussians_ = [self._gaussian(X[y == label]) for label in self.classes_]
        return self

    def _gaussian(self, X: np.ndarray) -> Any:
        covariance = np.cov(X, rowvar=False, bias=True) + self.reg_covar * np.eye(X.shape[1])
        return multivariate_normal(X.mean(axis=0), covariance)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Posteriors: shape (n, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        logs = [np.atleast_1d(gaussian.logpdf(X)) for gaussian in self.gaussians_]
        return softmax(np.stack(logs, axis=1), axis=1)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Most probable class of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class GMMClassifier(ClassifierMixin, BaseEstimator):
    """A Gaussian mixture per class, fitted by EM; equal priors, maximum a posteriori.

    Parameters
    ----------
    n_components : int
        Gaussians per class.
    covariance_type : {"diag", "full", "tied", "spherical"}
        The paper's are diagonal.
    reg_covar : float
        Floor added to the variances, in the squared unit of the features: standardise them first.
    random_state : int
        Seed of the k-means that starts EM.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    mixtures_ : list of fitted GaussianMixture
    """

    def __init__(
        self,
        n_components: int = 8,
        covariance_type: str = "diag",
        reg_covar: float = 1e-3,
        random_state: int = 0,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.reg_covar = reg_covar
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: np.ndarray) -> GMMClassifier:
        """Fit the mixtures; a class with fewer frames than components gets as many as it has."""
        X, y = validate_data(self, X, y)
        self.classes_ = unique_labels(y)
        self.mixtures_ = [self._mixture(X[y == label]) for label in self.classes_]
        return self

    def _mixture(self, X: np.ndarray) -> GaussianMixture:
        mixture = GaussianMixture(
            min(self.n_components, len(X)),
            covariance_type=self.covariance_type,
            reg_covar=self.reg_covar,
            random_state=self.random_state,
        )
        # sklearn refuses a single sample, which a class may come down to: it counts twice
        return mixture.fit(X if len(X) > 1 else np.repeat(X, 2, axis=0))

    def predict_log_likelihood(self, X: np.ndarray) -> np.ndarray:
        """Log-likelihood under each class (natural log): shape (n, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        return np.stack([mixture.score_samples(X) for mixture in self.mixtures_], axis=1)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Posteriors: shape (n, n_classes)."""
        return softmax(self.predict_log_likelihood(X), axis=1)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Most probable class of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class KDPartition(ClassifierMixin, BaseEstimator):
    """k-d spatial partitioning: a query takes the vote of the training points in its leaf.

    A k-d tree halves the training points at the median, each time along the axis with the largest
    variance (our choice), until no leaf holds more than ``leaf_size``. Unlike in k-NN, neighbours
    beyond the leaf's walls don't count, which makes it fast (Scheirer & Slaney 1997, from memory).

    Parameters
    ----------
    leaf_size : int
        Most training points in a leaf; points that are all alike stay together even so.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    axis_ : ndarray of int, shape (n_nodes,)
        Axis at which a node splits, -1 in a leaf.
    threshold_ : ndarray of shape (n_nodes,)
        A point goes left when it is at most this.
    children_ : ndarray of int, shape (n_nodes, 2)
        Left and right child.
    votes_ : ndarray of shape (n_nodes, n_classes)
        Share of each class among the training points in a node.
    """

    def __init__(self, leaf_size: int = 32) -> None:
        self.leaf_size = leaf_size

    def fit(self, X: np.ndarray, y: np.ndarray) -> KDPartition:
        """Build the tree."""
        X, y = validate_data(self, X, y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        one_hot = np.eye(len(self.classes_))[codes]
        axes, thresholds, children, votes = [], [], [], []
        n_nodes = 1
        waiting = deque([np.arange(len(X))])
        while waiting:  # breadth first: a node's number is its place in the queue
            rows = waiting.popleft()
            votes.append(one_hot[rows].mean(axis=0))
            axis, threshold = self._split(X[rows])
            axes.append(axis)
            thresholds.append(threshold)
            if axis < 0:
                children.append((-1, -1))
                continue
            left = X[rows, axis] <= threshold
            waiting.extend((rows[left], rows[~left]))
            children.append((n_nodes, n_nodes + 1))
            n_nodes += 2
        self.axis_, self.threshold_ = np.array(axes), np.array(thresholds)
        self.children_, self.votes_ = np.array(children), np.array(votes)
        return self

    def _split(self, X: np.ndarray) -> tuple[int, float]:
        """Axis and threshold at which to halve the points, (-1, 0) where they make a leaf."""
        spread = np.ptp(X, axis=0)
        if len(X) <= self.leaf_size or not spread.any():
            return -1, 0.0
        axis = int(np.argmax(np.where(spread > 0, X.var(axis=0), -1.0)))
        values = np.sort(X[:, axis])
        threshold = values[(len(values) - 1) // 2]
        if threshold == values[-1]:  # ties up to the largest value: cut below it
            threshold = values[np.searchsorted(values, threshold) - 1]
        return axis, threshold

    def apply(self, X: np.ndarray) -> np.ndarray:
        """Leaf of each row: int, shape (n,)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        node = np.zeros(len(X), dtype=np.int64)
        moving = np.arange(len(X))
        while len(moving := moving[self.axis_[node[moving]] >= 0]):
            here = node[moving]
            right = X[moving, self.axis_[here]] > self.threshold_[here]
            node[moving] = self.children_[here, right.astype(np.int64)]
        return node

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Share of each class in the row's leaf: shape (n, n_classes)."""
        return self.votes_[self.apply(X)]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Class with most votes in the row's leaf."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
