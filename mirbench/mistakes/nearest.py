"""The training examples nearest to an item, as the method itself describes sound where it can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import librosa
import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from mirbench.features import Extract
from mirbench.methods import Method, find_all
from mirbench.neighbours import euclidean, first

Rows = Callable[[np.ndarray], np.ndarray]


def mfcc_statistics(signal: np.ndarray, sr: int) -> np.ndarray:
    """Mean and standard deviation of 20 MFCC over time, (40,)."""
    frames = librosa.feature.mfcc(y=signal, sr=sr, n_mfcc=20)
    return np.concatenate([frames.mean(axis=1), frames.std(axis=1)]).astype(np.float32)


def nearest_training(
    method: Method | None, seed: int, train: np.ndarray, y: np.ndarray, tested: np.ndarray
) -> tuple[np.ndarray, np.ndarray, str]:
    """All distances from tested items to training items, and what they are measured on.

    The features that the method gives its last step, fitted on the training items; else what it
    extracts; else (and where there is no method, or these fail) MFCC statistics. Frames are pooled to
    mean and standard deviation, columns scaled by the training items, distances Euclidean.

    Parameters
    ----------
    method : Method or None
        None for predictions made elsewhere.
    seed : int
    train, tested : ndarray of Item
    y : ndarray
        Targets of ``train``.

    Returns
    -------
    distances : ndarray of shape (n_tested, n_train)
    order : ndarray of int, shape (n_tested, n_train)
        Positions in ``train``, nearest first.
    words : str
    """
    *own, last = _descriptions(method, seed, train, y)
    for words, rows in own:
        # a method's features may be of any shape or fail on a part: the words say which were used
        with suppress(Exception):
            return *_between(rows, train, tested), words
    words, rows = last
    return *_between(rows, train, tested), words


def _between(rows: Rows, train: np.ndarray, tested: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    near, far = _pooled(rows(train)), _pooled(rows(tested))
    mean, spread = near.mean(axis=0), near.std(axis=0)
    kept = spread > 1e-12 * np.maximum(1, np.abs(mean))
    near, far = ((x[:, kept] - mean[kept]) / spread[kept] for x in (near, far))
    distances = euclidean(far, near)
    return distances, np.array([first(row, len(row)) for row in distances])


def _descriptions(
    method: Method | None, seed: int, train: np.ndarray, y: np.ndarray
) -> Iterator[tuple[str, Rows]]:
    if method is not None:
        estimator = method.build(seed)
        steps = _steps(estimator)
        if len(steps) > 1 and all(hasattr(step, "transform") for step in steps[:-1]):
            front = Pipeline([(str(i), clone(step)) for i, step in enumerate(steps[:-1])])
            words = f"the features that {method.spec} gives its {type(steps[-1]).__name__}"
            with suppress(Exception):
                yield words, front.fit(train, y).transform
        for extract in find_all(estimator, Extract)[:1]:
            yield f"the features that {method.spec} extracts", extract.transform
    yield (
        "mean and deviation of 20 MFCC, not the method's own features",
        Extract(mfcc_statistics, sr=22_050).transform,
    )


def _steps(estimator: BaseEstimator) -> list[BaseEstimator]:
    """Steps of a pipeline, and of the pipeline that is its last step, and so on."""
    if not isinstance(estimator, Pipeline):
        return [estimator]
    *front, last = (step for _, step in estimator.steps)
    return [*front, *_steps(last)]


def _pooled(rows: np.ndarray) -> np.ndarray:
    vectors = []
    for row in rows:
        row = np.asarray(row, dtype=float)
        if row.ndim > 1:
            row = row.reshape(len(row), -1)
            row = np.concatenate([row.mean(axis=0), row.std(axis=0)])
        vectors.append(row)
    return np.stack(vectors)
