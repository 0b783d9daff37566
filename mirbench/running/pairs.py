"""Sounds and videos of a test set: handed out blind and in two orders, answers checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from mirbench.errors import MethodError
from mirbench.items import as_items, ragged
from mirbench.pairs import MOST_HZ, peaks, scores_fault

Matched = tuple[np.ndarray, np.ndarray]


def matched(
    estimator: BaseEstimator,
    tests: Mapping[str, np.ndarray],
    videos: Mapping[str, np.ndarray],
    spec: str,
) -> dict[str, list[Matched]]:
    """What a method says of every sound of every test set.

    Sounds and videos come in the order of their content keys, which says nothing of which belong
    together; which do is shown to ``localise`` alone, after the last ``match``.

    Parameters
    ----------
    estimator : BaseEstimator
        Fitted, with ``match(X, V)`` and perhaps ``localise(X, V)``.
    tests, videos : mapping of str to ndarray of object, shape (n_items,)
        Items of each test set, and the video of each of its items.
    spec : str
        Name of the method, for messages.

    Returns
    -------
    dict of str to list of (ndarray of shape (n_items,), ndarray of shape (n_frames, 2))
        Of each sound its scores with all videos, in the order of their items, and the peaks of its map
        (`mirbench.pairs.peaks`), none where the method doesn't localise. float32.

    Raises
    ------
    MethodError
        No ``match``, or answers of another shape, NaN or infinite.
    """
    if not hasattr(estimator, "match"):
        raise MethodError(
            f"{spec}: has no match(X, V); a method of pairs gives each sound a score with each video"
        )
    scores = {name: _scores(estimator, X, videos[name], spec) for name, X in tests.items()}
    found = {}
    for name, X in tests.items():
        shown = _peaks(estimator, X, videos[name], spec)
        found[name] = list(zip(scores[name], shown, strict=True))
    return found


def _scores(estimator: Any, X: np.ndarray, V: np.ndarray, spec: str) -> np.ndarray:
    rows = np.argsort([item.key for item in X], kind="stable")
    columns = np.argsort([video.key for video in V], kind="stable")
    answer = estimator.match(
        as_items(X[i].blind() for i in rows), ragged(V[i].blind() for i in columns)
    )
    given = np.asarray(answer)
    if np.iscomplexobj(given) or given.dtype == object:
        raise MethodError(f"{spec}: match must give an array of real numbers")
    given = given.astype(np.float64)
    if fault := scores_fault(given, len(rows), len(columns)):
        raise MethodError(f"{spec}: {fault}")
    scores = np.empty(given.shape, dtype=np.float32)
    scores[np.ix_(rows, columns)] = given
    return scores


def _peaks(estimator: Any, X: np.ndarray, V: np.ndarray, spec: str) -> list[np.ndarray]:
    if not hasattr(estimator, "localise"):
        return [np.zeros((0, 2), dtype=np.float32)] * len(X)
    order = np.argsort([item.key for item in X], kind="stable")
    maps = estimator.localise(
        as_items(X[i].blind() for i in order), ragged(V[i].blind() for i in order)
    )
    if len(maps) != len(order):
        raise MethodError(f"{spec}: localise gave {len(maps)} maps for {len(order)} videos")
    shown: list[np.ndarray] = [np.zeros((0, 2), dtype=np.float32)] * len(X)
    for i, one in zip(order, maps):
        found = np.asarray(one, dtype=np.float64)
        if found.ndim != 3 or not found.size or not np.isfinite(found).all():
            raise MethodError(
                f"{spec}: localise must give finite maps of shape (n_frames, h, w), one a video; got "
                f"{found.shape}"
            )
        if len(found) > MOST_HZ * V[i].duration_s + 1:
            raise MethodError(
                f"{spec}: localise gave {len(found)} maps of {V[i].duration_s:g} s; give {MOST_HZ} a "
                "second at the most"
            )
        shown[i] = peaks(found)
    return shown
