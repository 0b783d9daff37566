"""What one gets without listening: the class shares of the training items."""

from __future__ import annotations

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from mirbench.estimators import PerFrame
from mirbench.features import Extract

from .scheirer_slaney.windows import frames_of


def prior() -> DummyClassifier:
    """Class shares of the training items.

    Every item gets the shares of the classes in training as its scores; the largest class wins. A
    method that is no better has learned nothing.
    """
    return DummyClassifier(strategy="prior")


def prior_frames() -> Pipeline:
    """Class shares of the training frames.

    Every 20-ms frame gets the shares of the classes among the training frames as its scores.
    """
    return make_pipeline(Extract(no_feature), PerFrame(DummyClassifier(strategy="prior")))


def no_feature(signal: np.ndarray, sr: float) -> np.ndarray:
    """A zero per 20-ms frame: float32, shape (n_frames, 1)."""
    return np.zeros((len(frames_of(signal, sr)), 1), dtype=np.float32)


prior.family = prior_frames.family = "baseline"  # type: ignore[attr-defined]
