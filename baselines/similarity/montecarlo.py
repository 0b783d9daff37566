"""Monte-Carlo Kullback-Leibler divergence between all pairs of Gaussian mixtures.

With ``a_s`` drawn from A and ``b_s`` from B, ``D(A, B) = mean log p_A(a_s) + mean log p_B(b_s) -
mean log p_B(a_s) - mean log p_A(b_s)`` (Aucouturier & Pachet 2002, from memory), an estimate of
KL(A||B) + KL(B||A). All models share one set of seeded draws: what a model is sampled with depends
on nothing but the model and the seed, so D(A, A) = 0 and D(A, B) = D(B, A).

The mean log density of A's samples under all of B is a matrix product, (components, statistics) x
(statistics, samples), and a log of sums of exponentials over each mixture's components. Both go
tile by tile, so that a product is used up while it's in the processor's cache.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from joblib import effective_n_jobs
from threadpoolctl import threadpool_limits

from .kernels import mean_log2_sum_exp2
from .mixture import Mixtures, log_densities, moments, statistics

TILE_BYTES = 2**20
"""A tile of products: about a core's second-level cache."""
SINGLE_LIMIT = 1e4
"""Terms of a log density beyond this, which cancel to some units, would lose 1e-3 of them in float32."""


@dataclass(frozen=True)
class Draws:
    """Standard draws that turn any mixture into its samples.

    Attributes
    ----------
    levels : ndarray, shape (S,)
        Uniform on [0, 1), one in each of S equal strata: they choose the component.
    normals : ndarray, shape (S, d)
    """

    levels: np.ndarray
    normals: np.ndarray

    @classmethod
    def of(cls, n_samples: int, d: int, seed: int) -> Draws:
        """Seeded draws."""
        rng = np.random.default_rng(seed)
        levels = (np.arange(n_samples) + rng.random(n_samples)) / n_samples
        return cls(levels, rng.standard_normal((n_samples, d)))

    def samples(self, mixtures: Mixtures) -> np.ndarray:
        """Samples of each mixture: shape (n, S, d)."""
        return np.stack([self._one(mixtures, i) for i in range(len(mixtures))])

    def _one(self, mixtures: Mixtures, i: int) -> np.ndarray:
        share = np.cumsum(mixtures.weights[i])
        chosen = np.searchsorted(share[:-1] / share[-1], self.levels, side="right")
        spread = mixtures.covariances[i]
        if mixtures.diagonal:
            noise = np.sqrt(spread)[chosen] * self.normals
        else:
            noise = np.einsum("sij,sj->si", np.linalg.cholesky(spread)[chosen], self.normals)
        return mixtures.means[i][chosen] + noise


def divergence(
    A: Mixtures,
    B: Mixtures,
    draws: Draws,
    *,
    block_mb: float = 256,
    n_jobs: int | None = 1,
    device: str = "auto",
) -> np.ndarray:
    """Monte-Carlo symmetrised divergence of every pair, in nats.

    Parameters
    ----------
    A, B : Mixtures
    draws : Draws
    block_mb : float
        Memory (MiB) for what is held besides the models and the result.
    n_jobs : int or None
        Threads, as joblib counts them.
    device : str
        "cpu", a torch device ("cuda"), or "auto": the GPU if torch sees one.

    Returns
    -------
    ndarray of float32, shape (len(A), len(B))
    """
    options = {"block_mb": block_mb, "n_jobs": n_jobs, "device": device}
    centre = A.means.mean(axis=(0, 1)) / 2 + B.means.mean(axis=(0, 1)) / 2
    A, B = A.shifted(centre), B.shifted(centre)
    out = cross(A, B, draws, **options)  # type: ignore[arg-type]
    out += cross(B, A, draws, **options).T  # type: ignore[arg-type]
    np.subtract(own(A, draws)[:, None], out, out=out)
    out += own(B, draws)
    return out


def all_pairs(
    A: Mixtures,
    draws: Draws,
    *,
    block_mb: float = 256,
    n_jobs: int | None = 1,
    device: str = "auto",
) -> np.ndarray:
    """`divergence` of ``A`` with itself at half the cost: one matrix of float32 is held."""
    A = A.shifted(A.means.mean(axis=(0, 1)))
    out = cross(A, A, draws, block_mb=block_mb, n_jobs=n_jobs, device=device)
    own_terms = out.diagonal().copy()
    height = max(1, int(block_mb * 2**20 / (16 * len(A))))
    for start in range(0, len(A), height):
        stop = min(start + height, len(A))
        rows = own_terms[start:stop, None] + own_terms[start:]
        rows -= out[start:stop, start:]
        rows -= out[start:, start:stop].T
        out[start:stop, start:] = rows
        out[start:, start:stop] = rows.T
    return out


def own(A: Mixtures, draws: Draws) -> np.ndarray:
    """Mean log density of each model's samples under itself (nats), float64: shape (len(A),)."""
    theta = log_densities(A)
    out = np.empty(len(A))
    for i in range(len(A)):
        phi = statistics(draws.samples(A[i : i + 1])[0], A.diagonal)
        out[i] = np.logaddexp.reduce(theta[i] @ phi.T, axis=0).mean()
    return out


def cross(
    A: Mixtures,
    B: Mixtures,
    draws: Draws,
    *,
    block_mb: float = 256,
    n_jobs: int | None = 1,
    device: str = "auto",
) -> np.ndarray:
    """Mean log density (nats) of A's samples under B: float32, shape (len(A), len(B))."""
    out = np.empty((len(A), len(B)), dtype=np.float32)
    gpu = _torch_device(device)
    width = statistics(B.means[:1], B.diagonal)[0].size
    count = max(1, int(block_mb * 2**20 / (64 * width)))
    for start in range(0, len(B), count):
        part = B[start : start + count]
        theta = log_densities(part) / np.log(2)
        precise = _cancels(theta, moments(part))
        for these, kind in ((~precise, np.float32), (precise, np.float64)):
            columns = start + np.flatnonzero(these)
            weights = theta[these].astype(kind)
            if not len(columns):
                continue
            if gpu is None:
                _cross_cpu(A, weights, draws, out, columns, n_jobs)
            else:
                cross_torch(A, weights, draws, out, columns, block_mb, gpu)
    return out


def _cancels(theta: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """Models whose products need double precision: tight components far from the centre."""
    return (np.abs(theta) * np.abs(moment)).sum(axis=-1).max(axis=-1) > SINGLE_LIMIT


def _cross_cpu(
    A: Mixtures,
    theta: np.ndarray,
    draws: Draws,
    out: np.ndarray,
    columns: np.ndarray,
    n_jobs: int | None,
) -> None:
    n, n_components, width = theta.shape
    n_samples = len(draws.levels)
    step = max(1, TILE_BYTES // (theta.itemsize * n_components * n_samples))

    def work(rows: range) -> None:
        tile = np.empty((step * n_components, n_samples), dtype=theta.dtype)
        found = np.empty(n)
        for i in rows:
            phi = statistics(draws.samples(A[i : i + 1])[0], A.diagonal)
            phi = np.ascontiguousarray(phi.T, dtype=theta.dtype)
            for start in range(0, n, step):
                part = theta[start : start + step]
                terms = tile[: len(part) * n_components]
                np.dot(part.reshape(-1, width), phi, out=terms)
                terms = terms.reshape(len(part), n_components, n_samples)
                mean_log2_sum_exp2(
                    terms.astype(np.float32, copy=False), found[start : start + step]
                )
            out[i, columns] = found * np.log(2)

    jobs = min(effective_n_jobs(n_jobs), max(1, len(A)))
    with threadpool_limits(1), ThreadPoolExecutor(jobs) as pool:
        list(pool.map(work, [range(k, len(A), jobs) for k in range(jobs)]))


def cross_torch(
    A: Mixtures,
    theta: np.ndarray,
    draws: Draws,
    out: np.ndarray,
    columns: np.ndarray,
    block_mb: float,
    device: str,
) -> None:
    """`cross` on a torch device, for ``theta`` (n, K, F) in base 2, into columns of ``out``."""
    import torch

    n, n_components, width = theta.shape
    weights = torch.from_numpy(theta.reshape(-1, width)).to(device)
    each = theta.itemsize * n * n_components * 3  # products, differences, exponentials of a sample
    step = max(1, int(block_mb * 2**20 / each))
    for i in range(len(A)):
        frames = statistics(draws.samples(A[i : i + 1])[0], A.diagonal)
        phi = torch.from_numpy(frames.astype(theta.dtype)).to(device)
        total = torch.zeros(n, dtype=torch.float64, device=device)
        for part in phi.split(step):
            terms = (part @ weights.T).float().reshape(len(part), n, n_components)
            top = terms.amax(dim=2)
            sums = (terms - top[..., None]).exp2_().sum(dim=2)
            total += (top + sums.log2_()).sum(dim=0, dtype=torch.float64)
        out[i, columns] = (total * (np.log(2) / len(phi))).cpu().numpy()


def _torch_device(device: str) -> str | None:
    """Name of the torch device to use, None for the compiled loops."""
    if device == "cpu":
        return None
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else None
    return device
