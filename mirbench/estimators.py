"""Small estimators that make scikit-learn classifiers answer on the frame grid; splitters over items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import StratifiedGroupKFold

from mirbench.errors import MethodError
from mirbench.frames import Grid, segments_to_frames
from mirbench.items import ragged


class PerFrame(ClassifierMixin, BaseEstimator):
    """Fit a classifier on frames, answer frame by frame.

    Stands behind a step that gives (n_frames, d) an item, frame ``i`` covering
    ``[i * hop_s, (i + 1) * hop_s)``.

    Parameters
    ----------
    base : classifier
        Any scikit-learn classifier with ``predict_proba``.
    hop_s : float
        Frame period in seconds.
    scored_from_s : float
        Frames before this time (s) are left out of training, as they are out of scoring.
    every : int
        Train on every ``every``-th frame (1 = all).

    Attributes
    ----------
    classes_ : ndarray of int64
    base_ : fitted classifier
    """

    def __init__(
        self, base: Any, hop_s: float = 0.02, scored_from_s: float = 5.0, every: int = 1
    ) -> None:
        self.base = base
        self.hop_s = hop_s
        self.scored_from_s = scored_from_s
        self.every = every

    def fit(self, X: Sequence[np.ndarray], y: Sequence[Any]) -> PerFrame:
        """Fit on the frames of ``X``; ``y`` holds a code or a list of segments an item.

        Raises
        ------
        MethodError
            No training item is longer than ``scored_from_s``.
        """
        grid = Grid(self.hop_s, self.scored_from_s)
        frames, codes = [], []
        for rows, label in zip(X, y, strict=True):
            labels = frame_codes(label, len(rows), grid)
            # whole programmes are labelled from 0 s on; clips are used where they are scored
            first = 0 if isinstance(label, list) and len(label) > 1 else grid.first_scored
            keep = np.flatnonzero(labels >= 0)
            keep = keep[keep >= first][:: self.every]
            frames.append(rows[keep])
            codes.append(labels[keep])
        target = np.concatenate(codes) if codes else np.empty(0)
        if len(target) == 0:
            raise MethodError(
                f"no training frame after {self.scored_from_s} s: the training items are too short; "
                "lower scored_from_s or give longer recordings"
            )
        self.base_ = clone(self.base).fit(np.concatenate(frames), target)
        self.classes_ = self.base_.classes_
        return self

    def predict_proba(self, X: Sequence[np.ndarray]) -> np.ndarray:
        """Class probabilities: object array of (n_frames, n_classes)."""
        lengths = [len(rows) for rows in X]
        if sum(lengths) == 0:
            return ragged(np.empty((0, len(self.classes_))) for _ in lengths)
        joined = self.base_.predict_proba(np.concatenate([rows for rows in X if len(rows)]))
        return ragged(np.split(joined, np.cumsum(lengths)[:-1]))

    def predict(self, X: Sequence[np.ndarray]) -> np.ndarray:
        """Codes: object array of (n_frames,)."""
        return ragged(self.classes_[rows.argmax(axis=1)] for rows in self.predict_proba(X))


def frame_codes(label: Any, n_frames: int, grid: Grid) -> np.ndarray:
    """Code of each frame of an item labelled with one code or a list of (start_s, end_s, code)."""
    if isinstance(label, list):
        return segments_to_frames(label, grid.centres(n_frames))
    return np.full(n_frames, int(label), dtype=np.int64)


class GroupItems:
    """Stratified k-fold splitter over items that keeps the items of a group together.

    Reads ``item.group``, so it needs no metadata routing: pass it as ``cv`` to any search, stacking
    or calibration that wraps the whole pipeline.

    Parameters
    ----------
    n_splits : int
    random_state : int
    """

    def __init__(self, n_splits: int = 5, random_state: int = 0) -> None:
        self.n_splits = n_splits
        self.random_state = random_state

    def split(
        self, X: np.ndarray, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(train, test) positions; MethodError where an item has no group."""
        names = [item.group for item in X]
        if any(name is None for name in names):
            raise MethodError("GroupItems needs items with groups; use it while training only")
        folds = StratifiedGroupKFold(self.n_splits, shuffle=True, random_state=self.random_state)
        target = np.zeros(len(X), dtype=int) if y is None else np.asarray(y)
        yield from folds.split(np.zeros((len(X), 1)), target, np.asarray(names))

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Number of folds."""
        return self.n_splits


class CorpusOut:
    """Leave-one-corpus-out splitter over items: settings are chosen for a corpus not heard yet.

    Reads ``item.corpus``; pass it as ``cv`` to any search that wraps the whole pipeline. Where all
    training items are of one corpus it falls back on ``GroupItems(n_splits)``.

    Parameters
    ----------
    n_splits : int
        Folds by group where there is one corpus only.
    random_state : int
    """

    def __init__(self, n_splits: int = 5, random_state: int = 0) -> None:
        self.n_splits = n_splits
        self.random_state = random_state

    def split(
        self, X: np.ndarray, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(train, test) positions, a corpus out each; MethodError where an item has no corpus.

        Items whose label no other corpus holds are left out of the test part.
        """
        names = _corpora(X)
        if len(set(names)) < 2:
            yield from GroupItems(self.n_splits, self.random_state).split(X, y)
            return
        target = np.zeros(len(X), dtype=int) if y is None else np.asarray(y)
        for name in dict.fromkeys(names):
            out = names == name
            known = np.isin(target, target[~out])
            yield np.flatnonzero(~out), np.flatnonzero(out & known)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Number of corpora, or of folds where there is one only."""
        n = 1 if X is None else len(set(_corpora(X)))
        return n if n > 1 else self.n_splits


def _corpora(X: np.ndarray) -> np.ndarray:
    names = [item.corpus for item in X]
    if any(name is None for name in names):
        raise MethodError("CorpusOut needs items with a corpus; use it while training only")
    return np.asarray(names)
