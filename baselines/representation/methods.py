"""Encoders without a net: descriptors made by hand, and the linear floor of the learned ones.

Each only transforms; what reads it is the probe that reads the nets (`mirbench.running.few_labels`).
"""

from __future__ import annotations

from sklearn.pipeline import Pipeline, make_pipeline

from baselines.mfcc_svm import mfcc_statistics
from baselines.peeters.descriptors import describe
from baselines.peeters.transforms import GuardedPower
from deep.representation.budget import log_mel
from mirbench.features import Extract

from .pca import PatchPCA


def encoder_mfcc() -> Pipeline:
    """MFCC statistics: the description that a learned one has to beat.

    Mean and deviation of 20 MFCC and deviation of their slopes over the item, the level taken out
    (`baselines.mfcc_svm`, and its cache). Nothing is fitted.
    """
    return make_pipeline(Extract(mfcc_statistics))


def encoder_peeters() -> Pipeline:
    """Peeters' descriptors, each after its power.

    The descriptors of `peeters-gaussian` (Peeters 2003 and 2004, and its cache), clipped, and brought
    near to Gaussian by Box-Cox, which needs no label; his selection and LDA need some and are left out.
    """
    return make_pipeline(Extract(describe, sr=44_100), GuardedPower())


def encoder_pca() -> Pipeline:
    """Principal components of the patches that the nets hear: as many as an embedding has numbers.

    The linear auto-encoder with the least squared error, within the same front-end and pooling.
    """
    return make_pipeline(log_mel(), PatchPCA())


encoder_mfcc.family = encoder_pca.family = "baseline"  # type: ignore[attr-defined]
encoder_peeters.family = "hand-crafted"  # type: ignore[attr-defined]
encoder_peeters.cite = "peeters2003"  # type: ignore[attr-defined]
