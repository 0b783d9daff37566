"""A pretext task as a scikit-learn transformer: items without labels in, embeddings out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import nn

from deep.dataset import band_statistics, tile_starts
from deep.modules import pick_device
from deep.nets.architecture import n_parameters
from deep.nets.small_encoder import SmallEncoder
from deep.representation.budget import BATCH, EMBEDDING, LR, PATCH, STEPS, recordings_of
from deep.representation.pretext import Pretext
from deep.tracks.batches import Patches
from mirbench.errors import MethodError
from mirbench.features import Extract

REPORT = 20
"""Steps that a row of ``history_`` is the mean of."""


class Representation(TransformerMixin, BaseEstimator):
    """The shared encoder trained for a pretext task, within the shared budget.

    No label is seen and nothing is held out: the last weights are kept. An item's embedding is the
    mean over the patches that tile it. Torch's global random state isn't touched.

    Parameters
    ----------
    extract : Extract
        Gives (n_frames, bins) for an item.
    pretext : callable
        ``pretext(encoder, in_shape, **pretext_args) -> Pretext``.
    pretext_args : mapping, optional
    encoder : callable
        ``encoder(in_shape, n_outputs) -> nn.Module``; another than the shared one makes a row of
        another board.
    steps, batch_size, patch_frames, n_outputs : int
    lr : float
    random_state : int, RandomState or None
        Weights, patches and what the task draws.
    device : str
        A torch device, or "auto".

    Attributes
    ----------
    pretext_ : Pretext
        In evaluation mode.
    mean_, scale_ : ndarray of float32, shape (1, 1, bins)
    history_ : list of dict
        ``epoch`` (a number of 20 steps) and ``train_loss``.
    n_params_ : int
        Of the encoder.
    """

    def __init__(
        self,
        extract: Extract,
        pretext: Callable[..., Pretext],
        pretext_args: Mapping[str, Any] | None = None,
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
        self.pretext = pretext
        self.pretext_args = pretext_args
        self.encoder = encoder
        self.steps = steps
        self.batch_size = batch_size
        self.patch_frames = patch_frames
        self.n_outputs = n_outputs
        self.lr = lr
        self.random_state = random_state
        self.device = device

    def fit(self, X: np.ndarray, y: Any = None) -> Representation:
        """Train on items; ``y`` isn't looked at.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : ignored

        Raises
        ------
        MethodError
            Fewer than two items, an item without a frame, a loss that isn't finite.
        """
        if len(X) < 2:
            raise MethodError(f"{len(X)} items to learn from; give two or more")
        recordings = recordings_of(self.extract, X)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.mean_, self.scale_ = band_statistics(recordings)
        device = pick_device(self.device)
        patches = Patches(recordings, self.patch_frames, self.mean_, self.scale_, device)
        shape = (patches.channels, self.patch_frames, patches.bins)
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            encoder = self.encoder(shape, self.n_outputs)
            task = self.pretext(encoder, shape, **(self.pretext_args or {})).to(device)
            losses = list(self._train(task, patches, seed))
        self.pretext_ = task.eval()
        means = [np.mean(losses[i : i + REPORT]) for i in range(0, len(losses), REPORT)]
        self.history_ = [{"epoch": i + 1, "train_loss": float(m)} for i, m in enumerate(means)]
        self.n_params_ = n_parameters(task.encoder)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Embeddings, (n_items, n) of float32, each from its own sound alone."""
        check_is_fitted(self)
        return np.stack([self._embedding(r) for r in recordings_of(self.extract, X)])

    def _train(self, task: Pretext, patches: Patches, seed: int) -> Iterator[float]:
        """Losses, step by step."""
        task.train()
        optimisers = task.start(patches, self.lr)
        for step, x in enumerate(self._batches(patches, np.random.default_rng(seed))):
            for optimiser in optimisers:
                for group in optimiser.param_groups:
                    group["lr"] = self.lr * (1 + np.cos(np.pi * step / self.steps)) / 2
            loss = task.update(x, optimisers)
            if not np.isfinite(loss):
                raise MethodError(f"the loss is not finite in step {step}: lower lr ({self.lr})")
            yield loss

    def _batches(self, patches: Patches, rng: np.random.Generator) -> Iterator[torch.Tensor]:
        """As many batches as steps, epoch after epoch."""
        left = self.steps
        while left > 0:
            for _, x in patches.epoch(None, self.batch_size, rng):
                if left > 0:
                    yield x
                    left -= 1

    def _embedding(self, recording: np.ndarray) -> np.ndarray:
        n_frames = recording.shape[1]
        where = tile_starts(n_frames, self.patch_frames)[:, None] + np.arange(self.patch_frames)
        standard = (recording - self.mean_) / self.scale_
        x = torch.as_tensor(standard[:, where % n_frames].transpose(1, 0, 2, 3).copy())
        with torch.no_grad():
            rows = self.pretext_.embed(x.to(next(self.pretext_.parameters()).device))
        return rows.mean(dim=0).cpu().numpy()
