"""MFCC statistics and a support vector machine: the floor that a new method has to beat."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mirbench.estimators import GroupItems, PerFrame
from mirbench.features import Extract
from mirbench.features.spectral import mfcc

from .scheirer_slaney.windows import (
    SECOND,
    hop_length,
    trailing_count,
    trailing_sum,
    trailing_variance,
)

N_MFCC = 20
FLOOR = 1e-6
"""Floor of a mel band's power: some 50 dB under white noise at -20 dB re full scale."""


def mfcc_svm(C: float = 1.0) -> CalibratedClassifierCV:
    """MFCC statistics + SVM.

    Mean and deviation of 20 MFCC and deviation of their slopes over the item, the level taken out;
    standardised; SVM with a Gaussian kernel, classes balanced. Probabilities by Platt's sigmoid on
    the margins of 5 inner folds that keep groups together. All numbers are our choice.

    Parameters
    ----------
    C : float
        Weight of training errors against the width of the margin.
    """
    machine = make_pipeline(
        Extract(mfcc_statistics), StandardScaler(), SVC(C=C, class_weight="balanced")
    )
    return CalibratedClassifierCV(machine, method="sigmoid", cv=GroupItems(5), ensemble=False)


def mfcc_svm_frames(C: float = 1.0) -> Pipeline:
    """MFCC statistics over the last second + SVM, frame by frame.

    For each 20-ms frame, mean and deviation of MFCC 1 to 19 and deviation of their differences over
    the last second; standardised; SVM with a Gaussian kernel, classes balanced, trained on one
    frame a second (windows that don't overlap). Scores are margins through a sigmoid, not
    calibrated. All numbers are our choice.

    Parameters
    ----------
    C : float
        Weight of training errors against the width of the margin.
    """
    base = make_pipeline(StandardScaler(), MarginSVC(C=C, class_weight="balanced"))
    return make_pipeline(Extract(mfcc_of_last_second), PerFrame(base, every=SECOND))


def mfcc_statistics(signal: np.ndarray, sr: float) -> np.ndarray:
    """Mean and deviation of 20 MFCC, deviation of their slopes: float32, shape (60,).

    The item is brought to an RMS of 0.1 (-20 dB re full scale) first; silence stays silence.
    """
    level = np.sqrt(np.mean(np.square(signal, dtype=np.float64)))
    signal = (signal * (0.1 / max(level, 1e-6))).astype(np.float32)
    both = mfcc(signal, sr, n_mfcc=N_MFCC, amin=FLOOR, deltas=1, hop_length=hop_length(sr))
    if not len(both):
        return np.zeros(3 * N_MFCC, dtype=np.float32)
    return np.concatenate([both[:, :N_MFCC].mean(axis=0), both.std(axis=0)])


def mfcc_of_last_second(signal: np.ndarray, sr: float) -> np.ndarray:
    """Mean and deviation of MFCC 1-19, deviation of their differences, over the last second.

    Without the 0th coefficient gain counts only where it brings bands under the floor. A frame's
    spectrum (46 ms) is centred on it; beyond that nothing looks ahead.

    Returns
    -------
    ndarray of float32, shape (n_frames, 57)
        Frame ``i`` covers ``[0.02 i, 0.02 (i + 1))`` s; the first second sees what past there is.
    """
    rows = mfcc(signal, sr, n_mfcc=N_MFCC, amin=FLOOR, hop_length=hop_length(sr))[:, 1:]
    steps = np.diff(rows, axis=0, prepend=rows[:1])
    mean = trailing_sum(rows, SECOND) / trailing_count(len(rows), SECOND)[:, None]
    deviations = np.sqrt(trailing_variance(np.hstack([rows, steps])))
    return np.hstack([mean, deviations]).astype(np.float32)


class MarginSVC(SVC):
    """SVM whose ``predict_proba`` squashes the margins: a sigmoid, or softmax for many classes.

    The largest score is the SVM's decision; the scores aren't calibrated. Platt's method would draw
    inner folds from frames, and frames of one clip would lie on both sides.

    Parameters
    ----------
    C : float
    class_weight : {"balanced", None}
    """

    def __init__(self, C: float = 1.0, class_weight: str | None = None) -> None:
        super().__init__(C=C, class_weight=class_weight, break_ties=True)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Scores that sum to 1: shape (n, n_classes)."""
        margins = self.decision_function(X)
        if margins.ndim == 1:
            return np.stack([expit(-margins), expit(margins)], axis=1)
        return softmax(margins, axis=1)


mfcc_svm.family = mfcc_svm_frames.family = "baseline"  # type: ignore[attr-defined]
