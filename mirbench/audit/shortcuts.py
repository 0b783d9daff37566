"""Shortcuts: can one trivial number of the signal tell the classes apart?"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, QuantileTransformer

from mirbench.audit.measure import Measured

SUSPICIOUS = 0.9  # AUC
FOLDS = 5


def probe(
    measured: list[Measured], labels: np.ndarray, groups: np.ndarray, random_state: int = 0
) -> dict[str, float]:
    """Area under the ROC curve (one class against the rest, mean) of each number.

    A quadratic logistic regression on the number's rank, cross-validated by group (our choice: it
    sees "more", "less" and "in between").

    Parameters
    ----------
    measured : list of Measured, n
    labels, groups : ndarray of str, shape (n,)

    Returns
    -------
    dict of str to float
        Empty if there is one class, or a class with fewer than two groups.
    """
    classes, codes = np.unique(labels, return_inverse=True)
    per_class = [len(set(groups[labels == c])) for c in classes]
    if len(classes) < 2 or min(per_class) < 2:
        return {}
    splitter = StratifiedGroupKFold(min(FOLDS, *per_class), shuffle=True, random_state=random_state)
    folds = list(splitter.split(codes, codes, groups))
    return {
        name: _auc(np.array([m.numbers[name] for m in measured]), codes, folds)
        for name in measured[0].numbers
    }


def _auc(number: np.ndarray, codes: np.ndarray, folds: list) -> float:
    if np.ptp(number) == 0:
        return 0.5
    aucs = []
    for train, test in folds:
        if len(set(codes[train])) < 2:
            continue
        model = make_pipeline(
            QuantileTransformer(n_quantiles=min(100, len(train))),
            PolynomialFeatures(2, include_bias=False),
            LogisticRegression(C=10.0, max_iter=1000),
        ).fit(number[train, None], codes[train])
        scores = model.predict_proba(number[test, None])
        seen = model[-1].classes_
        for column, code in enumerate(seen):
            if len(seen) == 2 and column == 0:
                continue  # the mirror image of column 1
            if 0 < (codes[test] == code).sum() < len(test):
                aucs.append(roc_auc_score(codes[test] == code, scores[:, column]))
    return float(np.mean(aucs)) if aucs else 0.5
