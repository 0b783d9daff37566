"""Clusters of frames compared by the earth mover's distance (Logan & Salomon 2001)."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from . import fitting
from .mixture import Mixtures, log_densities, moments, pack, unpack


class KMeansSignatures(TransformerMixin, BaseEstimator):
    """Each track as k-means clusters of its frames; earth mover's distance between them.

    A cluster is a Gaussian with a diagonal covariance and weighs its share of the frames. Moving
    weight from one cluster to another costs their symmetrised Kullback-Leibler divergence (from
    memory). The optimal transport is exact, by the library POT.

    Parameters
    ----------
    n_clusters : int
        Clusters a track.
    reg_covar : float
        Added to variances, in squared units of the features (our choice).
    max_iter : int
        Iterations of k-means.
    random_state : int or None
        Seed of k-means.
    """

    def __init__(
        self,
        n_clusters: int = 16,
        reg_covar: float = 0.1,
        max_iter: int = 100,
        random_state: int | None = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None) -> KMeansSignatures:
        """Nothing is learned from other tracks."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Signature of each track.

        Parameters
        ----------
        X : sequence of ndarray, shape (n_frames, d) each

        Returns
        -------
        ndarray of float64, shape (n, n_clusters * (1 + 2 d))
            Weights, means, variances.
        """
        models = [
            fitting.clusters(
                frames,
                self.n_clusters,
                reg_covar=self.reg_covar,
                max_iter=self.max_iter,
                seed=self.random_state,
            )
            for frames in X
        ]
        return pack(Mixtures(*(np.stack(part) for part in zip(*models))))

    def distance(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """Earth mover's distance of every pair in nats: float64, shape (len(A), len(B)).

        Parameters
        ----------
        A, B : ndarray
            Rows of `transform`.
        """
        left, right = (unpack(rows, self.n_clusters, "diag") for rows in (A, B))
        out = np.empty((len(left), len(right)))
        for i in range(len(left)):
            costs = ground_distances(left[i : i + 1], right)[0]
            for j in range(len(right)):
                out[i, j] = earth_mover(left.weights[i], right.weights[j], costs[:, j])
        return out


def ground_distances(A: Mixtures, B: Mixtures) -> np.ndarray:
    """KL(f||g) + KL(g||f) in nats of all components: shape (len(A), K, len(B), L), at least 0."""
    centre = B.means.mean(axis=(0, 1))
    A, B = A.shifted(centre), B.shifted(centre)
    theta, phi = log_densities(A, weighted=False), moments(A)
    other_theta, other_phi = log_densities(B, weighted=False), moments(B)
    own = (theta * phi).sum(axis=-1)[..., None, None] + (other_theta * other_phi).sum(axis=-1)
    between = np.tensordot(theta, other_phi, (-1, -1)) + np.tensordot(phi, other_theta, (-1, -1))
    return np.maximum(own - between, 0)


def earth_mover(weights: np.ndarray, others: np.ndarray, costs: np.ndarray) -> float:
    """Least cost of turning one set of weights (K,) into another (L,); ``costs`` (K, L)."""
    from ot import emd2  # slow to import

    return float(emd2(weights, others, np.ascontiguousarray(costs)))
