"""Lines of notes by a net: an estimator over items that answers with sequences of codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from baselines.sequences.codes import code_lines
from baselines.sequences.frames import N_CHROMA
from deep.dataset import as_recording, band_statistics
from deep.modules import pick_device
from deep.nets.line_ctc import collapsed
from deep.sequences.batches import same_length
from deep.sequences.decoding import beam, greedy
from deep.sequences.line_batches import IGNORED, Batch, draw
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.items import ragged

WARMUP = 0.1
"""Share of the steps in which the rate of learning rises; it falls as a cosine behind them."""


class LineWriter(BaseEstimator):
    """A net that writes the notes of a line, one after the other, until an end.

    All nets are taught alike: Adam, a batch of random lines a step, each transposed at random (chroma
    and notes turned together), at first the shorter ones only; the true notes stand before each. No
    hold-out: the number of steps is fixed. No line longer than the longest of training is written.
    Torch's global random state isn't touched, and a fit repeats bit for bit on the same machine.

    Parameters
    ----------
    extract : Extract
        Gives (n_frames, bins) for an item, the first 12 bins chroma from C on.
    net : callable
        ``net(in_shape, n_outputs, **net_args)``.
    net_args : mapping, optional
    steps, batch_size : int
    lr : float
        The largest of Adam's rates.
    gradient_clip : float
        Largest norm of the gradient.
    transpose : bool
        Whether lines are transposed: codes must be pitch classes, 0 to 11 from C on.
    beam : int
        Sequences that are followed at once; 1 takes the likeliest token at each step.
    random_state : int, RandomState or None
    device : str
        A torch device, or "auto".

    Attributes
    ----------
    module_ : nn.Module
    mean_, scale_ : ndarray of float32, shape (1, 1, bins)
    longest_ : int
        Notes of the longest training line.
    history_ : list of dict
        ``epoch`` (a hundred steps) and ``train_loss`` (nats a token, as the net was at the time).
    n_params_ : int
    """

    def __init__(
        self,
        extract: Extract,
        net: Callable[..., nn.Module],
        net_args: Mapping[str, Any] | None = None,
        steps: int = 1500,
        batch_size: int = 16,
        lr: float = 3e-3,
        gradient_clip: float = 1.0,
        transpose: bool = True,
        beam: int = 1,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.extract = extract
        self.net = net
        self.net_args = net_args
        self.steps = steps
        self.batch_size = batch_size
        self.lr = lr
        self.gradient_clip = gradient_clip
        self.transpose = transpose
        self.beam = beam
        self.random_state = random_state
        self.device = device

    def fit(self, X: np.ndarray, y: Sequence[np.ndarray] | np.ndarray) -> LineWriter:
        """Train on items; ``y`` holds arrays of codes, in the order of the notes.

        Raises
        ------
        MethodError
            Less than one step or one line a step, what `code_lines` refuses, a code that is no pitch class
            where lines are transposed, a loss that isn't finite.
        """
        if min(self.steps, self.batch_size) < 1:
            raise MethodError(
                f"steps={self.steps}, batch_size={self.batch_size}: give 1 or more of each"
            )
        lines = code_lines(X, y)
        n_outputs = int(max(line.max() for line in lines)) + 1
        if self.transpose and n_outputs > N_CHROMA:
            raise MethodError(
                f"code {n_outputs - 1} is no pitch class: give transpose=False for other tokens"
            )
        n_outputs = N_CHROMA if self.transpose else n_outputs
        recordings = [as_recording(rows) for rows in self.extract.transform(X)]
        self.mean_, self.scale_ = band_statistics(recordings)
        if self.transpose:  # one for all chroma, so that turning them means the same
            self.mean_[..., :N_CHROMA] = self.mean_[..., :N_CHROMA].mean()
            self.scale_[..., :N_CHROMA] = self.scale_[..., :N_CHROMA].mean()
        recordings = [self._standardised(rows) for rows in recordings]
        self.longest_ = max(map(len, lines))
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            self._train(recordings, lines, n_outputs, np.random.default_rng(seed))
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Codes of each item's notes: an object array of arrays of int64."""
        check_is_fitted(self)
        recordings = [self._standardised(as_recording(rows)) for rows in self.extract.transform(X)]
        device = next(self.module_.parameters()).device
        said: list[Any] = [None] * len(X)
        with torch.no_grad():
            for some, x in same_length(recordings, device):
                for i, line in zip(some, self._written(x), strict=True):
                    said[i] = np.array(line, dtype=np.int64)
        return ragged(said)

    def alignment(self, X: np.ndarray, y: Sequence[np.ndarray] | np.ndarray) -> list[np.ndarray]:
        """Where a net with attention looks as it is told each true note: weights of the memory's steps,
        one array (n_notes, n_steps) an item.

        Raises
        ------
        MethodError
            The net has no attention to look at.
        """
        check_is_fitted(self)
        if getattr(self.module_, "attention", None) is None:
            raise MethodError("the net has no additive attention: take attention-line")
        net: Any = self.module_
        device = next(net.parameters()).device
        rows = []
        with torch.no_grad():
            for features, line in zip(self.extract.transform(X), y, strict=True):
                x = torch.as_tensor(self._standardised(as_recording(features)))[None]
                memory, keys, state = net.encode(x.to(device))
                before, own = net.start, []
                for token in line:
                    told = torch.full((1,), int(before), device=device)
                    _, state, weights = net.step(memory, keys, state, told)
                    own.append(weights[0].cpu().numpy())
                    before = token
                rows.append(np.stack(own))
        return rows

    def _standardised(self, rows: np.ndarray) -> np.ndarray:
        return ((rows - self.mean_) / self.scale_).astype(np.float32)

    def _written(self, x: torch.Tensor) -> list[list[int]]:
        """The line of each item of a batch of one length."""
        net: Any = self.module_
        if hasattr(net, "blank"):
            return [collapsed(row.argmax(dim=1), net.blank) for row in net.spoken(x)[0]]
        if self.beam > 1:
            return [beam(net, one[None], self.longest_, self.beam)[0][0] for one in x]
        said = greedy(net, x, self.longest_)[0].tolist()
        return [row[: row.index(net.end)] if net.end in row else row for row in said]

    def _train(
        self,
        recordings: Sequence[np.ndarray],
        lines: Sequence[np.ndarray],
        n_outputs: int,
        rng: np.random.Generator,
    ) -> None:
        device = pick_device(self.device)
        in_shape = (1, max(rows.shape[1] for rows in recordings), recordings[0].shape[2])
        net = self.net(in_shape, n_outputs, **(self.net_args or {})).to(device).train()
        optimizer = torch.optim.Adam(net.parameters(), lr=self.lr)
        schedule = OneCycleLR(optimizer, self.lr, total_steps=self.steps, pct_start=WARMUP)
        self.history_: list[dict[str, float]] = []
        losses: list[float] = []
        for step in range(self.steps):
            size = min(self.batch_size, len(lines))
            batch = draw(recordings, lines, size, step / self.steps, rng, self.transpose)
            loss = line_loss(net, batch.to(device))
            losses.append(float(loss.detach()))
            if not np.isfinite(losses[-1]):
                raise MethodError(f"the loss is not finite in step {step}: lower lr ({self.lr})")
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), self.gradient_clip)
            optimizer.step()
            schedule.step()
            if len(losses) == 100 or step == self.steps - 1:
                row = {"epoch": len(self.history_) + 1, "train_loss": float(np.mean(losses))}
                self.history_.append(row)
                losses = []
        self.module_ = net.eval()
        self.n_params_ = sum(p.numel() for p in net.parameters() if p.requires_grad)


def line_loss(net: Any, batch: Batch) -> torch.Tensor:
    """Mean cross entropy (nats) of notes and ends, given the true notes before; of a net with a blank
    the mean negative log likelihood of a line over its notes, any path through them."""
    if hasattr(net, "blank"):
        log_p, counted = net.spoken(batch.x, batch.lengths)
        told = torch.as_tensor(np.concatenate(batch.tokens))
        sizes = torch.tensor([len(line) for line in batch.tokens])
        return nn.functional.ctc_loss(
            log_p.transpose(0, 1), told, counted, sizes, blank=net.blank, zero_infinity=True
        )
    fed, told = batch.targets(net.end)
    logits = net.taught(batch.x, batch.lengths, fed)
    return nn.functional.cross_entropy(logits.flatten(0, 1), told.flatten(), ignore_index=IGNORED)
