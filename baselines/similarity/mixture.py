"""Gaussian mixtures of many tracks at once: their parameters laid flat, and as linear forms.

A Gaussian's log density is linear in the statistics of a frame: ``log w N(x) = theta . phi(x)``
with ``phi(x) = (x x^T, x, 1)`` (of the first, only the diagonal where covariances are diagonal).
Its expectation under another Gaussian is linear in that one's moments, ``theta . E[phi]``. So
densities of many frames and divergences of many pairs are matrix products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mirbench.errors import MethodError


@dataclass(frozen=True)
class Mixtures:
    """``n`` mixtures of ``K`` Gaussians each in ``d`` dimensions.

    Attributes
    ----------
    weights : ndarray, shape (n, K), rows sum to 1
    means : ndarray, shape (n, K, d)
    covariances : ndarray, shape (n, K, d) (diagonals) or (n, K, d, d)
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def __len__(self) -> int:
        return len(self.weights)

    def __getitem__(self, part: slice) -> Mixtures:
        return Mixtures(self.weights[part], self.means[part], self.covariances[part])

    @property
    def diagonal(self) -> bool:
        """Whether covariances are diagonal."""
        return self.covariances.ndim == 3

    def shifted(self, centre: np.ndarray) -> Mixtures:
        """The same with ``centre`` (d,) as the origin: no divergence changes, rounding shrinks."""
        return Mixtures(self.weights, self.means - centre, self.covariances)


def pack(mixtures: Mixtures) -> np.ndarray:
    """One flat row a mixture: weights, means, covariances (diagonals or upper triangles).

    Returns
    -------
    ndarray of float64, shape (n, K * (1 + d + d)) or (n, K * (1 + d + d (d + 1) / 2))
    """
    n, _, d = mixtures.means.shape
    spread = mixtures.covariances
    if not mixtures.diagonal:
        spread = spread[:, :, *np.triu_indices(d)]
    parts = (mixtures.weights, mixtures.means, spread)
    return np.concatenate([np.reshape(part, (n, -1)) for part in parts], axis=1)


def unpack(rows: np.ndarray, n_components: int, covariance: str) -> Mixtures:
    """Inverse of `pack`.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
    n_components : int
        K.
    covariance : {"diag", "full"}

    Raises
    ------
    MethodError
        ``p`` isn't that of any number of dimensions.
    """
    rows = np.asarray(rows, dtype=np.float64)
    n, width = rows.shape
    each, rest = divmod(width, n_components)
    if covariance == "diag":
        d = (each - 1) // 2
        spread = d
    else:
        d = int((np.sqrt(8 * each + 1) - 3) / 2)
        spread = d * (d + 1) // 2
    if rest or d < 1 or 1 + d + spread != each:
        raise MethodError(
            f"rows of {width} numbers aren't {n_components} Gaussians with {covariance} "
            "covariances; give distance the rows that transform returned"
        )
    weights, means, flat = np.split(rows, [n_components, n_components * (1 + d)], axis=1)
    means = means.reshape(n, n_components, d)
    if covariance == "diag":
        return Mixtures(weights, means, flat.reshape(n, n_components, d))
    full = np.empty((n, n_components, d, d))
    i, j = np.triu_indices(d)
    full[:, :, i, j] = full[:, :, j, i] = flat.reshape(n, n_components, -1)
    return Mixtures(weights, means, full)


def statistics(x: np.ndarray, diagonal: bool) -> np.ndarray:
    """``phi`` of frames ``x`` (..., d): squares or upper triangle of ``x x^T``, ``x``, 1.

    Returns
    -------
    ndarray, shape (..., F)
    """
    second = x * x
    if not diagonal:
        i, j = np.triu_indices(x.shape[-1])
        second = x[..., i] * x[..., j]
    return np.concatenate([second, x, np.ones_like(x[..., :1])], axis=-1)


def log_densities(mixtures: Mixtures, weighted: bool = True) -> np.ndarray:
    """``theta`` of each component: ``theta . phi(x)`` is its log density in nats.

    Parameters
    ----------
    mixtures : Mixtures
    weighted : bool
        Whether the log of the component's weight is in it.

    Returns
    -------
    ndarray, shape (n, K, F)
    """
    means, d = mixtures.means, mixtures.means.shape[-1]
    if mixtures.diagonal:
        precision = 1 / mixtures.covariances
        linear = precision * means
        second = -precision / 2
        log_det = np.log(mixtures.covariances).sum(axis=-1)
    else:
        precision = np.linalg.inv(mixtures.covariances)
        linear = np.einsum("nkij,nkj->nki", precision, means)
        i, j = np.triu_indices(d)
        second = -precision[..., i, j] * np.where(i == j, 0.5, 1.0)
        log_det = np.linalg.slogdet(mixtures.covariances)[1]
    constant = -((linear * means).sum(axis=-1) + log_det + d * np.log(2 * np.pi)) / 2
    if weighted:
        constant += np.log(np.maximum(mixtures.weights, np.finfo(float).tiny))
    return np.concatenate([second, linear, constant[..., None]], axis=-1)


def moments(mixtures: Mixtures) -> np.ndarray:
    """``E[phi(x)]`` under each component.

    Returns
    -------
    ndarray, shape (n, K, F)
    """
    out = statistics(mixtures.means, mixtures.diagonal)
    spread = mixtures.covariances
    if not mixtures.diagonal:
        spread = spread[:, :, *np.triu_indices(mixtures.means.shape[-1])]
    out[..., : spread.shape[-1]] += spread
    return out
