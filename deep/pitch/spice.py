"""SPICE: pitch learned without labels, from how shifts of a constant-Q spectrum move the output."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from deep.nets.architecture import n_parameters
from deep.pitch.cqt import PER_OCTAVE, SHIFTS, SR, cqt, equalised, slices, tones
from deep.pitch.spice_net import SIGMA, WEIGHTS, SpiceNet, losses
from deep.pitch.training import in_parts, train
from mirbench.features import Extract
from mirbench.items import ragged
from mirbench.pitch import HIGHEST_HZ, LOWEST_HZ

TONES = 120
"""Tones that the output is calibrated on, 60 Hz to 1.5 kHz."""
MIDDLE = SHIFTS // 2
"""Shift of the slice that answers are made from."""


class Spice(BaseEstimator):
    """Trained on the frames of the training items; no label is looked at.

    Parameters
    ----------
    extract : Extract
        Gives (n_frames, 136) for an item.
    width : int
        Filters of the first convolution: 64 in the paper.
    steps, batch_size : int
    lr : float
    random_state : int, RandomState or None

    Attributes
    ----------
    net_ : SpiceNet
    slope_, offset_ : float
        From the output to octaves above 1 Hz: an affine fit on synthetic tones.
    sure_ : float
        Confidence from which a frame is voiced: half-way between tones and noise.
    history_ : list of dict
    n_params_ : int
    """

    def __init__(
        self,
        extract: Extract,
        width: int = 8,
        steps: int = 1200,
        batch_size: int = 64,
        lr: float = 2e-3,
        random_state: Any = None,
    ) -> None:
        self.extract = extract
        self.width = width
        self.steps = steps
        self.batch_size = batch_size
        self.lr = lr
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: Any = None) -> Spice:
        """``y`` is ignored."""
        rows = np.concatenate(list(self.extract.transform(X)))
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(2**31 - 1))
        draws = np.random.default_rng(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net_ = SpiceNet(self.width)

            def loss_of(batch: np.ndarray) -> torch.Tensor:
                k = draws.integers(0, SHIFTS + 1, (2, len(batch)))
                x = [torch.as_tensor(slices(equalised(rows[batch], draws), one)) for one in k]
                parts = losses(self.net_, *x, *torch.as_tensor(k, dtype=torch.float32))
                return WEIGHTS[0] * parts[0] + WEIGHTS[1] * parts[1] + parts[2]

            budget = {"steps": self.steps, "batch_size": self.batch_size}
            self.history_ = train(self.net_, loss_of, len(rows), lr=self.lr, seed=seed, **budget)
        self.n_params_ = n_parameters(self.net_)
        self._calibrate(np.random.RandomState(seed))
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """f0 (Hz) and voicing of each 10 ms, an item each."""
        check_is_fitted(self)
        return ragged(self._track(rows) for rows in self.extract.transform(X))

    def raw(self, rows: np.ndarray, shift: int = MIDDLE) -> np.ndarray:
        """Output and confidence of frames (n, 136) at a shift, (n, 2)."""
        x = slices(rows, np.full(len(rows), shift))
        return in_parts(lambda part: torch.stack(self.net_(part), dim=1), x)

    def octaves(self, output: np.ndarray) -> np.ndarray:
        """Octaves above 1 Hz of outputs at the middle shift."""
        return self.offset_ + self.slope_ * output

    def _track(self, rows: np.ndarray) -> np.ndarray:
        if not len(rows):
            return np.zeros((0, 2))
        output, sure = self.raw(rows).astype(float).T
        f0_hz = np.clip(2.0 ** self.octaves(output), LOWEST_HZ, HIGHEST_HZ)
        below = 0.5 * sure / max(self.sure_, 1e-6)
        above = 1 - 0.5 * (1 - sure) / max(1 - self.sure_, 1e-6)
        return np.stack([f0_hz, np.clip(np.where(sure < self.sure_, below, above), 0, 1)], axis=1)

    def _calibrate(self, rng: np.random.RandomState) -> None:
        """The affine map of the outputs of tones, and the confidence between tones and noise."""
        hz, sounds = zip(*tones(TONES, rng))
        found = np.stack([self.raw(cqt(sound, SR)[20:30]).mean(axis=0) for sound in sounds])
        wanted = np.log2(hz)
        self.slope_, self.offset_ = (float(v) for v in robust_line(found[:, 0], wanted))
        noise = cqt(0.1 * rng.standard_normal(4 * SR), SR)
        self.sure_ = float(np.median(found[:, 1]) + np.median(self.raw(noise)[:, 1])) / 2


def spice(random_state: int = 0, width: int = 8) -> Spice:
    """SPICE, after Gfeller et al. 2020: pitch without labels.

    Two slices of 128 bins of one constant-Q frame (24 bins an octave), shifted by 0 to 8 bins: their
    outputs are to differ by the difference of the shifts (Huber loss, tau = sigma / 4, weight 1e4), and
    from the output the slice is made again (weight 1); a second head learns how large the error is. An
    affine map on synthetic tones makes it Hz. A frame is voiced where the confidence is nearer to that of
    tones than to that of noise. The two slices are heard through two random equalisers, so that timbre tells
    nothing of pitch: not in the paper. Slices in dB below their maximum, half as sharp filters every 10 ms, an
    eighth of the filters, 1200 steps of 64 frames of Adam at 2e-3: our choices, for a fit of about two minutes on
    one core.

    Parameters
    ----------
    random_state : int
    width : int
        Filters of the first convolution; 64 in the paper.
    """
    return Spice(Extract(cqt, sr=SR), width=width, random_state=random_state)


spice.family = "deep"  # type: ignore[attr-defined]
spice.cite = "gfeller2020spice"  # type: ignore[attr-defined]


def robust_line(x: np.ndarray, y: np.ndarray, rounds: int = 10) -> tuple[float, float]:
    """Slope and offset of y over x by least absolute deviations, reweighted least squares.

    The slope begins at what sigma promises: a bin of 1 / 24 octave for each ``SIGMA``, downwards.
    """
    slope = -1 / (PER_OCTAVE * SIGMA)
    offset = float(np.median(y - slope * x))
    for _ in range(rounds):
        weight = 1 / np.sqrt(np.maximum(np.abs(y - slope * x - offset), 1e-3))
        design = np.stack([x, np.ones(len(x))], axis=1) * weight[:, None]
        slope, offset = np.linalg.lstsq(design, y * weight, rcond=None)[0]
    return float(slope), float(offset)
