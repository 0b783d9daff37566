"""Closed-form stand-ins for the Kullback-Leibler divergence between Gaussian mixtures.

Both start from KL(f_a || g_b) between components, which is exact, and are exact for one component.

- variational (Hershey & Olsen 2007, from memory): ``sum_a w_a log(sum_a' w_a' exp(-KL(f_a||f_a')) /
  sum_b v_b exp(-KL(f_a||g_b)))``
- matched (Goldberger et al. 2003, from memory): ``sum_a w_a min_b (KL(f_a||g_b) + log(w_a/v_b))``;
  may be a little under 0, also of a mixture and itself
"""

from __future__ import annotations

import numpy as np

from .blocks import blockwise
from .mixture import Mixtures, log_densities, moments

KINDS = ("variational", "matched")


def component_kl(A: Mixtures, B: Mixtures) -> np.ndarray:
    """KL(f_a || g_b) in nats between all components: float64, shape (len(A), K, len(B), L)."""
    moment, width = moments(A), moments(A).shape[-1]
    own = (log_densities(A, weighted=False) * moment).sum(axis=-1)
    theta = log_densities(B, weighted=False)
    other = moment.reshape(-1, width) @ theta.reshape(-1, width).T
    return own[..., None, None] - other.reshape(*own.shape, *theta.shape[:2])


def divergence(A: Mixtures, B: Mixtures, kind: str, block_mb: float = 256) -> np.ndarray:
    """Approximate KL(A||B) + KL(B||A) of every pair, in nats.

    Parameters
    ----------
    A, B : Mixtures
    kind : {"variational", "matched"}
    block_mb : float
        Memory (MiB) of what is held besides the result.

    Returns
    -------
    ndarray of float64, shape (len(A), len(B))
    """
    centre = A.means.mean(axis=(0, 1)) / 2 + B.means.mean(axis=(0, 1)) / 2
    A, B = A.shifted(centre), B.shifted(centre)
    one_way = _variational if kind == "variational" else _matched
    each = 32 * A.means.shape[1] * B.means.shape[1]
    there = blockwise(A, B, one_way, each, block_mb)
    return there + blockwise(B, A, one_way, each, block_mb).T


def _variational(A: Mixtures, B: Mixtures) -> np.ndarray:
    across = _log_sum_exp(_log(B.weights) - component_kl(A, B))
    within = np.stack(
        [
            _log_sum_exp(_log(one.weights) - component_kl(one, one))[0, :, 0]
            for one in (A[i : i + 1] for i in range(len(A)))
        ]
    )
    return np.einsum("ia,iaj->ij", A.weights, within[..., None] - across)


def _matched(A: Mixtures, B: Mixtures) -> np.ndarray:
    nearest = (component_kl(A, B) - _log(B.weights)).min(axis=-1)
    return np.einsum("ia,iaj->ij", A.weights, nearest + _log(A.weights)[..., None])


def _log(weights: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(weights, np.finfo(float).tiny))


def _log_sum_exp(terms: np.ndarray) -> np.ndarray:
    """Over the last axis, in place."""
    top = terms.max(axis=-1)
    terms -= top[..., None]
    return np.log(np.exp(terms, out=terms).sum(axis=-1)) + top
