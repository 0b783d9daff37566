"""One estimator for every net: items in, class or frame probabilities out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from skorch import NeuralNet
from skorch.callbacks import EarlyStopping, GradientNormClipping, LRScheduler
from skorch.helper import predefined_split
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from deep.dataset import (
    Augment,
    Patches,
    as_recording,
    band_statistics,
    inner_split,
    most_frequent,
)
from deep.modules import MaskedCrossEntropy, Standardise, pick_device
from mirbench.errors import MethodError
from mirbench.estimators import frame_codes
from mirbench.features import Extract
from mirbench.frames import Grid
from mirbench.items import ragged

CHUNK_FRAMES = 3000  # frames of a long recording that a net sees at once: one minute at 50 Hz
OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


class DeepClassifier(ClassifierMixin, BaseEstimator):
    """A torch net as a scikit-learn classifier over items.

    Part of the training items, whole groups of them, is held out to stop early; the weights of the
    best epoch are kept. The standardiser (mean and standard deviation of each band) is fitted on
    what is left. Torch's global random state is not touched, and a fit repeats bit for bit on the
    same machine.

    Parameters
    ----------
    extract : Extract
        Gives (n_frames, channels * bins) for an item; for ``output="frames"``, on the protocol's
        grid.
    net : callable
        ``net(in_shape, n_classes, **net_args) -> nn.Module``, see `deep.nets`.
    net_args : dict, optional
    output : {"items", "frames"}
        One decision an item (the mean of its patches' probabilities), or one a frame.
    patch_frames : int, optional
        Frames in a training patch; by default those of the longest training item.
    channels : int
        Input channels that lie side by side on the last axis of the features.
    hop_s : float
        Frame period (s), to read segments with when ``output="frames"``.
    augment : callable, optional
        ``augment(patch, rng) -> patch`` of the same shape, on training patches only.
    optimizer : {"adam", "adamw", "sgd"}
    lr, weight_decay : float
    cosine : bool
        Let the learning rate fall along a cosine, from ``lr`` to 0 after ``max_epochs``.
    batch_size : int
        In patches.
    max_epochs, patience : int
        Stop after ``max_epochs``, or when the held-out loss hasn't fallen for ``patience``.
    validation : float
        Share of each class held out; 0 trains for ``max_epochs``.
    class_weight : {"balanced", None}
        Weigh classes by the inverse of their number of patches or frames.
    gradient_clip : float, optional
        Largest norm of the gradient.
    random_state : int, RandomState or None
        Split, weights, order of patches, dropout, augmentation.
    device : str
        A torch device, or "auto": CUDA or Apple's where there is one, else the processor.

    Attributes
    ----------
    classes_ : ndarray of int64
    module_ : nn.Module
        Standardiser and net.
    mean_, scale_ : ndarray of float32, shape (channels, 1, bins)
    held_out_ : ndarray of bool
        Training items used for early stopping.
    history_ : list of dict
        ``epoch``, ``train_loss`` and ``valid_loss`` (nats).
    n_epochs_, n_params_, patch_frames_ : int
    """

    def __init__(
        self,
        extract: Extract,
        net: Callable[..., nn.Module],
        net_args: dict[str, Any] | None = None,
        output: str = "items",
        patch_frames: int | None = None,
        channels: int = 1,
        hop_s: float = 0.02,
        augment: Augment | None = None,
        optimizer: str = "adam",
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        cosine: bool = False,
        batch_size: int = 32,
        max_epochs: int = 30,
        patience: int = 5,
        validation: float = 0.15,
        class_weight: str | None = "balanced",
        gradient_clip: float | None = None,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.extract = extract
        self.net = net
        self.net_args = net_args
        self.output = output
        self.patch_frames = patch_frames
        self.channels = channels
        self.hop_s = hop_s
        self.augment = augment
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.cosine = cosine
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation = validation
        self.class_weight = class_weight
        self.gradient_clip = gradient_clip
        self.random_state = random_state
        self.device = device

    def fit(self, X: np.ndarray, y: Any) -> DeepClassifier:
        """Train on items.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : sequence of length n
            Codes; for ``output="frames"`` also lists of (start_s, end_s, code), whose gaps are
            left out.

        Raises
        ------
        MethodError
            If a code is negative, there are fewer than two classes, or no frame to train on.
        """
        recordings = self._recordings(X)
        codes = self._codes(y, recordings)
        labelled = np.concatenate(codes)
        self.classes_ = np.unique(labelled[labelled >= 0])
        if len(self.classes_) < 2:
            raise MethodError(
                f"training needs two classes or more, got {self.classes_.tolist()}: "
                "check the labels of the training items"
            )
        targets = [np.where(c < 0, -1, np.searchsorted(self.classes_, c)) for c in codes]
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        rng = np.random.default_rng(seed)
        self.held_out_ = inner_split(
            np.array([most_frequent(t) for t in targets]),
            [item.group for item in X],
            self.validation,
            rng,
        )
        kept, held = np.flatnonzero(~self.held_out_), np.flatnonzero(self.held_out_)
        self.mean_, self.scale_ = band_statistics([recordings[i] for i in kept])
        self.patch_frames_ = self.patch_frames or max(recordings[i].shape[1] for i in kept)
        train = self._patches(recordings, targets, kept, rng)
        valid = self._patches(recordings, targets, held) if len(held) else None
        counts = np.bincount(np.concatenate([targets[i] for i in kept]) + 1)[1:]
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            self._train(train, valid, counts)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Class probabilities.

        Returns
        -------
        ndarray
            Shape (n_items, n_classes), or an object array of (n_frames, n_classes) when
            ``output="frames"``.
        """
        check_is_fitted(self)
        recordings = self._recordings(X)
        with torch.no_grad():
            if self.output == "frames":
                return ragged(self._frame_probabilities(recording) for recording in recordings)
            return self._item_probabilities(recordings)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Codes of shape (n_items,), or an object array of (n_frames,)."""
        probabilities = self.predict_proba(X)
        if self.output == "frames":
            return ragged(self.classes_[rows.argmax(axis=1)] for rows in probabilities)
        return self.classes_[probabilities.argmax(axis=1)]

    def _recordings(self, X: np.ndarray) -> list[np.ndarray]:
        if self.output not in ("items", "frames"):
            raise MethodError(f'unknown output "{self.output}": use "items" or "frames"')
        if self.optimizer not in OPTIMIZERS:
            known = ", ".join(OPTIMIZERS)
            raise MethodError(f'unknown optimizer "{self.optimizer}": use one of {known}')
        recordings = [as_recording(rows, self.channels) for rows in self.extract.transform(X)]
        if self.output == "items" and any(r.shape[1] == 0 for r in recordings):
            raise MethodError("an item is too short to hold a frame: drop it from the index")
        return recordings

    def _codes(self, y: Any, recordings: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Codes of each item, shape (1,), or of its frames."""
        if len(y) != len(recordings):
            raise MethodError(f"{len(recordings)} items but {len(y)} labels: one an item is needed")
        if any(not isinstance(label, list) and label < 0 for label in y):
            raise MethodError("a label is negative: leave unlabelled items out of training")
        if self.output == "items":
            return [np.array([label], dtype=np.int64) for label in y]
        grid = Grid(self.hop_s)
        return [frame_codes(label, r.shape[1], grid) for label, r in zip(y, recordings)]

    def _patches(
        self,
        recordings: Sequence[np.ndarray],
        targets: Sequence[np.ndarray],
        chosen: np.ndarray,
        rng: np.random.Generator | None = None,
    ) -> Patches:
        labels = [targets[i] if self.output == "frames" else int(targets[i][0]) for i in chosen]
        rows = [recordings[i] for i in chosen]
        return Patches(rows, labels, self.patch_frames_, rng, self.augment)

    def _train(self, train: Patches, valid: Patches | None, counts: np.ndarray) -> None:
        channels, _, bins = train.recordings[0].shape
        in_shape = (channels, self.patch_frames_, bins)
        net = self.net(in_shape, len(self.classes_), **(self.net_args or {}))
        weight = counts.sum() / (len(counts) * counts) if self.class_weight else counts**0
        callbacks: list[Any] = []
        if valid is not None:
            callbacks.append(
                EarlyStopping(patience=self.patience, load_best=True, sink=str)
            )  # str: silent
        if self.cosine:
            callbacks.append(LRScheduler(CosineAnnealingLR, T_max=self.max_epochs))
        if self.gradient_clip:
            callbacks.append(GradientNormClipping(self.gradient_clip))
        trainer = NeuralNet(
            nn.Sequential(Standardise(self.mean_, self.scale_), net),
            criterion=MaskedCrossEntropy(torch.as_tensor(weight, dtype=torch.float32)),
            optimizer=OPTIMIZERS[self.optimizer],
            optimizer__weight_decay=self.weight_decay,
            lr=self.lr,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            iterator_train__shuffle=True,
            train_split=predefined_split(valid) if valid is not None else None,
            callbacks=callbacks,
            device=pick_device(self.device),
            verbose=0,
        )
        trainer.fit(train, None)
        self.module_ = trainer.module_.eval()
        wanted = ("epoch", "train_loss", "valid_loss")
        self.history_ = [{k: row[k] for k in wanted if k in row} for row in trainer.history]
        self.n_epochs_ = len(self.history_)
        self.n_params_ = sum(p.numel() for p in net.parameters() if p.requires_grad)
        self.context_frames_ = getattr(net, "context", None)

    def _item_probabilities(self, recordings: Sequence[np.ndarray]) -> np.ndarray:
        patches = Patches(recordings, [0] * len(recordings), self.patch_frames_)
        batches = torch.utils.data.DataLoader(patches, batch_size=self.batch_size)
        rows = [self._probabilities(batch) for batch, _ in batches]
        sums = np.zeros((len(recordings), len(self.classes_)))
        if rows:
            np.add.at(sums, patches.owner, np.concatenate(rows))
        return sums / np.bincount(patches.owner, minlength=len(recordings))[:, None]

    def _frame_probabilities(self, recording: np.ndarray) -> np.ndarray:
        """Probabilities of all frames, computed in chunks that overlap by the net's context."""
        before, after = self.context_frames_ or (0, 0)
        rows = [np.zeros((0, len(self.classes_)))]
        for start in range(0, recording.shape[1], CHUNK_FRAMES):
            first = max(0, start - before)
            chunk = recording[:, first : start + CHUNK_FRAMES + after]
            scores = self._probabilities(torch.tensor(chunk)[None])[0].T
            rows.append(scores[start - first :][:CHUNK_FRAMES])
        return np.concatenate(rows)

    def _probabilities(self, batch: torch.Tensor) -> np.ndarray:
        device = next(self.module_.parameters()).device
        return torch.softmax(self.module_(batch.to(device)).double(), dim=1).cpu().numpy()
