"""A hidden Markov model of lines of notes: an onset and a held state a note, and silence.

References
----------
.. [1] L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech
   recognition", Proceedings of the IEEE 77(2), 1989, sections III.B (Viterbi), VI.A (left-right models)
   and V.B (segmental k-means); from memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from librosa.sequence import viterbi
from scipy.stats import multivariate_normal
from sklearn.base import BaseEstimator
from sklearn.covariance import LedoitWolf
from sklearn.utils.validation import check_is_fitted

from baselines.sequences.codes import code_lines
from baselines.sequences.frames import N_CHROMA, SR, note_frames
from mirbench.features import Extract
from mirbench.items import ragged

ONSET, HELD = 0, 1
ONSET_FRAMES = 2
"""Frames of an onset in the first alignment."""
SILENT = -3.0
"""Level (tens of dB under the loudest frame) below which a frame is silence in the first alignment."""


class HmmLine(BaseEstimator):
    """States ``2 k`` (onset) and ``2 k + 1`` (held) of each note ``k``, and silence, the last.

    Taught without times, by Viterbi training (segmental k-means, [1]_): each line's notes are spread
    evenly over its frames, states get their means and transitions, lines are aligned anew to the
    left-right model of their notes, and so on. Emissions are Gaussians with a mean a state and one
    full, shrunk covariance each for onsets, held notes and silence. A line is read off the best path as
    the onsets that it enters, so that a repeated note counts twice.

    Parameters
    ----------
    extract : Extract
        Gives `note_frames` of an item.
    n_iter : int
        Alignments after the first.
    scale : float
        Factor on the log likelihoods of frames, which overlap; chosen on lines of another seed of the
        generator than any protocol tests on.

    Attributes
    ----------
    codes_ : ndarray of int64
        Tokens of the training lines.
    means_ : ndarray, shape (2 n_codes + 1, n_features)
    covariances_ : ndarray, shape (3, n_features, n_features)
        Of onsets, held notes, silence.
    transitions_ : ndarray, shape (2 n_codes + 1, 2 n_codes + 1)
    likelihoods_ : list of float
        Mean log likelihood (nats) of a frame along its path, before each new estimate.
    """

    def __init__(self, extract: Any, n_iter: int = 8, scale: float = 0.25) -> None:
        self.extract = extract
        self.n_iter = n_iter
        self.scale = scale

    def fit(self, X: np.ndarray, y: np.ndarray) -> HmmLine:
        """Align and estimate in turn; ``y`` holds arrays of codes, in the order of the notes.

        Raises
        ------
        MethodError
            What `code_lines` refuses.
        """
        told = code_lines(X, y)
        self.codes_ = np.unique(np.concatenate(told))
        lines = [np.searchsorted(self.codes_, line) for line in told]
        frames = list(self.extract.transform(X))
        paths = [spread(rows, line, self._silence) for rows, line in zip(frames, lines)]
        self.likelihoods_: list[float] = []
        for turn in range(self.n_iter + 1):
            self._estimate(frames, paths)
            if turn < self.n_iter:
                found = [self._aligned(rows, line) for rows, line in zip(frames, lines)]
                paths = [path for path, _ in found]
                total = sum(own[np.arange(len(p)), p].sum() for p, own in found)
                self.likelihoods_.append(float(total / sum(map(len, paths))))
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The codes of each line's best path."""
        check_is_fitted(self)
        start = np.zeros(len(self.means_))
        start[-1], start[:-1:2] = 1.0, 1.0 / len(self.codes_)
        lines = []
        for rows in self.extract.transform(X):
            path = viterbi(
                scaled(self._scores(rows)), self.transitions_, p_init=start / start.sum()
            )
            lines.append(self.codes_[entered(path, self._silence)])
        return ragged(lines)

    @property
    def _silence(self) -> int:
        return 2 * len(self.codes_)

    def _kind(self, states: np.ndarray) -> np.ndarray:
        """0 for onsets, 1 for held notes, 2 for silence."""
        return np.where(states == self._silence, 2, states % 2)

    def _estimate(self, frames: list[np.ndarray], paths: list[np.ndarray]) -> None:
        rows, states = np.concatenate(frames).astype(np.float64), np.concatenate(paths)
        n = self._silence + 1
        kinds, every = self._kind(states), self._kind(np.arange(n))
        means = np.stack([_mean(rows, kinds == kind) for kind in range(3)])
        self.means_ = np.stack(
            [_mean(rows, states == s) if (states == s).any() else means[every[s]] for s in range(n)]
        )
        off = rows - self.means_[states]
        self.covariances_ = np.stack([_covariance(off[kinds == kind], off) for kind in range(3)])
        counts = allowed(len(self.codes_)).astype(float)
        for path in paths:
            np.add.at(counts, (path[:-1], path[1:]), 1.0)
        self.transitions_ = counts / counts.sum(axis=1, keepdims=True)

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        """Log likelihoods (nats), scaled, shape (n_frames, n_states)."""
        kinds = self._kind(np.arange(len(self.means_)))
        found = np.empty((len(rows), len(kinds)))
        for kind, covariance in enumerate(self.covariances_):
            gaussian = multivariate_normal(cov=covariance)
            for state in np.flatnonzero(kinds == kind):
                found[:, state] = gaussian.logpdf(rows - self.means_[state])
        return self.scale * found

    def _aligned(self, rows: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The best path through the left-right model of a line, and the scores of all states."""
        states = left_right(line, self._silence)
        scores = self._scores(rows)
        if len(rows) < 2 * len(line):  # too short for all of its notes
            return spread(rows, line, self._silence), scores
        steps = np.triu(self.transitions_[np.ix_(states, states)])
        place = np.arange(len(states))
        ahead = place[None] - place[:, None]
        onsets = states % 2 == ONSET
        near = (ahead <= 1) | ((ahead == 2) & (states != self._silence)[:, None] & onsets[None])
        steps = np.where((ahead >= 0) & near, steps, 0.0)
        steps /= np.maximum(steps.sum(axis=1, keepdims=True), 1e-300)
        steps[-1, -1] = 1.0
        start = np.zeros(len(states))
        start[:2] = 0.5
        own = scaled(scores[:, states])
        own[-1, :-2] = 0.0  # it ends in its last note or behind it
        return states[viterbi(own, steps, p_init=start)], scores


def allowed(n_notes: int) -> np.ndarray:
    """Which state may follow which, bool, (2 n_notes + 1, 2 n_notes + 1): an onset stays or is held; a
    held note stays, ends in silence or in any onset; silence stays or ends in any onset."""
    n = 2 * n_notes + 1
    may = np.eye(n, dtype=bool)
    may[np.arange(0, n - 1, 2), np.arange(1, n, 2)] = True
    may[1::2, :-1:2] = True
    may[1::2, -1] = may[-1, :-1:2] = True
    return may


def left_right(line: np.ndarray, silence: int) -> np.ndarray:
    """States of a line in order: silence, then onset, held and silence of each note."""
    notes = [(2 * note, 2 * note + 1, silence) for note in line]
    return np.array([silence, *(state for three in notes for state in three)])


def spread(rows: np.ndarray, line: np.ndarray, silence: int) -> np.ndarray:
    """A first path: the notes evenly over the frames that aren't silent."""
    loud = np.flatnonzero(rows[:, N_CHROMA] > SILENT)
    path = np.full(len(rows), silence)
    for note, part in zip(line, np.array_split(loud, len(line))):
        path[part] = 2 * note + HELD
        path[part[:ONSET_FRAMES]] = 2 * note + ONSET
    return path


def entered(path: np.ndarray, silence: int) -> np.ndarray:
    """Notes whose onsets a path enters, in order, as numbers of notes."""
    onsets = (path % 2 == ONSET) & (path != silence)
    first = np.concatenate([[True], path[1:] != path[:-1]])
    return path[onsets & first] // 2


def scaled(scores: np.ndarray) -> np.ndarray:
    """Likelihoods of states, 1 for the likeliest of each frame, (n_states, n_frames)."""
    return np.exp(scores - scores.max(axis=1, keepdims=True)).T


def _mean(rows: np.ndarray, where: np.ndarray) -> np.ndarray:
    return rows[where].mean(axis=0) if where.any() else rows.mean(axis=0)


def _covariance(off: np.ndarray, all_off: np.ndarray) -> np.ndarray:
    """Shrunk covariance of rows about their means; of all rows where there are too few."""
    few = len(off) < 2 * off.shape[1]
    found = LedoitWolf(assume_centered=True).fit(all_off if few else off).covariance_
    return found + 1e-6 * np.eye(len(found))


def hmm_line(n_iter: int = 8, scale: float = 0.25) -> HmmLine:
    """Hidden Markov model: an onset and a held state a note, Viterbi.

    Chroma, level and rise each 32 ms; Gaussians with one covariance a kind of state, taught by Viterbi
    training from the order of the notes alone (Rabiner 1989, from memory); the notes are the onsets
    that the best path enters. Front-end, states and the scale of the likelihoods are our choice.

    Parameters
    ----------
    n_iter : int
        Alignments of the training lines after the first.
    scale : float
        Factor on the log likelihoods of overlapping frames.
    """
    return HmmLine(Extract(note_frames, sr=SR), n_iter, scale)


hmm_line.family = "hand-crafted"  # type: ignore[attr-defined]
hmm_line.cite = "rabiner1989tutorial"  # type: ignore[attr-defined]
