"""Features of a note as they are, or by their principal components: what learned metrics must beat."""

from __future__ import annotations

from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from baselines.linear_metric import SR, LinearMetric, timbre_statistics
from baselines.peeters.descriptors import describe
from baselines.peeters.transforms import GuardedPower
from mirbench.features import Extract


def mfcc_rows() -> Pipeline:
    """MFCC statistics, standardised.

    Mean and deviation of 20 MFCC, deviation of their derivatives (`baselines.linear_metric`), each feature
    with unit deviation over the training notes; the Euclidean distance. No label is looked at.
    """
    return make_pipeline(Extract(timbre_statistics, sr=SR), StandardScaler())


def mfcc_components(variance: float = 0.95) -> LinearMetric:
    """MFCC statistics, principal components.

    As `mfcc_rows`, then the components that hold most of the variance of the training notes. No label is
    looked at.

    Parameters
    ----------
    variance : float
        Share that is held, 0 to 1; our choice.
    """
    return LinearMetric(Extract(timbre_statistics, sr=SR), PCA(variance))


def peeters_rows() -> Pipeline:
    """Peeters' descriptors, standardised.

    The descriptors of `baselines.peeters`, each by a power and with unit deviation over the training notes;
    the Euclidean distance. No label is looked at.
    """
    return make_pipeline(Extract(describe, sr=44_100), GuardedPower("box-cox"))


mfcc_rows.family = mfcc_components.family = peeters_rows.family = "hand-crafted"  # type: ignore[attr-defined]
