"""One full Gaussian a track, compared in closed form (Mandel & Ellis 2005)."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from mirbench.errors import MethodError

from . import fitting
from .blocks import blockwise
from .kernels import log_det_merged
from .mixture import Mixtures, log_densities, moments, pack, unpack

KINDS = ("skl", "js")


class SingleGaussian(TransformerMixin, BaseEstimator):
    """Each track's frames as a Gaussian with full covariance; closed-form distances.

    Parameters
    ----------
    divergence : {"skl", "js"}
        Symmetrised Kullback-Leibler divergence, or the root of an approximate Jensen-Shannon
        divergence; see `symmetric_kl` and `jensen_shannon`.
    reg_covar : float
        Added to the diagonal of covariances.
    block_mb : float
        Memory (MiB) of `distance` besides its arguments and result.
    """

    def __init__(
        self, divergence: str = "skl", reg_covar: float = 1e-4, block_mb: float = 256
    ) -> None:
        self.divergence = divergence
        self.reg_covar = reg_covar
        self.block_mb = block_mb

    def fit(self, X: np.ndarray, y: object = None) -> SingleGaussian:
        """Nothing is learned from other tracks; parameters are checked."""
        if self.divergence not in KINDS:
            raise MethodError(f"divergence={self.divergence!r}: choose from {', '.join(KINDS)}")
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Mean, then upper triangle of the covariance, of each track's frames.

        Parameters
        ----------
        X : sequence of ndarray, shape (n_frames, d) each

        Returns
        -------
        ndarray of float64, shape (n, d + d (d + 1) / 2)
        """
        return flat(*zip(*(fitting.gaussian(frames, self.reg_covar) for frames in X)))

    def distance(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """Distance of every pair: float64, shape (len(A), len(B)).

        Parameters
        ----------
        A, B : ndarray
            Rows of `transform`.
        """
        function = symmetric_kl if self.divergence == "skl" else jensen_shannon
        return blockwise(
            np.asarray(A),
            np.asarray(B),
            lambda a, b: function(gaussians(a), gaussians(b)),
            16,
            self.block_mb / 4,  # the rest is for the blocks' matrices
        )


def flat(means: object, covariances: object) -> np.ndarray:
    """Rows (n, d + d (d + 1) / 2) of n means (d,) and covariances (d, d)."""
    mu, sigma = np.stack(list(means)), np.stack(list(covariances))  # type: ignore[call-overload]
    return pack(Mixtures(np.ones((len(mu), 1)), mu[:, None], sigma[:, None]))[:, 1:]


def gaussians(rows: np.ndarray) -> Mixtures:
    """Inverse of `flat`: mixtures of one Gaussian."""
    rows = np.asarray(rows, dtype=np.float64)
    return unpack(np.insert(rows, 0, 1.0, axis=1), 1, "full")


def symmetric_kl(A: Mixtures, B: Mixtures) -> np.ndarray:
    """KL(p||q) + KL(q||p) between single Gaussians, in nats (Mandel & Ellis 2005).

    ``(tr(P_p S_q) + tr(P_q S_p)) / 2 - d + (m_p - m_q)^T (P_p + P_q) (m_p - m_q) / 2`` with means m,
    covariances S and their inverses P. By the forms of `mixture` that is ``(theta_p - theta_q) .
    (E_p[phi] - E_q[phi])``: one matrix product for all pairs.

    Returns
    -------
    ndarray of float64, shape (len(A), len(B)), at least 0
    """
    centre = A.means.mean(axis=(0, 1)) / 2 + B.means.mean(axis=(0, 1)) / 2
    left, right = _forms(A.shifted(centre))[0], _forms(B.shifted(centre))[1]
    return np.maximum(left @ right.T, 0)


def skl_forms(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two matrices such that the divergence of A and B is ``skl_forms(A)[0] @ skl_forms(B)[1].T``.

    Parameters
    ----------
    rows : ndarray, shape (n, d + d (d + 1) / 2)
        Rows of `SingleGaussian`.

    Returns
    -------
    left, right : ndarray of float64, shape (n, d (d + 3) + 2)
    """
    return _forms(gaussians(rows))


def _forms(models: Mixtures) -> tuple[np.ndarray, np.ndarray]:
    """The constant parts of ``theta`` cancel; their place holds each one's ``theta . E[phi]``."""
    theta, moment = log_densities(models)[:, 0, :-1], moments(models)[:, 0, :-1]
    own = (theta * moment).sum(axis=1, keepdims=True)
    one = np.ones_like(own)
    left = np.hstack([theta, moment, own, one])
    return left, np.hstack([-moment, -theta, one, own])


def jensen_shannon(A: Mixtures, B: Mixtures) -> np.ndarray:
    """Root of an approximate Jensen-Shannon divergence between single Gaussians.

    ``sqrt(max(0, log|S_m| / 2 - (log|S_p| + log|S_q|) / 4))``, where the mixture of the two is taken
    for the Gaussian with its mean and covariance, ``S_m = (S_p + S_q) / 2 + (m_p - m_q)(m_p -
    m_q)^T / 4`` (the hubness authors' implementation).

    Returns
    -------
    ndarray of float64, shape (len(A), len(B))
    """
    merged = np.empty((len(A), len(B)))
    covariances = np.ascontiguousarray(np.moveaxis(B.covariances[:, 0], 0, -1))
    means = np.ascontiguousarray(B.means[:, 0].T)
    log_det_merged(A.means[:, 0], A.covariances[:, 0], means, covariances, merged)
    own = [np.linalg.slogdet(models.covariances[:, 0])[1] / 4 for models in (A, B)]
    return np.sqrt(np.maximum(merged / 2 - own[0][:, None] - own[1], 0))
