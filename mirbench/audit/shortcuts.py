"""Shortcuts: can a trivial number of the signal, or the file's coding, tell the classes apart?

A figure on few groups is luck easily, so a shortcut is reported where the area under the ROC curve is
over `SUSPICIOUS` and over what chance reaches with so many groups (`chance`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, QuantileTransformer

from mirbench.audit.measure import Measured

SUSPICIOUS = 0.9  # AUC
FOLDS = 5
LEVEL = 0.05  # chance of one false alarm or more in a corpus
DRAWS = 200
PERMUTED = 1000
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
) -> tuple[dict[str, Probe], float]:
    """Area under the ROC curve (one class against the rest, mean) of each number, and of the coding.

    A quadratic logistic regression on the number's rank, cross-validated by group (our choice: it
    sees "more", "less" and "in between"); the answers of all folds are ranked together, as a fold of a
    few groups is right by luck easily. Intervals from groups drawn with replacement.

    Parameters
    ----------
    measured : sequence of Measured, n
    labels, groups : ndarray of str, shape (n,)

    Returns
    -------
    probes : dict of str to Probe
        Empty if there is one class, or a class with fewer than two groups.
    luck : float
        What `chance` reaches; NaN without probes.
    """
    classes, codes = np.unique(labels, return_inverse=True)
    per_class = [len(set(groups[labels == c])) for c in classes]
    if len(classes) < 2 or min(per_class) < 2:
        return {}, np.nan
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
    answers = {name: _answers(column, codes, folds) for name, column in columns.items()}
    probes = {}
    for name, scores in answers.items():
        auc = _auc(scores, codes)
        low, high = np.percentile([_auc(scores[rows], codes[rows]) for rows in drawn], [2.5, 97.5])
        probes[name] = Probe(auc, float(min(low, auc)), float(max(high, auc)))
    return probes, chance(list(answers.values()), labels, groups, random_state)


def chance(
    scored: Sequence[np.ndarray], labels: np.ndarray, groups: np.ndarray, random_state: int = 0
) -> float:
    """What the highest of all probes passes by luck in one of 20 corpora whose numbers say nothing.

    Labels are drawn anew over groups (over the classes' parts of them, where a group holds several),
    `PERMUTED` times, with the probes' answers as they are. 1 where so few groups allow no conclusion.

    Parameters
    ----------
    scored : sequence of ndarray, shape (n, n_classes)
        Answers of each probe.
    labels, groups : ndarray of str, shape (n,)
    """
    codes = np.unique(labels, return_inverse=True)[1]
    _, first, unit = np.unique(
        [f"{code} {group}" for code, group in zip(codes, groups)],
        return_index=True,
        return_inverse=True,
    )
    rng = np.random.RandomState(random_state)
    drawn = np.array([rng.permutation(codes[first]) for _ in range(PERMUTED)])
    size = np.bincount(unit)
    highest = np.full(PERMUTED, 0.5)
    for scores in scored:
        aucs = []
        for code in _asked(scores):
            ranks = np.bincount(unit, rankdata(scores[:, code]))
            hits = (drawn == code).astype(float)
            aucs.append(_area(hits @ ranks, hits @ size, len(unit)))
        highest = np.maximum(highest, np.mean(aucs, axis=0))
    return float(np.quantile(highest, 1 - LEVEL, method="higher"))


def _drawn(groups: np.ndarray, rng: np.random.RandomState) -> list[np.ndarray]:
    """Rows of groups drawn with replacement, `DRAWS` times."""
    _, codes = np.unique(groups, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    return [
        np.concatenate([rows[g] for g in rng.randint(len(rows), size=len(rows))])
        for _ in range(DRAWS)
    ]


def _answers(column: np.ndarray, codes: np.ndarray, folds: list) -> np.ndarray:
    """Probability of each class, shape (n, n_classes), by models that haven't seen the item's group."""
    scores = np.zeros((len(codes), codes.max() + 1))
    if np.ptp(column, axis=0).max() == 0:
        return scores
    for train, test in folds:
        if len(set(codes[train])) < 2:
            continue
        model = make_pipeline(
            QuantileTransformer(n_quantiles=min(100, len(train))),
            PolynomialFeatures(2, include_bias=False),
            LogisticRegression(C=10.0, max_iter=1000),
        ).fit(column[train], codes[train])
        scores[np.ix_(test, model[-1].classes_)] = model.predict_proba(column[test])
    return scores


def _asked(scores: np.ndarray) -> list[int]:
    """Classes whose areas differ: of two, the one is the mirror image of the other."""
    return [1] if scores.shape[1] == 2 else list(range(scores.shape[1]))


def _auc(scores: np.ndarray, codes: np.ndarray) -> float:
    """Mean over the classes there are of the AUC of one class against the rest; 0.5 of one class."""
    aucs = []
    for code in _asked(scores):
        hit = codes == code
        if 0 < hit.sum() < len(hit):
            aucs.append(_area(rankdata(scores[:, code])[hit].sum(), hit.sum(), len(hit)))
    return float(np.mean(aucs)) if aucs else 0.5


def _area(ranks: np.ndarray, n: np.ndarray, total: int) -> np.ndarray:
    """Area under the ROC curve of ``n`` hits of ``total`` whose ranks add up to ``ranks``."""
    return (ranks - n * (n + 1) / 2) / (n * (total - n))
