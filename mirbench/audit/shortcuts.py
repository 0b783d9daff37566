"""Shortcuts: can a trivial number of the signal, or the file's coding, tell the classes apart?

A figure on few groups is luck easily, so a shortcut is reported where the area under the ROC curve is
over `SUSPICIOUS` and over what chance reaches with so many groups (`chance`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import norm, rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, QuantileTransformer

from mirbench.audit.measure import Measured

SUSPICIOUS = 0.9  # AUC
FOLDS = 5
LEVEL = 0.05  # chance of one false alarm or more in a corpus
DRAWS = 200
CODEC = "codec"
MADE = "level, bandwidth, rate and coding together"
TRANSFER = (
    "level (dB)",
    "bandwidth (Hz)",
    "cut-off (Hz)",
    "fall at the cut-off (dB)",
    "energy above 8 kHz (dB re all)",
    "DC offset (re RMS)",
    "sampling rate (Hz)",
    "channels",
)
"""Numbers that recording, encoding and copying set; with the codec they are `MADE` together."""


class Probe(NamedTuple):
    """Area under the ROC curve by group, and its 95 % interval over groups."""

    auc: float
    low: float
    high: float


def probe(
    measured: Sequence[Measured], labels: np.ndarray, groups: np.ndarray, random_state: int = 0
) -> dict[str, Probe]:
    """Area under the ROC curve (one class against the rest, mean) of each number, and of the coding.

    A quadratic logistic regression on the number's rank, cross-validated by group (our choice: it
    sees "more", "less" and "in between"); intervals from groups drawn with replacement.

    Parameters
    ----------
    measured : sequence of Measured, n
    labels, groups : ndarray of str, shape (n,)

    Returns
    -------
    dict of str to Probe
        Empty if there is one class, or a class with fewer than two groups.
    """
    classes, codes = np.unique(labels, return_inverse=True)
    per_class = groups_a_class(labels, groups)
    if len(classes) < 2 or min(per_class) < 2:
        return {}
    splitter = StratifiedGroupKFold(min(FOLDS, *per_class), shuffle=True, random_state=random_state)
    folds = list(splitter.split(codes, codes, groups))
    columns = {
        name: np.array([m.numbers[name] for m in measured])[:, None] for name in measured[0].numbers
    }
    codecs = np.array([m.codec for m in measured])
    columns[CODEC] = (codecs[:, None] == np.unique(codecs)).astype(float)
    columns[MADE] = np.hstack([columns[name] for name in (CODEC, *TRANSFER) if name in columns])
    rng = np.random.RandomState(random_state)
    drawn = _drawn(groups, rng)
    return {name: _probe(column, codes, folds, drawn) for name, column in columns.items()}


def groups_a_class(labels: np.ndarray, groups: np.ndarray) -> list[int]:
    """How many groups each class has."""
    return [len(set(groups[labels == c])) for c in np.unique(labels)]


def chance(per_class: Sequence[int], n_probes: int) -> float:
    """What one of ``n_probes`` AUCs passes by luck in one of 20 corpora whose numbers say nothing.

    The normal approximation of Mann and Whitney's statistic, as if all items of a group were one
    (the worst case), for the class with fewest groups against the rest, after Bonferroni.
    """
    few, rest = min(per_class), sum(per_class) - min(per_class)
    spread = np.sqrt((few + rest + 1) / (12 * few * rest))
    return float(0.5 + norm.ppf(1 - LEVEL / n_probes) * spread)


def _drawn(groups: np.ndarray, rng: np.random.RandomState) -> list[np.ndarray]:
    """Rows of groups drawn with replacement, `DRAWS` times."""
    _, codes = np.unique(groups, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    return [
        np.concatenate([rows[g] for g in rng.randint(len(rows), size=len(rows))])
        for _ in range(DRAWS)
    ]


def _probe(column: np.ndarray, codes: np.ndarray, folds: list, drawn: list[np.ndarray]) -> Probe:
    if np.ptp(column, axis=0).max() == 0:
        return Probe(0.5, 0.5, 0.5)
    scores = np.full((len(codes), codes.max() + 1), np.nan)
    for train, test in folds:
        if len(set(codes[train])) < 2:
            continue
        model = make_pipeline(
            QuantileTransformer(n_quantiles=min(100, len(train))),
            PolynomialFeatures(2, include_bias=False),
            LogisticRegression(C=10.0, max_iter=1000),
        ).fit(column[train], codes[train])
        predicted = model.predict_proba(column[test])
        scores[np.ix_(test, model[-1].classes_)] = predicted
    fold = np.zeros(len(codes), int)
    for number, (_, test) in enumerate(folds):
        fold[test] = number
    auc = _auc(scores, codes, fold)
    aucs = [_auc(scores[rows], codes[rows], fold[rows]) for rows in drawn]
    low, high = np.percentile(aucs, [2.5, 97.5])
    return Probe(auc, float(min(low, auc)), float(max(high, auc)))


def _auc(scores: np.ndarray, codes: np.ndarray, fold: np.ndarray) -> float:
    """Mean over folds and classes of the AUC of one class against the rest; 0.5 where there is none."""
    aucs = []
    for number in np.unique(fold):
        here = fold == number
        for code in range(scores.shape[1]):
            if scores.shape[1] == 2 and code == 0:
                continue  # the mirror image of class 1
            hit, score = codes[here] == code, scores[here, code]
            if 0 < hit.sum() < len(hit) and not np.isnan(score).any():
                aucs.append(_area(hit, score))
    return float(np.mean(aucs)) if aucs else 0.5


def _area(hit: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve, from ranks: hundreds of draws ask for it."""
    n, ranks = int(hit.sum()), rankdata(score)
    return float((ranks[hit].sum() - n * (n + 1) / 2) / (n * (len(hit) - n)))
