"""A net in training under one setting: epoch by epoch, the best kept, resumable from a file."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from deep.tracks.augment import augmentation
from deep.tracks.batches import Patches
from deep.tracks.objective import Objective
from deep.tracks.schedules import rate_factor
from deep.tracks.settings import Settings
from mirbench.errors import MethodError
from mirbench.home import write_atomically

OPTIMIZERS: dict[str, Any] = {
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "sgd": (torch.optim.SGD, {}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
}
CLIP = 5.0
"""Largest norm of the gradient: our choice, so that recurrent nets don't leap."""


class Run:
    """One net, its optimiser and its history.

    Every epoch is seeded by itself, from the run's seed and its number, so that the state to keep is
    weights, optimiser and losses: an interrupted run that is resumed ends bit for bit like one that
    wasn't. On CUDA the forward pass is in bfloat16 where torch's autocast says so.

    Parameters
    ----------
    net : nn.Module
        On the device of the patches.
    objective : Objective
    train, valid : Patches
        ``valid`` None trains for ``max_epochs`` and keeps the last weights.
    kept, held : ndarray of int
        Positions of their items among the objective's targets.
    settings : Settings
    seed : int
    file : Path, optional
        Written after each epoch, read at the start where it is there.

    Attributes
    ----------
    best : float
        Lowest held-out loss; inf before the first epoch.
    history : list of dict
        ``epoch``, ``train_loss`` and, where something is held out, ``valid_loss``.
    busy_s, epoch_s : float
        Seconds in forward, backward and step, and in all, of the epochs trained here.
    """

    def __init__(
        self,
        net: nn.Module,
        objective: Objective,
        train: Patches,
        valid: Patches | None,
        kept: np.ndarray,
        held: np.ndarray,
        settings: Settings,
        seed: int,
        file: Path | None = None,
    ) -> None:
        if settings.optimizer not in OPTIMIZERS:
            known = ", ".join(OPTIMIZERS)
            raise MethodError(f'unknown optimizer "{settings.optimizer}": use one of {known}')
        self.net, self.objective, self.settings, self.seed = net, objective, settings, seed
        self.train, self.valid, self.file = train, valid, file
        device = train.frames.device
        targets = torch.as_tensor(objective.targets)
        self.targets, self.held_targets = targets[kept].to(device), targets[held].to(device)
        self.augment = augmentation(settings.augment)
        make, arguments = OPTIMIZERS[settings.optimizer]
        self.optimiser = make(
            net.parameters(), lr=settings.lr, weight_decay=settings.weight_decay, **arguments
        )
        self.history: list[dict[str, float]] = []
        self.best, self.since = np.inf, 0
        self._best_state: dict[str, Any] = {}
        self.busy_s = self.epoch_s = 0.0
        if file is not None and file.exists():
            self._load(file)

    def advance(self) -> Run:
        """Train until the budget is used or the held-out measure hasn't fallen for ``patience``."""
        chosen = self.settings
        while len(self.history) < chosen.max_epochs and self.since < chosen.patience:
            train, valid = self.losses("train_loss"), self.losses("valid_loss")
            factor = rate_factor(
                chosen.schedule, train, valid, chosen.max_epochs, chosen.halve_after
            )
            if not factor:
                break
            for group in self.optimiser.param_groups:
                group["lr"] = chosen.lr * factor
            row: dict[str, float] = {"epoch": len(self.history) + 1, "train_loss": self._epoch()}
            if self.valid is not None:
                row["valid_loss"], measure = self._held_out()
                self.since += 1
                if measure < self.best:
                    self.best, self.since = measure, 0
                    self._best_state = copy.deepcopy(self.net.state_dict())
            self.history.append(row)
            if not np.isfinite(list(row.values())).all():
                raise MethodError(
                    f"the loss is not finite in epoch {row['epoch']}: lower lr ({chosen.lr})"
                )
            if self.file is not None:
                self._save(self.file)
        return self

    def losses(self, name: str) -> list[float]:
        """``train_loss`` or ``valid_loss`` of each epoch so far."""
        return [row[name] for row in self.history if name in row]

    def finish(self) -> nn.Module:
        """The net with its best weights, or the last ones where nothing is held out."""
        if self._best_state:
            self.net.load_state_dict(self._best_state)
        return self.net.eval()

    def _epoch(self) -> float:
        """Mean loss of one epoch's patches."""
        number = len(self.history)
        torch.manual_seed((self.seed + 7919 * number) % 2**63)  # whatever was trained in between
        rng = np.random.default_rng([self.seed, number])
        device = self.train.frames.device
        total, count, start = torch.zeros((), device=device), 0, time.perf_counter()
        self.net.train()
        for owner, patches in self.train.epoch(
            self.settings.patches, self.settings.batch_size, rng
        ):
            targets = self.targets[torch.as_tensor(owner, device=device)]
            if self.augment is not None:
                patches, targets = self.augment(patches, targets, rng)
            began = time.perf_counter()
            self.optimiser.zero_grad()
            with torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda"):
                logits = self.net(patches)
            loss = self.objective.loss(logits.float(), targets).mean()
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), CLIP)
            self.optimiser.step()
            total += loss.detach() * len(owner)
            count += len(owner)
            self.busy_s += time.perf_counter() - began
        mean = float(total) / count
        self.epoch_s += time.perf_counter() - start
        return mean

    def _held_out(self) -> tuple[float, float]:
        """Mean over items of the mean loss of an item's patches, and what epochs are compared by."""
        assert self.valid is not None
        owner = torch.as_tensor(self.valid.owner, device=self.valid.frames.device)
        losses, outputs = [], []
        self.net.eval()
        with torch.no_grad():
            for first in range(0, len(owner), self.settings.batch_size):
                some = slice(first, first + self.settings.batch_size)
                logits = self.net(self.valid.at(self.valid.tiles[some]))
                losses.append(self.objective.loss(logits, self.held_targets[owner[some]]))
                outputs.append(self.objective.outputs(logits))
        loss = _by_item(torch.cat(losses)[:, None], self.valid.owner).mean()
        answers = _by_item(torch.cat(outputs), self.valid.owner)
        measure = self.objective.measure(loss, answers, self.held_targets.cpu().numpy())
        return float(loss), float(measure)

    def _save(self, file: Path) -> None:
        state = {
            "net": self.net.state_dict(),
            "best_net": self._best_state,
            "optimiser": self.optimiser.state_dict(),
            "history": self.history,
            "best": float(self.best),
            "since": self.since,
        }
        write_atomically(file, lambda part: torch.save(state, part))

    def _load(self, file: Path) -> None:
        try:
            device = self.train.frames.device
            state = torch.load(file, map_location=device, weights_only=True)
            self.net.load_state_dict(state["net"])
            self.optimiser.load_state_dict(state["optimiser"])
        except Exception as error:
            raise MethodError(f"{file}: not a checkpoint of this fit; delete it") from error
        self._best_state, self.history = state["best_net"], state["history"]
        self.best, self.since = state["best"], state["since"]


def _by_item(rows: torch.Tensor, owner: np.ndarray) -> np.ndarray:
    """Mean over the patches of each item, (n_items, d)."""
    values = rows.double().cpu().numpy()
    sums = np.zeros((owner.max() + 1, values.shape[1]))
    np.add.at(sums, owner, values)
    return sums / np.bincount(owner)[:, None]


def best_of(runs: Sequence[Run]) -> int:
    """Position of the run with the lowest held-out measure, the first of equals."""
    return int(np.argmin([run.best for run in runs]))
