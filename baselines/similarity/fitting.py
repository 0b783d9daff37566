"""Models of one track's frames, sound for any frames: silence, one frame, a frame repeated."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from mirbench.errors import MethodError

Model = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Weights (K,), means (K, d), covariances (K, d) or (K, d, d)."""


def checked(frames: np.ndarray) -> np.ndarray:
    """Frames of a track as float64 (n_frames, d).

    Raises
    ------
    MethodError
        No frames, not two-dimensional, or not finite.
    """
    frames = np.asarray(frames, dtype=np.float64)
    if frames.ndim != 2 or not frames.size:
        raise MethodError(
            f"a track's frames have shape (n_frames, d) with at least one, got {frames.shape}; "
            "give transform one such array an item"
        )
    if not np.isfinite(frames).all():
        raise MethodError("a track's frames hold NaN or infinite values; mend its features")
    return frames


def gaussian(frames: np.ndarray, reg_covar: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean (d,) and full covariance (d, d), maximum likelihood, plus ``reg_covar * I``."""
    frames = checked(frames)
    mean = frames.mean(axis=0)
    centred = frames - mean
    return mean, centred.T @ centred / len(frames) + reg_covar * np.eye(len(mean))


def em(
    frames: np.ndarray,
    n_components: int,
    covariance: str,
    *,
    reg_covar: float,
    max_iter: int,
    seed: int | None,
) -> Model:
    """Gaussian mixture by EM from k-means. Fewer distinct frames give fewer components, split up."""
    frames = checked(frames)
    count = min(n_components, _distinct(frames, n_components))
    mixture = GaussianMixture(
        count,
        covariance_type=covariance,
        reg_covar=reg_covar,
        max_iter=max_iter,
        init_params="kmeans",
        random_state=seed,
    )
    if len(frames) == 1:
        frames = np.repeat(frames, 2, axis=0)  # the library asks for two
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(frames)
    model = mixture.weights_, mixture.means_, mixture.covariances_
    return _filled(model, n_components)


def clusters(
    frames: np.ndarray, n_clusters: int, *, reg_covar: float, max_iter: int, seed: int | None
) -> Model:
    """k-means clusters as diagonal Gaussians weighted by their share of the frames."""
    frames = checked(frames)
    count = min(n_clusters, _distinct(frames, n_clusters))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        labels = KMeans(count, n_init=1, max_iter=max_iter, random_state=seed).fit_predict(frames)
    members = [frames[labels == k] for k in np.unique(labels)]
    weights = np.array([len(part) / len(frames) for part in members])
    means = np.stack([part.mean(axis=0) for part in members])
    variances = np.stack([part.var(axis=0) + reg_covar for part in members])
    return _filled((weights, means, variances), n_clusters)


def _distinct(frames: np.ndarray, enough: int) -> int:
    """Number of distinct frames; stops counting early where there are plenty."""
    first = len(np.unique(frames[: 4 * enough], axis=0))
    return first if first >= enough else len(np.unique(frames, axis=0))


def _filled(model: Model, n_components: int) -> Model:
    """The same density with ``n_components``: the heaviest component is split into equal parts."""
    weights, means, covariances = model
    missing = n_components - len(weights)
    if not missing:
        return model
    heaviest = int(np.argmax(weights))
    order = np.concatenate([np.arange(len(weights)), np.full(missing, heaviest)])
    weights = weights[order]
    weights[order == heaviest] /= missing + 1
    return weights, means[order], covariances[order]
