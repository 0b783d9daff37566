"""The shared encoder trained for some task within the shared budget: what all ways of learning have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from torch import nn

from deep.dataset import band_statistics, tile_starts
from deep.modules import pick_device
from deep.nets.architecture import n_parameters
from deep.nets.small_encoder import SmallEncoder
from deep.representation.budget import BATCH, EMBEDDING, LR, PATCH, STEPS
from deep.tracks.batches import Patches
from mirbench.errors import MethodError
from mirbench.features import Extract

REPORT = 20
"""Steps that a row of ``history_`` is the mean of."""


class Learner(BaseEstimator):
    """An encoder and a task, trained for a number of steps; nothing is held out, the last weights are kept.

    A subclass says what a step is and what is asked of the trained task. Torch's global random state
    isn't touched.

    Parameters
    ----------
    extract : Extract
        Gives (n_frames, bins) for an item.
    task : callable
        Makes what is trained, an ``nn.Module``; the subclass says of what.
    task_args : mapping, optional
        Its other arguments.
    encoder : callable
        ``encoder(in_shape, n_outputs) -> nn.Module``; another than the shared one makes a row of
        another board.
    steps, batch_size, patch_frames, n_outputs : int
    lr : float
        At the start; half a cosine down to 0.
    random_state : int, RandomState or None
        Weights, patches and what the task draws.
    device : str
        A torch device, or "auto".

    Attributes
    ----------
    task_ : nn.Module
        In evaluation mode.
    mean_, scale_ : ndarray of float32, shape (1, 1, bins)
        Of the items that were heard.
    history_ : list of dict
        ``epoch`` (a number of 20 steps) and ``train_loss``.
    n_params_ : int
        Of what answers for an item.
    """

    task_: Any

    def __init__(
        self,
        extract: Extract,
        task: Callable[..., nn.Module],
        task_args: Mapping[str, Any] | None = None,
        encoder: Callable[..., nn.Module] = SmallEncoder,
        steps: int = STEPS,
        batch_size: int = BATCH,
        patch_frames: int = PATCH,
        n_outputs: int = EMBEDDING,
        lr: float = LR,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.extract = extract
        self.task = task
        self.task_args = task_args
        self.encoder = encoder
        self.steps = steps
        self.batch_size = batch_size
        self.patch_frames = patch_frames
        self.n_outputs = n_outputs
        self.lr = lr
        self.random_state = random_state
        self.device = device

    def learn(
        self,
        recordings: Sequence[np.ndarray],
        make: Callable[[nn.Module, tuple[int, int, int]], nn.Module],
        train: Callable[[Any, Patches, int], Iterator[float]],
        answers: Callable[[Any], nn.Module],
    ) -> None:
        """Train on recordings and keep the task.

        Parameters
        ----------
        recordings : sequence of ndarray, shape (1, n_frames, bins)
        make : callable
            ``make(encoder, in_shape)`` gives the task.
        train : callable
            ``train(task, patches, seed)`` yields the loss of each step.
        answers : callable
            The part of the task that answers for an item, whose parameters count.

        Raises
        ------
        MethodError
            A loss that isn't finite.
        """
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.mean_, self.scale_ = band_statistics(recordings)
        device = pick_device(self.device)
        patches = Patches(recordings, self.patch_frames, self.mean_, self.scale_, device)
        shape = (patches.channels, self.patch_frames, patches.bins)
        losses = []
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            task = make(self.encoder(shape, self.n_outputs), shape).to(device).train()
            for step, loss in enumerate(train(task, patches, seed)):
                if not np.isfinite(loss):
                    raise MethodError(
                        f"the loss is not finite in step {step}: lower lr ({self.lr})"
                    )
                losses.append(loss)
        self.task_ = task.eval()
        self.history_ = [
            {"epoch": i + 1, "train_loss": loss} for i, loss in enumerate(reported(losses))
        ]
        self.n_params_ = n_parameters(answers(task))

    def anneal(self, optimisers: Sequence[torch.optim.Optimizer], t: float) -> None:
        """The rate of learning after a share ``t`` of the steps: half a cosine down to 0."""
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.lr * (1 + np.cos(np.pi * t)) / 2

    def tiled(self, recording: np.ndarray) -> torch.Tensor:
        """Standardised patches that tile a recording, where the task is: (n, channels, frames, bins)."""
        n_frames = recording.shape[1]
        where = tile_starts(n_frames, self.patch_frames)[:, None] + np.arange(self.patch_frames)
        standard = (recording - self.mean_) / self.scale_
        x = torch.as_tensor(standard[:, where % n_frames].transpose(1, 0, 2, 3).copy())
        return x.to(next(self.task_.parameters()).device)


def reported(values: Sequence[float]) -> list[float]:
    """Means of each `REPORT` values."""
    return [float(np.mean(values[i : i + REPORT])) for i in range(0, len(values), REPORT)]
