"""A net in training under one setting: epoch by epoch, the best on the validation tracks kept."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from deep.modules import Standardise
from deep.nets.pooling import penalty, project

FRAMES_AT_ONCE = 8192  # of the tracks embedded together


class Objective(Protocol):
    """Batches of training tracks with their losses, and parameters that are trained too."""

    def batches(self, rng: np.random.Generator) -> Iterator[Any]:
        """(positions of tracks, loss of the net's outputs) of one epoch."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """Proxies, say."""

    def to(self, device: Any) -> Any:
        """Move them."""


class Run:
    """One net, its optimiser (Adam) and its history.

    Parameters
    ----------
    module : nn.Sequential
        Standardiser and net, see `module_of`.
    objective : Objective
    recordings : sequence of ndarray, shape (channels, n_frames, bins)
        Those trained on, in the order that the objective counts.
    patch_frames : int
        Frames of a random part of a track, anew at each visit.
    score : callable or None
        ``score(module) -> float`` on validation tracks, larger is better.
    lr, weight_decay : float
    seed : int
    device : str

    Attributes
    ----------
    best : float
        Best score; -inf before the first epoch.
    history : list of dict
        ``epoch``, ``train_loss`` and, where scored, ``valid_map``.
    """

    def __init__(
        self,
        module: nn.Sequential,
        objective: Objective,
        recordings: Sequence[np.ndarray],
        patch_frames: int,
        score: Callable[[nn.Module], float] | None,
        lr: float,
        weight_decay: float,
        seed: int,
        device: str,
    ) -> None:
        self.module, self.objective, self.score = module.to(device), objective, score
        objective.to(device)
        self.seed, self.device = seed, device
        self.rng = np.random.default_rng(seed)
        self.recordings, self.patch_frames = recordings, patch_frames
        parameters = [*module.parameters(), *objective.parameters()]
        self.optimiser = torch.optim.Adam(parameters, lr=lr, weight_decay=weight_decay)
        self.history: list[dict[str, float]] = []
        self.best, self._best_state, self._since = -np.inf, module.state_dict(), 0

    def advance(self, epochs: int, patience: int) -> None:
        """Train on, for ``epochs`` in all; stop when the score hasn't risen for ``patience``."""
        while len(self.history) < epochs and self._since < patience:
            torch.manual_seed(self.seed + len(self.history))  # whatever was trained in between
            row = {"epoch": len(self.history) + 1, "train_loss": self._epoch()}
            if self.score is not None:
                row["valid_map"] = self.score(self.module.eval())
                self._since += 1
                if row["valid_map"] > self.best:
                    self.best, self._since = row["valid_map"], 0
                    self._best_state = copy.deepcopy(self.module.state_dict())
            self.history.append(row)

    def finish(self) -> nn.Module:
        """The module with its best weights, or the last ones where nothing was scored."""
        if self.score is not None:
            self.module.load_state_dict(self._best_state)
        return self.module.eval()

    def _epoch(self) -> float:
        losses = []
        self.module.train()
        for tracks, loss_of in self.objective.batches(self.rng):
            loss = loss_of(self.module(self._parts(tracks).to(self.device)))
            self.optimiser.zero_grad()
            (loss + penalty(self.module).to(loss.device)).backward()
            self.optimiser.step()
            project(self.module)
            losses.append(float(loss.detach()))
        return float(np.mean(losses))

    def _parts(self, tracks: np.ndarray) -> torch.Tensor:
        """A random part of each track: (n_tracks, channels, patch_frames, bins)."""
        chosen = [self.recordings[i] for i in tracks]
        starts = [
            int(self.rng.integers(0, max(0, r.shape[1] - self.patch_frames) + 1)) for r in chosen
        ]
        span = np.arange(self.patch_frames)
        parts = [r[:, (s + span) % r.shape[1]] for r, s in zip(chosen, starts, strict=True)]
        return torch.as_tensor(np.stack(parts))


def module_of(net: nn.Module, mean: np.ndarray, scale: np.ndarray) -> nn.Sequential:
    """Standardiser and net."""
    return nn.Sequential(Standardise(mean, scale), net)


def outputs(module: nn.Module, recordings: Sequence[np.ndarray]) -> np.ndarray:
    """Outputs for whole tracks, float32 (n, n_outputs).

    Tracks of one length go through the net together, without padding, in batches of bounded
    memory: what a track gives doesn't depend on the others.
    """
    device = next(module.parameters()).device
    lengths = np.array([r.shape[1] for r in recordings])
    rows: list[Any] = [None] * len(recordings)
    with torch.no_grad():
        for length in np.unique(lengths):
            same = np.flatnonzero(lengths == length)
            parts = -(-len(same) // max(1, FRAMES_AT_ONCE // length))
            for some in np.array_split(same, parts):
                batch = torch.as_tensor(np.stack([recordings[i] for i in some]))
                for i, row in zip(some, module(batch.to(device)).cpu().numpy(), strict=True):
                    rows[i] = row
    return np.stack(rows)
