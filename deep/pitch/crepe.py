"""A small CREPE: pitch as one of 360 classes, from the wave, with labels (Kim et al. 2018)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import nn

from deep.nets.architecture import n_parameters
from deep.pitch.training import in_parts, train
from mirbench.errors import MethodError
from mirbench.items import Item, ragged
from mirbench.pitch import HOP_S, n_frames

SR = 16_000
FRAME = 1024
"""Samples."""
BINS = 360
CENTS = 20.0 * np.arange(BINS)
"""Of the classes above ``LOWEST_HZ``: C1 to B7 in steps of 20 (section 2)."""
LOWEST_HZ = 32.70
BLUR_CENTS = 25.0
"""Standard deviation of the target around the true pitch (equation 3)."""
LAYERS = ((32, 512, 4), (16, 32, 1), (16, 32, 1), (16, 32, 1), (32, 32, 1), (64, 32, 1))
"""Filters, width and stride. The paper: 1024, 128, 128, 128, 256, 512 filters, widths 512 and 64."""
NEAR = 4
"""Classes to either side of the largest that the answer averages (from the published code)."""


class CrepeNet(nn.Module):
    """Six convolutions, each with batch norm, ReLU, max-pooling by 2 and dropout, then one dense layer.

    Takes (n, 1024) and gives logits of the 360 classes.
    """

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        steps: list[nn.Module] = []
        channels, length = 1, FRAME
        for filters, width, stride in LAYERS:
            left = (width - stride) // 2
            steps += [
                nn.ConstantPad1d((left, width - stride - left), 0.0),
                nn.Conv1d(channels, filters, width, stride),
                nn.ReLU(),
                nn.BatchNorm1d(filters),
                nn.MaxPool1d(2),
                nn.Dropout(dropout),
            ]
            channels, length = filters, length // stride // 2
        self.body = nn.Sequential(*steps)
        self.head = nn.Linear(channels * length, BINS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, (n, 360)."""
        return self.head(self.body(x[:, None]).flatten(1))


class Crepe(BaseEstimator):
    """Trained on all frames of the training items: those without pitch have an empty target.

    Parameters
    ----------
    steps, batch_size : int
    lr : float
    random_state : int, RandomState or None

    Attributes
    ----------
    net_ : CrepeNet
    history_ : list of dict
    n_params_ : int
    """

    def __init__(
        self, steps: int = 900, batch_size: int = 64, lr: float = 2e-3, random_state: Any = None
    ) -> None:
        self.steps = steps
        self.batch_size = batch_size
        self.lr = lr
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: np.ndarray) -> Crepe:
        """``y`` holds tables of times (s) and frequencies (Hz, 0 where unvoiced).

        Raises
        ------
        MethodError
            No voiced frame.
        """
        waves = [frames_at(item, rows[:, 0]) for item, rows in zip(X, y, strict=True)]
        f0_hz = np.concatenate([rows[:, 1] for rows in y])
        if not (f0_hz > 0).any():
            raise MethodError("no training item has a voiced frame; add some")
        x = np.concatenate(waves)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net_ = CrepeNet()
            judge = nn.BCEWithLogitsLoss()

            def loss_of(rows: np.ndarray) -> torch.Tensor:
                wanted = torch.as_tensor(target_of(f0_hz[rows]))
                return judge(self.net_(torch.as_tensor(normalised(x[rows]))), wanted)

            budget = {"steps": self.steps, "batch_size": self.batch_size}
            self.history_ = train(self.net_, loss_of, len(x), lr=self.lr, seed=seed, **budget)
        self.n_params_ = n_parameters(self.net_)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """f0 (Hz) and voicing of each 10 ms, an item each."""
        check_is_fitted(self)
        return ragged(self._track(item) for item in X)

    def _track(self, item: Item) -> np.ndarray:
        n = n_frames(item.duration_s)
        if not n:
            return np.zeros((0, 2))
        x = normalised(frames_at(item, HOP_S * np.arange(n)))
        return read(in_parts(lambda rows: torch.sigmoid(self.net_(rows)), x))


def crepe_small(random_state: int = 0) -> Crepe:
    """A small CREPE, after Kim et al. 2018.

    Frames of 1024 samples at 16 kHz, zero mean and unit variance; six convolutions and a dense layer of
    360 sigmoids, 20 cents apart; binary cross-entropy with targets blurred by 25 cents; the answer is the
    mean of the nine classes around the largest, whose value is the voicing. Smaller than the paper's (1/32
    of its first filters and less after, widths 512 and 32), 900 steps of 64 frames of Adam at 2e-3, frames
    without pitch with an empty target: our choices, for a fit of about two minutes on one core.
    """
    return Crepe(random_state=random_state)


crepe_small.family = "deep"  # type: ignore[attr-defined]
crepe_small.cite = "kim2018crepe"  # type: ignore[attr-defined]


def frames_at(item: Item, times_s: np.ndarray) -> np.ndarray:
    """Frames of 1024 samples centred at those times (s), (n, 1024) of float16: half the memory."""
    wave = np.pad(item.signal(SR), (FRAME // 2, FRAME))
    starts = np.clip(np.rint(times_s * SR).astype(int), 0, len(wave) - FRAME)
    return np.lib.stride_tricks.sliding_window_view(wave, FRAME)[starts].astype(np.float16)


def normalised(frames: np.ndarray) -> np.ndarray:
    """Frames of zero mean and unit variance, float32; silence stays silent."""
    x = frames.astype(np.float32)
    x -= x.mean(axis=1, keepdims=True)
    return x / np.maximum(x.std(axis=1, keepdims=True), 1e-5)


def target_of(f0_hz: np.ndarray) -> np.ndarray:
    """Blurred targets, (n, 360) of float32; all 0 where there is no pitch (equation 3)."""
    voiced = f0_hz > 0
    cents = np.where(voiced, 1200 * np.log2(np.maximum(f0_hz, 1.0) / LOWEST_HZ), np.inf)
    blurred = np.exp(-((CENTS - cents[:, None]) ** 2) / (2 * BLUR_CENTS**2))
    return np.where(voiced[:, None], blurred, 0.0).astype(np.float32)


def read(activations: np.ndarray) -> np.ndarray:
    """f0 (Hz), the weighted mean of the classes around the largest, and voicing, its value."""
    best = activations.argmax(axis=1)
    near = np.clip(best[:, None] + np.arange(-NEAR, NEAR + 1), 0, BINS - 1)
    weights = np.take_along_axis(activations, near, axis=1).astype(float)
    cents = (weights * CENTS[near]).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
    return np.stack([LOWEST_HZ * 2 ** (cents / 1200), activations.max(axis=1)], axis=1)
