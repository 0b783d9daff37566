"""A Gaussian mixture a track, compared by Kullback-Leibler divergence (Aucouturier & Pachet)."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from mirbench.errors import MethodError

from . import approximations, fitting, montecarlo
from .mixture import Mixtures, pack, unpack

KINDS = ("monte-carlo", *approximations.KINDS)


class GaussianMixtures(TransformerMixin, BaseEstimator):
    """Each track's frames as a Gaussian mixture, laid flat; distances between mixtures.

    Parameters
    ----------
    n_components : int
        Gaussians a track.
    covariance : {"diag", "full"}
    divergence : {"monte-carlo", "variational", "matched"}
        How KL(A||B) + KL(B||A) is estimated, see `montecarlo` and `approximations`.
    n_samples : int
        Samples a model, for "monte-carlo": the error falls as ``1 / sqrt(n_samples)``.
    reg_covar : float
        Added to variances, in squared units of the features: bounds what silence is away from
        everything else (our choice, for MFCC in dB).
    max_iter : int
        Iterations of EM.
    block_mb : float
        Memory (MiB) of `distance` besides its arguments and result.
    n_jobs : int or None
        Threads of `distance`, as joblib counts them.
    device : str
        "cpu", a torch device, or "auto": a GPU if torch sees one.
    random_state : int or None
        Seed of k-means and of the samples.
    """

    def __init__(
        self,
        n_components: int = 3,
        covariance: str = "diag",
        divergence: str = "monte-carlo",
        n_samples: int = 1000,
        reg_covar: float = 0.1,
        max_iter: int = 100,
        block_mb: float = 256,
        n_jobs: int | None = 1,
        device: str = "auto",
        random_state: int | None = 0,
    ) -> None:
        self.n_components = n_components
        self.covariance = covariance
        self.divergence = divergence
        self.n_samples = n_samples
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.block_mb = block_mb
        self.n_jobs = n_jobs
        self.device = device
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None) -> GaussianMixtures:
        """Nothing is learned from other tracks; parameters are checked."""
        if self.divergence not in KINDS or self.covariance not in ("diag", "full"):
            raise MethodError(
                f"divergence={self.divergence!r}, covariance={self.covariance!r}: choose from "
                f"{', '.join(KINDS)}, and diag or full"
            )
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Parameters of each track's mixture.

        Parameters
        ----------
        X : sequence of ndarray, shape (n_frames, d) each

        Returns
        -------
        ndarray of float64, shape (n, p)
            Laid out as `mixture.pack` does: weights, means, covariances.
        """
        models = [
            fitting.em(
                frames,
                self.n_components,
                self.covariance,
                reg_covar=self.reg_covar,
                max_iter=self.max_iter,
                seed=self.random_state,
            )
            for frames in X
        ]
        return pack(Mixtures(*(np.stack(part) for part in zip(*models))))

    def distance(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """KL(A||B) + KL(B||A) of every pair in nats, estimated: shape (len(A), len(B)).

        Parameters
        ----------
        A, B : ndarray
            Rows of `transform`.
        """
        left, right = self._models(A), self._models(B)
        if self.divergence != "monte-carlo":
            return approximations.divergence(left, right, self.divergence, self.block_mb)
        return montecarlo.divergence(left, right, self._draws(left), **self._options())

    def distances(self, A: np.ndarray) -> np.ndarray:
        """`distance` of all pairs of rows, at half the cost by Monte Carlo.

        Returns
        -------
        ndarray of float32 or float64, shape (len(A), len(A))
            The only array of that size that is held.
        """
        if self.divergence != "monte-carlo":
            return self.distance(A, A)
        models = self._models(A)
        return montecarlo.all_pairs(models, self._draws(models), **self._options())

    def _models(self, rows: np.ndarray) -> Mixtures:
        return unpack(rows, self.n_components, self.covariance)

    def _draws(self, models: Mixtures) -> montecarlo.Draws:
        seed = self.random_state or 0
        return montecarlo.Draws.of(self.n_samples, models.means.shape[-1], seed)

    def _options(self) -> dict:
        return {"block_mb": self.block_mb, "n_jobs": self.n_jobs, "device": self.device}
