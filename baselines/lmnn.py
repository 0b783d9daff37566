"""Large margin nearest neighbours: a linear map in which tracks of a class lie together."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from mirbench.errors import MethodError


class LMNN(TransformerMixin, BaseEstimator):
    """Large margin nearest neighbours.

    The map L minimises ``(1 - push) sum_ij |L(x_i - x_j)|^2 + push sum_ijl max(0, 1 +
    |L(x_i - x_j)|^2 - |L(x_i - x_l)|^2)``, j the target neighbours of i (the nearest rows of its
    class in input space, fixed before) and l all rows of other classes. The sums are divided by
    the number of targets, so that ``tol`` means the same at any size. L-BFGS on L, which isn't
    convex, from the principal components, scaled so that the mean squared distance of targets is 1
    (solver and scale are our choice).

    Parameters
    ----------
    n_components : int
        Rows of L, at most the number of features or rows.
    n_neighbors : int
        Targets of a row, fewer where its class is smaller.
    push : float
        Weight of the second sum, 0 to 1.
    max_iter : int
        Few iterations regularise, where features are many.
    tol : float
        Stop when the objective falls by less, relative to itself.
    block_mb : float
        Memory (MiB) of one block of distances.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        L.
    mean_ : ndarray of shape (n_features,)
    targets_ : ndarray of int, shape (n_targets, 2)
        Rows and their targets.
    objective_ : list of float
        At the start and after each iteration.

    References
    ----------
    .. [1] K. Q. Weinberger, L. K. Saul, "Distance metric learning for large margin nearest
       neighbor classification", JMLR 10, 2009, section 3 (from memory).
    """

    def __init__(
        self,
        n_components: int = 32,
        n_neighbors: int = 3,
        push: float = 0.5,
        max_iter: int = 50,
        tol: float = 1e-5,
        block_mb: float = 256,
    ) -> None:
        self.n_components = n_components
        self.n_neighbors = n_neighbors
        self.push = push
        self.max_iter = max_iter
        self.tol = tol
        self.block_mb = block_mb

    def fit(self, X: np.ndarray, y: Any) -> LMNN:
        """Learn L from rows (n, n_features) and their classes (n,).

        Raises
        ------
        MethodError
            No class has two rows, or there is one class only.
        """
        X, y = validate_data(self, X, y, dtype=float)
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2 or np.bincount(codes).max() < 2:
            raise MethodError(
                "large margins need two classes or more, and one with two rows or more; "
                f"got {len(X)} rows of {len(classes)} classes"
            )
        self.mean_ = X.mean(axis=0)
        Z = X - self.mean_
        self.targets_ = target_neighbours(Z, codes, self.n_neighbors)
        start = self._start(Z)
        self.objective_ = [self.loss(start.ravel(), Z, codes)[0]]
        found = minimize(
            self.loss,
            start.ravel(),
            (Z, codes),
            jac=True,
            method="L-BFGS-B",
            callback=lambda intermediate_result: self.objective_.append(
                float(intermediate_result.fun)
            ),
            options={"maxiter": self.max_iter, "ftol": self.tol},
        )
        self.components_ = found.x.reshape(start.shape)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Mapped rows, (n, n_components); compare them by Euclidean distance."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return (X - self.mean_) @ self.components_.T

    def loss(self, flat: np.ndarray, Z: np.ndarray, codes: np.ndarray) -> tuple[float, np.ndarray]:
        """The objective and its gradient, at L laid flat.

        Parameters
        ----------
        flat : ndarray of shape (n_components * n_features,)
        Z : ndarray of shape (n, n_features)
        codes : ndarray of int, shape (n,)
        """
        L = flat.reshape(-1, Z.shape[1])
        Y = Z @ L.T
        rows, targets = self.targets_.T
        near = ((Y[rows] - Y[targets]) ** 2).sum(axis=1)
        pull = np.full(len(rows), 1 - self.push)
        total = (1 - self.push) * near.sum()
        # gradient = 2 L sum_ab w_ab (z_a - z_b)(z_a - z_b)^T, by way of sum_b w_ab (y_a - y_b)
        forces = np.zeros_like(Y)
        height = max(1, int(self.block_mb * 2**20 / (8 * 3 * len(Z))))
        for first in range(0, len(rows), height):
            part = slice(first, first + height)
            own = rows[part]
            hinge = 1 + near[part, None] - cdist(Y[own], Y, "sqeuclidean")
            active = (hinge > 0) & (codes[own][:, None] != codes)
            total += self.push * hinge[active].sum()
            pull[part] += self.push * active.sum(axis=1)
            away = self.push * active
            np.subtract.at(forces, own, away.sum(axis=1)[:, None] * Y[own] - away @ Y)
            forces -= away.sum(axis=0)[:, None] * Y - away.T @ Y[own]
        step = pull[:, None] * (Y[rows] - Y[targets])
        np.add.at(forces, rows, step)
        np.subtract.at(forces, targets, step)
        n = len(rows)
        return float(total / n), (2 * forces.T @ Z).ravel() / n

    def _start(self, Z: np.ndarray) -> np.ndarray:
        """Principal components, scaled."""
        components = np.linalg.svd(Z, full_matrices=False)[2][: self.n_components]
        rows, targets = self.targets_.T
        spread = (((Z[rows] - Z[targets]) @ components.T) ** 2).sum(axis=1).mean()
        return components / np.sqrt(max(spread, 1e-12))


def target_neighbours(Z: np.ndarray, codes: np.ndarray, k: int) -> np.ndarray:
    """Each row with its ``k`` nearest rows of its class, ties by position: (n_targets, 2)."""
    pairs = []
    for code in np.unique(codes):
        own = np.flatnonzero(codes == code)
        distances = cdist(Z[own], Z[own], "sqeuclidean")
        np.fill_diagonal(distances, np.inf)
        nearest = np.argsort(distances, axis=1, kind="stable")[:, : min(k, len(own) - 1)]
        pairs.append(np.stack([np.repeat(own, nearest.shape[1]), own[nearest].ravel()], axis=1))
    return np.concatenate(pairs)
