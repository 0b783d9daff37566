"""Systems of music similarity as methods: frames, a model of each track, a distance of models."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from mirbench.features import Extract

from .chance import RandomOrder, hashed
from .g1c import G1C
from .gaussian import SingleGaussian
from .gmm import GaussianMixtures
from .mfcc import aucouturier_pachet, logan_salomon, mandel_ellis, statistics
from .patterns import g1c_features
from .proximity import MutualProximity
from .signatures import KMeansSignatures

SR = 22_050


def gmm_2002(
    n_components: int = 3,
    n_mfcc: int = 8,
    n_samples: int = 1000,
    divergence: str = "monte-carlo",
    covariance: str = "diag",
    random_state: int = 0,
) -> Pipeline:
    """Aucouturier & Pachet 2002, mixtures of 3 Gaussians.

    8 MFCC of 50-ms frames, a Gaussian mixture a track by k-means and EM, symmetrised
    Kullback-Leibler divergence by Monte Carlo (from memory). Learns nothing from other tracks.

    Parameters
    ----------
    n_components : int
        Gaussians a track.
    n_mfcc : int
        MFCC, c0 included.
    n_samples : int
        Samples a track.
    divergence : {"monte-carlo", "variational", "matched"}
        Estimate of the divergence.
    covariance : {"diag", "full"}
    random_state : int
        Seed of k-means and of the samples.
    """
    return _mixtures(n_components, n_mfcc, n_samples, divergence, covariance, random_state)


def gmm_2004(
    n_components: int = 50,
    n_mfcc: int = 20,
    n_samples: int = 2000,
    divergence: str = "monte-carlo",
    covariance: str = "diag",
    random_state: int = 0,
) -> Pipeline:
    """Aucouturier & Pachet 2004, mixtures of 50 Gaussians.

    As in 2002 with 20 MFCC, 50 components and 2,000 samples, the best of their search (from
    memory).

    Parameters
    ----------
    n_components : int
        Gaussians a track.
    n_mfcc : int
        MFCC, c0 included.
    n_samples : int
        Samples a track.
    divergence : {"monte-carlo", "variational", "matched"}
        Estimate of the divergence.
    covariance : {"diag", "full"}
    random_state : int
        Seed of k-means and of the samples.
    """
    return _mixtures(n_components, n_mfcc, n_samples, divergence, covariance, random_state)


def _mixtures(
    n_components: int,
    n_mfcc: int,
    n_samples: int,
    divergence: str,
    covariance: str,
    random_state: int,
) -> Pipeline:
    model = GaussianMixtures(
        n_components,
        covariance,
        divergence,
        n_samples,
        random_state=random_state,
    )
    return make_pipeline(Extract(aucouturier_pachet, sr=SR, kw_args={"n_mfcc": n_mfcc}), model)


def gaussian(n_mfcc: int = 20) -> Pipeline:
    """Mandel & Ellis 2005, one Gaussian.

    20 MFCC of the central minute, a Gaussian with full covariance a track, symmetrised
    Kullback-Leibler divergence in closed form. Learns nothing from other tracks.

    Parameters
    ----------
    n_mfcc : int
        MFCC, c0 included.
    """
    return make_pipeline(_frames(n_mfcc), SingleGaussian("skl"))


def gaussian_mp(n_mfcc: int = 20, variant: str = "empirical") -> Pipeline:
    """Mandel & Ellis 2005 with mutual proximity.

    The distances of `mandel-ellis` rescaled against hubs (Schnitzer et al. 2012), over the items
    that are compared with each other.

    Parameters
    ----------
    n_mfcc : int
        MFCC, c0 included.
    variant : {"empirical", "normal"}
        Mutual proximity by counting, or by normal distributions.
    """
    return make_pipeline(_frames(n_mfcc), MutualProximity(SingleGaussian("skl"), variant))


def gaussian_js(n_mfcc: int = 25) -> Pipeline:
    """One Gaussian, Jensen-Shannon.

    25 MFCC of the central minute, a Gaussian with full covariance a track, root of an approximate
    Jensen-Shannon divergence: the hubness authors' improved Mandel-Ellis, without mutual proximity.

    Parameters
    ----------
    n_mfcc : int
        MFCC, c0 included.
    """
    return make_pipeline(_frames(n_mfcc), SingleGaussian("js"))


def gaussian_js_mp(n_mfcc: int = 25, variant: str = "empirical") -> Pipeline:
    """One Gaussian, Jensen-Shannon, mutual proximity.

    The distances of `gaussian-js` rescaled against hubs (Schnitzer et al. 2012), over the items
    that are compared with each other.

    Parameters
    ----------
    n_mfcc : int
        MFCC, c0 included.
    variant : {"empirical", "normal"}
        Mutual proximity by counting, or by normal distributions.
    """
    return make_pipeline(_frames(n_mfcc), MutualProximity(SingleGaussian("js"), variant))


def gmm_2002_mp(variant: str = "empirical", random_state: int = 0) -> Pipeline:
    """Aucouturier & Pachet 2002 with mutual proximity.

    The distances of `aucouturier-pachet-2002` rescaled against hubs (Schnitzer et al. 2012), over
    the items that are compared with each other.

    Parameters
    ----------
    variant : {"empirical", "normal"}
        Mutual proximity by counting, or by normal distributions.
    random_state : int
        Seed of k-means and of the samples.
    """
    model = GaussianMixtures(random_state=random_state)
    extract = Extract(aucouturier_pachet, sr=SR, kw_args={"n_mfcc": 8})
    return make_pipeline(extract, MutualProximity(model, variant))


def earth_mover(n_clusters: int = 16, n_mfcc: int = 19, random_state: int = 0) -> Pipeline:
    """Logan & Salomon 2001, clusters and earth mover's distance.

    MFCC 1 to 19 of 25-ms frames, 16 k-means clusters a track, optimal transport between them at
    the cost of their symmetrised Kullback-Leibler divergence (from memory). Learns nothing from
    other tracks.

    Parameters
    ----------
    n_clusters : int
        Clusters a track.
    n_mfcc : int
        MFCC, c0 left out.
    random_state : int
        Seed of k-means.
    """
    extract = Extract(logan_salomon, sr=SR, kw_args={"n_mfcc": n_mfcc})
    return make_pipeline(extract, KMeansSignatures(n_clusters, random_state=random_state))


def g1c(
    timbre: float = 0.7,
    pattern: float = 0.1,
    bass: float = 0.1,
    gravity: float = 0.1,
    random_state: int = 0,
) -> Pipeline:
    """Pampalk 2006, G1C.

    Timbre by one Gaussian of 20 MFCC, fluctuation pattern, its bass and its gravity; each distance
    standardised over training pairs, then summed by weight (from memory).

    Parameters
    ----------
    timbre, pattern, bass, gravity : float
        Weights of the four distances; ``pattern=0,bass=0,gravity=0`` is G1.
    random_state : int
        Seed of the pairs.
    """
    weights = (timbre, pattern, bass, gravity)
    return make_pipeline(Extract(g1c_features, sr=SR), G1C(weights, random_state=random_state))


def mfcc_stats(n_mfcc: int = 20) -> Pipeline:
    """MFCC statistics, Euclidean.

    Mean and deviation of 20 MFCC of the central minute, standardised over the training items: the
    floor that a distance between models has to beat.

    Parameters
    ----------
    n_mfcc : int
        MFCC, c0 included.
    """
    extract = Extract(statistics, sr=SR, kw_args={"n_mfcc": n_mfcc})
    return make_pipeline(extract, StandardScaler())


def random_order(seed: int = 0) -> Pipeline:
    """Random order.

    Distances drawn by a hash of the two sounds: what chance gives. The same sounds, the same order.

    Parameters
    ----------
    seed : int
        Another number, another order.
    """
    return make_pipeline(Extract(hashed, sr=SR, kw_args={"seed": seed}), RandomOrder())


def _frames(n_mfcc: int) -> Extract:
    return Extract(mandel_ellis, sr=SR, kw_args={"n_mfcc": n_mfcc})


gmm_2002.cite = "aucouturier2002music"  # type: ignore[attr-defined]
gmm_2002_mp.cite = "aucouturier2002music"  # type: ignore[attr-defined]
gmm_2004.cite = "aucouturier2004improving"  # type: ignore[attr-defined]
gaussian.cite = "mandel2005song"  # type: ignore[attr-defined]
gaussian_mp.cite = "schnitzer2012local"  # type: ignore[attr-defined]
gaussian_js.cite = "schnitzer2012local"  # type: ignore[attr-defined]
gaussian_js_mp.cite = "schnitzer2012local"  # type: ignore[attr-defined]
earth_mover.cite = "logan2001music"  # type: ignore[attr-defined]
g1c.cite = "pampalk2006computational"  # type: ignore[attr-defined]
_PUBLISHED: tuple[Any, ...] = (
    gmm_2002,
    gmm_2002_mp,
    gmm_2004,
    gaussian,
    gaussian_mp,
    gaussian_js,
    gaussian_js_mp,
    earth_mover,
    g1c,
)
for _method in _PUBLISHED:
    _method.family = "hand-crafted"
mfcc_stats.family = random_order.family = "baseline"  # type: ignore[attr-defined]
