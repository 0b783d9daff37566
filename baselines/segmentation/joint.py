"""Strategy C: cut and label at once with a hidden Markov model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from baselines.segmentation.wrapper import ScoreSegmenter, log_posterior
from mirbench.apply.segments import join_runs
from mirbench.errors import MethodError
from mirbench.frames import Segment


class JointViterbi(ScoreSegmenter):
    """States are classes, emissions the scaled likelihoods of a frame method, decoded by Viterbi.

    Emission ``log p(s|x) - log p(s)``; a state is left with probability ``1 / (D_s fps)``, equally
    for each other state, where ``D_s`` is its mean duration in training (Royo-Letelier, 2015, from
    memory; the scaled likelihood after Bourlard and Morgan, 1994).

    Parameters
    ----------
    base : estimator
        Frame method: ``predict_proba(items)`` gives (n_frames, n_classes) an item.
    prior : {'training', 'uniform'}
        ``p(s)``: share of the training time, or equal. Use 'uniform' for a frame method that assumes
        equal priors itself.
    duration_s : float
        ``D_s`` (s) of a class that has no segments in training (our choice: 10 s). Items with one
        label over their whole length are cut-outs: they say nothing about durations.
    min_s : float
        Least duration of a state (s), as by replicating it; 0 for none. The mean stays ``D_s``.
    scale : float
        Factor on the emissions. 1 takes the frames for independent; the inverse of a feature's
        memory in frames allows for their overlap.
    hop_s : float
        Frame period (s) of ``base``.

    Attributes
    ----------
    prior_ : ndarray of shape (n_classes,)
    durations_ : ndarray of shape (n_classes,)
        ``D_s`` in seconds.
    """

    def __init__(
        self,
        base: Any,
        prior: str = "training",
        duration_s: float = 10.0,
        min_s: float = 0.0,
        scale: float = 1.0,
        hop_s: float = 0.02,
    ) -> None:
        self.base = base
        self.prior = prior
        self.duration_s = duration_s
        self.min_s = min_s
        self.scale = scale
        self.hop_s = hop_s

    def fit(self, X: np.ndarray, y: np.ndarray) -> JointViterbi:
        """Fit the frame method, the prior and the durations.

        Raises
        ------
        MethodError
            Unknown ``prior``.
        """
        if self.prior not in ("training", "uniform"):
            raise MethodError(f"unknown prior {self.prior!r}; use 'training' or 'uniform'")
        super().fit(X, y)
        shares = class_seconds([item.duration_s for item in X], y, self.classes_)
        if self.prior == "uniform":
            shares = np.ones(len(self.classes_))
        self.prior_ = shares / shares.sum()
        self.durations_ = mean_durations(y, self.classes_, self.duration_s)
        return self

    def segment(self, scores: np.ndarray, duration_s: float) -> list[Segment]:
        """Segments out of frame scores, shape (n_frames, n_classes), and the length in seconds."""
        if len(scores) == 0:
            return [(0.0, float(duration_s), int(self.classes_[self.prior_.argmax()]))]
        log_prior = np.log(np.maximum(self.prior_, 1e-12))
        min_frames = max(round(self.min_s / self.hop_s), 1)
        states = viterbi(
            self.scale * (log_posterior(scores) - log_prior),
            log_prior,
            transitions(self.durations_ / self.hop_s, min_frames),
            min_frames,
        )
        return join_runs(self.classes_[states], self.hop_s, duration_s)


def class_seconds(durations: Sequence[float], y: Iterable[Any], classes: np.ndarray) -> np.ndarray:
    """Seconds of each class in training, shape (n_classes,)."""
    seconds = dict.fromkeys((int(code) for code in classes), 0.0)
    for duration, label in zip(durations, y, strict=True):
        spans = label if isinstance(label, list) else [(0.0, duration, int(label))]
        for start, end, code in spans:
            if code in seconds:
                seconds[code] += end - start
    return np.array(list(seconds.values()))


def mean_durations(y: Iterable[Any], classes: np.ndarray, default_s: float) -> np.ndarray:
    """Mean length (s) of each class's segments over the items that hold more than one.

    Parameters
    ----------
    y : iterable of int or list of (start_s, end_s, code)
    classes : ndarray of int, shape (n_classes,)
    default_s : float
        For a class without such segments.

    Returns
    -------
    ndarray of shape (n_classes,)
    """
    lengths: dict[int, list[float]] = {int(code): [] for code in classes}
    for label in y:
        if isinstance(label, list) and len(label) > 1:
            for start, end, code in label:
                lengths.setdefault(int(code), []).append(end - start)
    return np.array([np.mean(lengths[int(c)]) if lengths[int(c)] else default_s for c in classes])


def transitions(mean_frames: np.ndarray, min_frames: int = 1) -> np.ndarray:
    """Logarithm of the transition matrix.

    Parameters
    ----------
    mean_frames : ndarray of shape (n,)
        Mean stay in each state, in frames.
    min_frames : int
        Frames of a stay that are forced; the rest is geometric, so that the mean holds.

    Returns
    -------
    ndarray of shape (n, n)
        Row: from, column: to.
    """
    n = len(mean_frames)
    leave = 1 / np.maximum(mean_frames - min_frames + 1, 1 + 1e-9)
    matrix = np.tile((leave / max(n - 1, 1))[:, None], (1, n))
    np.fill_diagonal(matrix, 1 - leave if n > 1 else 1.0)
    return np.log(matrix)


def viterbi(
    log_emission: np.ndarray, log_start: np.ndarray, log_transition: np.ndarray, min_frames: int = 1
) -> np.ndarray:
    """Most probable state sequence in which no stay is shorter than ``min_frames``.

    Parameters
    ----------
    log_emission : ndarray of shape (n, n_states), n >= 1
    log_start : ndarray of shape (n_states,)
    log_transition : ndarray of shape (n_states, n_states)
        The diagonal is paid for each frame of a stay beyond ``min_frames``.
    min_frames : int
        1 is the ordinary algorithm. More is equal to a chain of ``min_frames`` copies of each state
        with the self-transition on the last, at the cost of the ordinary one.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    n, n_states = log_emission.shape
    m = min(min_frames, n)
    total = np.vstack([np.zeros(n_states), np.cumsum(log_emission, axis=0)])
    entry = log_emission if m == 1 else total[m:] - total[:-m]  # entry[i]: frames i .. i + m - 1
    stay, switch = log_transition.diagonal().copy(), log_transition.copy()
    np.fill_diagonal(switch, -np.inf)
    best = np.full((n, n_states), -np.inf)
    source = np.full((n, n_states), -1, dtype=np.int16)  # -1: stayed; s: came from state s
    best[m - 1] = log_start + total[m]
    for t in range(m, n):
        kept = best[t - 1] + stay + log_emission[t]
        routes = best[t - m][:, None] + switch
        came = routes.max(axis=0) + entry[t - m + 1]
        better = came > kept
        best[t] = np.where(better, came, kept)
        if better.any():
            source[t, better] = routes.argmax(axis=0)[better]
    states = np.empty(n, dtype=np.int64)
    t, state = n - 1, int(best[-1].argmax())
    while t >= m:
        previous = int(source[t, state])
        back = 1 if previous < 0 else m
        states[t - back + 1 : t + 1] = state
        t, state = t - back, state if previous < 0 else previous
    states[: t + 1] = state
    return states
