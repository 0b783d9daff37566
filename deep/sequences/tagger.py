"""Tags as a sequence: an encoder-decoder as a scikit-learn estimator over items."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from deep.dataset import as_recording, band_statistics, inner_split
from deep.modules import pick_device
from deep.nets.seq2seq import Seq2Seq
from deep.sequences.batches import random_parts, same_length, sequences, token_loss
from deep.sequences.decoding import beam, greedy
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.tuning import hold_out


class SequenceTagger(ClassifierMixin, BaseEstimator):
    """`deep.nets.seq2seq.Seq2Seq` taught to write the tags of an item, the most frequent first.

    A class is a sequence of one token. Part of the training items, whole groups of them, is held
    out to stop early by the loss of their tokens; the weights of the best epoch are kept, and the
    standardiser and the order of tags are fitted on what is left. Torch's global random state isn't
    touched, and a fit repeats bit for bit on the same machine.

    The probability of a tag is the largest that it has at any step of the greedy sequence, until
    its end: unlike counting in a beam, this ranks tags that no sequence holds. Of a class it is
    that of the first token, among the classes. Both are our choice, as all sizes are.

    Parameters
    ----------
    extract : Extract
        Gives (n_frames, bins) for an item.
    net_args : mapping, optional
        Of the net.
    patch_frames : int
        Frames of a random part of an item, anew at each visit; answers are of whole items.
    batch_size : int
    lr, weight_decay : float
        Of Adam.
    gradient_clip : float
        Largest norm of the gradient.
    max_epochs, patience : int
        Stop after ``max_epochs``, or when the held-out loss hasn't fallen for ``patience``.
    validation : float
        Share of groups (of each class: of its items) held out; 0 trains for ``max_epochs``.
    random_state : int, RandomState or None
    device : str
        A torch device, or "auto".

    Attributes
    ----------
    classes_ : ndarray of int64
        Of classes only.
    order_ : ndarray of int64, shape (n_outputs,)
        Columns (of tags, or in ``classes_``), the most frequent first.
    module_ : Seq2Seq
    mean_, scale_ : ndarray of float32, shape (1, 1, bins)
    held_out_ : ndarray of bool
    history_ : list of dict
        ``epoch``, ``train_loss`` and ``valid_loss`` (nats a token).
    n_epochs_, n_params_ : int
    longest_ : int
        Tokens of the longest training sequence: none longer is written.
    """

    classes_: np.ndarray

    def __init__(
        self,
        extract: Extract,
        net_args: Mapping[str, Any] | None = None,
        patch_frames: int = 100,
        batch_size: int = 16,
        lr: float = 3e-3,
        weight_decay: float = 0.0,
        gradient_clip: float = 1.0,
        max_epochs: int = 40,
        patience: int = 8,
        validation: float = 0.15,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.extract = extract
        self.net_args = net_args
        self.patch_frames = patch_frames
        self.batch_size = batch_size
        self.lr = lr
        self.weight_decay = weight_decay
        self.gradient_clip = gradient_clip
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation = validation
        self.random_state = random_state
        self.device = device

    def fit(self, X: np.ndarray, y: Any) -> SequenceTagger:
        """Train on items.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : array of int, shape (n,) or (n, n_tags)
            Codes of classes, or tags as 0 and 1. A tag or an item may have none.

        Raises
        ------
        MethodError
            Fewer than two items, labels of another shape or kind, fewer than two classes, no tag.
        """
        holds = self._holds(y, len(X))
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        groups = [item.group for item in X]
        self.held_out_ = self._hold_out(holds, groups, seed)
        recordings = self._recordings(X)
        kept = np.flatnonzero(~self.held_out_)
        self.mean_, self.scale_ = band_statistics([recordings[i] for i in kept])
        self.order_ = np.argsort(-holds[kept].sum(axis=0), kind="stable")
        self.longest_ = int(holds[kept].sum(axis=1).max())
        parts = [(recordings[i] - self.mean_) / self.scale_ for i in range(len(X))]
        tokens = sequences(holds[:, self.order_])
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            self._train(parts, tokens, kept, np.flatnonzero(self.held_out_), seed)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities, (n_items, n_classes) or (n_items, n_tags) in the order of columns."""
        check_is_fitted(self)
        rows = np.zeros((len(X), len(self.order_)))
        with torch.no_grad():
            for some, x in self._batches(X):
                if hasattr(self, "classes_"):
                    found = torch.softmax(self.module_(x).double(), dim=1)
                else:
                    steps = greedy(self.module_, x, self.longest_)[1]
                    found = steps[:, :, : len(self.order_)].amax(dim=1)
                rows[np.ix_(some, self.order_)] = found.cpu().numpy()
        return rows

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Codes (n_items,), or 1 for the tags of the greedy sequence, (n_items, n_tags)."""
        if hasattr(self, "classes_"):
            return self.classes_[self.predict_proba(X).argmax(axis=1)]
        check_is_fitted(self)
        holds = np.zeros((len(X), len(self.order_) + 1), dtype=np.int64)
        columns = np.append(self.order_, len(self.order_))  # the end's is dropped
        with torch.no_grad():
            for some, x in self._batches(X):
                said = greedy(self.module_, x, self.longest_)[0].cpu().numpy()
                holds[some[:, None], columns[said]] = 1
        return holds[:, :-1]

    def decode(self, X: np.ndarray, width: int = 4) -> list[list[int]]:
        """The likeliest sequence of each item in a beam: columns of tags (or codes), in order."""
        check_is_fitted(self)
        names = self.classes_[self.order_] if hasattr(self, "classes_") else self.order_
        answers: list[list[int]] = [[] for _ in X]
        with torch.no_grad():
            for some, x in self._batches(X):
                for i, one in zip(some, x, strict=True):
                    said = beam(self.module_, one[None], self.longest_, width)[0][0]
                    answers[i] = names[said].tolist()
        return answers

    def _holds(self, y: Any, n_items: int) -> np.ndarray:
        """Truth as 0 and 1, (n, n_outputs); learns ``classes_`` of classes."""
        labels = np.asarray(y)
        if labels.dtype.kind not in "iub" or labels.ndim not in (1, 2):
            raise MethodError(
                "a sequence tagger learns classes (n,) or tags (n, n_tags), not values"
            )
        if len(labels) != n_items:
            raise MethodError(f"{n_items} items but {len(labels)} labels: one an item is needed")
        if n_items < 2:
            raise MethodError(f"training needs two items or more, got {n_items}")
        if hasattr(self, "classes_"):
            del self.classes_
        if labels.ndim == 2:
            if not np.isin(labels, (0, 1)).all() or not labels.any():
                raise MethodError(
                    "tags are 0 and 1, a column a tag, and one item needs one at least"
                )
            return labels.astype(np.int64)
        if labels.min() < 0:
            raise MethodError("a label is negative: leave unlabelled items out of training")
        self.classes_ = np.unique(labels).astype(np.int64)
        if len(self.classes_) < 2:
            raise MethodError(
                "training needs two classes or more: check the training items' labels"
            )
        return (labels[:, None] == self.classes_).astype(np.int64)

    def _hold_out(self, holds: np.ndarray, groups: Sequence[str | None], seed: int) -> np.ndarray:
        if hasattr(self, "classes_"):
            rng = np.random.default_rng(seed)
            return inner_split(holds.argmax(axis=1), groups, self.validation, rng)
        held = np.zeros(len(holds), dtype=bool)
        if self.validation > 0:
            held = hold_out(groups, self.validation, seed)
        return held & holds[~held].any()  # none, if that would leave no tag to learn

    def _recordings(self, X: np.ndarray) -> list[np.ndarray]:
        return [as_recording(rows) for rows in self.extract.transform(X)]

    def _batches(self, X: np.ndarray) -> list[tuple[np.ndarray, torch.Tensor]]:
        recordings = [(r - self.mean_) / self.scale_ for r in self._recordings(X)]
        return same_length(recordings, next(self.module_.parameters()).device)

    def _train(
        self,
        recordings: list[np.ndarray],
        tokens: np.ndarray,
        kept: np.ndarray,
        held: np.ndarray,
        seed: int,
    ) -> None:
        rng, device = np.random.default_rng(seed), pick_device(self.device)
        in_shape = (1, self.patch_frames, recordings[0].shape[2])
        arguments = {"repeats": False, **(self.net_args or {})}
        net = Seq2Seq(in_shape, len(self.order_), **arguments).to(device)
        optimiser = torch.optim.Adam(net.parameters(), lr=self.lr, weight_decay=self.weight_decay)
        valid = same_length([recordings[i] for i in held], device)
        self.history_, best, state, since = [], np.inf, None, 0
        for epoch in range(1, self.max_epochs + 1):
            total, count = 0.0, 0
            net.train()
            for some in np.array_split(rng.permutation(kept), -(-len(kept) // self.batch_size)):
                x = random_parts([recordings[i] for i in some], self.patch_frames, rng)
                loss, n = token_loss(net, x.to(device), tokens[some])
                optimiser.zero_grad()
                (loss / n).backward()
                torch.nn.utils.clip_grad_norm_(net.parameters(), self.gradient_clip)
                optimiser.step()
                total, count = total + float(loss.detach()), count + n
            row = {"epoch": epoch, "train_loss": total / count}
            self.history_.append(row)
            if not valid:
                continue
            net.eval()
            with torch.no_grad():
                pairs = [token_loss(net, x, tokens[held[some]]) for some, x in valid]
            row["valid_loss"] = float(sum(a for a, _ in pairs)) / sum(n for _, n in pairs)
            since += 1
            if row["valid_loss"] < best:
                best, since, state = row["valid_loss"], 0, copy.deepcopy(net.state_dict())
            if since >= self.patience:
                break
        if state is not None:
            net.load_state_dict(state)
        self.module_ = net.eval()
        self.n_epochs_ = len(self.history_)
        self.n_params_ = sum(p.numel() for p in net.parameters() if p.requires_grad)
