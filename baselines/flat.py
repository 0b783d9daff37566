"""SVM and random forest on flattened 5-s inputs: the hand-made rows of Royo-Letelier 2015."""

from __future__ import annotations

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from deep.royo_letelier_inputs import SR, functions_of
from mirbench.errors import MethodError
from mirbench.estimators import GroupItems
from mirbench.features import Extract


def flat_svm(input: str = "cmd") -> CalibratedClassifierCV:
    """SVM on flattened 5-s clips, after Royo-Letelier 2015.

    The CNN's input as one vector (3888 values for ``cmd``), standardised, RBF kernel, C = 1,
    gamma = 1 / (number of values x their variance); probabilities by Platt's sigmoid, fitted on
    margins of 5 inner folds that keep groups together. Kernel and C are not printed: our choice. Published, on private data: P/R/F
    89.8/82.2/85.8 of one class (the counts fit with P and R swapped).

    Parameters
    ----------
    input : {"cqt", "stft", "mfcc", "chroma", "cm", "cmd"}
    """
    machine = make_pipeline(
        Extract(functions_of(input), sr=SR),
        FunctionTransformer(flatten),
        StandardScaler(),
        SVC(C=1.0, kernel="rbf", gamma="scale", class_weight="balanced"),
    )
    return CalibratedClassifierCV(machine, method="sigmoid", cv=GroupItems(5), ensemble=False)


def flat_rf(input: str = "cmd", random_state: int = 0) -> Pipeline:
    """Random forest on flattened 5-s clips, after Royo-Letelier 2015.

    The CNN's input as one vector (3888 values for ``cmd``), 500 trees, classes balanced. The
    forest's size is not printed: our choice. Published, on private data: P/R/F 89.1/76.3/82.2 of
    one class.

    Parameters
    ----------
    input : {"cqt", "stft", "mfcc", "chroma", "cm", "cmd"}
    random_state : int
    """
    return make_pipeline(
        Extract(functions_of(input), sr=SR),
        FunctionTransformer(flatten),
        RandomForestClassifier(500, class_weight="balanced", random_state=random_state),
    )


def flatten(X: np.ndarray) -> np.ndarray:
    """Features of each item, all of one shape, as one row each.

    Parameters
    ----------
    X : sequence of ndarray, shape (n_frames, d)

    Returns
    -------
    ndarray of shape (n_items, n_frames * d)

    Raises
    ------
    MethodError
        If the items differ in length.
    """
    shapes = {rows.shape for rows in X}
    if len(shapes) > 1:
        raise MethodError(
            f"items of different length ({min(shapes)} to {max(shapes)}) can't be flattened: "
            "use a protocol of equal clips, such as speech-music/5s"
        )
    return np.stack([rows.ravel() for rows in X])


flat_svm.cite = flat_rf.cite = "royoletelier2015"  # type: ignore[attr-defined]
flat_svm.family = flat_rf.family = "hand-crafted"  # type: ignore[attr-defined]
