"""The three segmentation strategies as methods, over the scores of a frame method."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from baselines.scheirer_slaney.classifiers import GMMClassifier
from baselines.scheirer_slaney.methods import gmm, knn
from baselines.segmentation.features import timbre
from baselines.segmentation.joint import JointViterbi
from baselines.segmentation.label_then_segment import LabelThenSegment
from baselines.segmentation.segment_then_label import SegmentThenLabel
from mirbench.errors import MethodError
from mirbench.estimators import PerFrame
from mirbench.features import Extract
from mirbench.features.spectral import mfcc

FRAMES = ("gmm", "knn", "mfcc", "cnn")
EQUAL_PRIORS = ("gmm", "mfcc")
"""Frame methods whose posteriors assume equal priors: what they are divided by to get p(x|s)."""


def segment_a(
    frames: str = "gmm",
    median_s: float = 2.0,
    hysteresis: float = 0.0,
    min_s: float = 1.0,
    random_state: int = 0,
) -> LabelThenSegment:
    """Label, then segment (Royo-Letelier 2015, strategy A).

    Frame posteriors, running median, runs merged, short runs given to their longer neighbour.
    ``median_s=0,min_s=0`` are the raw frame decisions.

    Parameters
    ----------
    frames : {"gmm", "knn", "mfcc", "cnn"}
        Frame method: Scheirer & Slaney's 13 descriptors with a GMM or k-NN, 20 MFCC with their
        slopes and a GMM, or the CNN on log-mel patches.
    median_s : float
        Length of the running median (s).
    hysteresis : float
        Lead in posterior that a rival class needs to take over.
    min_s : float
        Shortest segment (s).
    random_state : int
        Seed of the frame method, if it has one.
    """
    base = frame_method(frames, random_state)
    return LabelThenSegment(base, median_s=median_s, hysteresis=hysteresis, min_s=min_s)


def segment_b(
    frames: str = "gmm",
    detector: str = "novelty",
    kernel_s: float = 3.0,
    penalty: float = 1.0,
    random_state: int = 0,
) -> SegmentThenLabel:
    """Segment, then label (Royo-Letelier 2015, strategy B).

    Boundaries from 13 MFCC: checkerboard novelty (Foote 2000) or delta-BIC on a growing window (Chen
    & Gopalakrishnan 1998); each segment takes the class with the highest mean log-posterior.

    Parameters
    ----------
    frames : {"gmm", "knn", "mfcc", "cnn"}
        As in strategy A.
    detector : {"novelty", "bic"}
        How boundaries are found.
    kernel_s : float
        Half-width of the checkerboard kernel (s).
    penalty : float
        The lambda of the BIC.
    random_state : int
        Seed of the frame method, if it has one.
    """
    return SegmentThenLabel(
        frame_method(frames, random_state),
        detector=detector,
        kernel_s=kernel_s,
        penalty=penalty,
        features=Extract(timbre),
    )


def segment_c(
    frames: str = "gmm", min_s: float = 0.0, scale: float = 1.0, random_state: int = 0
) -> JointViterbi:
    """Both at once, a hidden Markov model (Royo-Letelier 2015, strategy C).

    States are classes, emissions the frame posteriors over the prior that they assume (equal for the
    mixtures, the share of training time for the others), stays as long as in training or 10 s.

    Parameters
    ----------
    frames : {"gmm", "knn", "mfcc", "cnn"}
        As in strategy A.
    min_s : float
        Shortest segment (s).
    scale : float
        Factor on the emissions: 1 takes the frames for independent.
    random_state : int
        Seed of the frame method, if it has one.
    """
    prior = "uniform" if frames in EQUAL_PRIORS else "training"
    return JointViterbi(frame_method(frames, random_state), prior=prior, min_s=min_s, scale=scale)


def frame_method(frames: str, random_state: int = 0) -> Any:
    """Frame method of that name.

    Raises
    ------
    MethodError
        Unknown name.
    """
    if frames == "gmm":
        return gmm(random_state=random_state)
    if frames == "knn":
        return knn()
    if frames == "mfcc":
        return mfcc_gmm(random_state=random_state)
    if frames == "cnn":
        from deep.frame_cnn import cnn_frames  # torch takes seconds to import

        return cnn_frames(random_state=random_state)
    raise MethodError(f"unknown frame method {frames!r}; use one of {', '.join(FRAMES)}")


def mfcc_gmm(n_components: int = 8, random_state: int = 0) -> Any:
    """MFCC and Gaussian mixtures, frame by frame.

    MFCC 1 to 20 of 46-ms frames and their slopes over 9 frames (180 ms), standardised; a diagonal
    mixture per class, equal priors. The 0th coefficient is left out: level is a shortcut.

    Parameters
    ----------
    n_components : int
        Gaussians per class (our choice: 8, as many as Scheirer & Slaney's row has).
    random_state : int
        Seed of the start of EM.
    """
    classifier = GMMClassifier(n_components=n_components, random_state=random_state)
    return make_pipeline(
        Extract(timbre_slopes), PerFrame(make_pipeline(StandardScaler(), classifier))
    )


def timbre_slopes(signal: np.ndarray, sr: float) -> np.ndarray:
    """MFCC 1 to 20 and their slopes on the 20-ms grid: float32, shape (n_frames, 40)."""
    coefficients = mfcc(signal, sr, n_mfcc=21, deltas=1, hop_length=round(0.02 * sr))
    return coefficients[:, [*range(1, 21), *range(22, 42)]]


def context(frames: str = "gmm", **_: Any) -> tuple[float, float]:
    """Past and future (s) that a frame's score rests on, at most, for a stream."""
    return {"gmm": (8.0, 0.0), "knn": (8.0, 0.0), "mfcc": (0.2, 0.2)}.get(frames, (8.0, 1.2))


def _family(frames: str = "gmm", **others: object) -> str:
    return "deep" if frames == "cnn" else "hand-crafted"


segment_a.family = segment_b.family = segment_c.family = _family  # type: ignore[attr-defined]
segment_a.cite = segment_b.cite = segment_c.cite = "royoletelier2015"  # type: ignore[attr-defined]
segment_a.context_s = segment_b.context_s = segment_c.context_s = context  # type: ignore[attr-defined]
mfcc_gmm.family = "hand-crafted"  # type: ignore[attr-defined]
mfcc_gmm.context_s = context("mfcc")  # type: ignore[attr-defined]
