"""One estimator for nets over whole tracks: items in; classes, tags or values out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted
from torch import nn

from deep.dataset import as_recording, band_statistics
from deep.modules import Standardise, pick_device
from deep.nets.architecture import n_parameters
from deep.tracks.answers import outputs_of
from deep.tracks.batches import Patches
from deep.tracks.checkpoints import Files
from deep.tracks.cost import multiply_adds
from deep.tracks.objective import Objective, objective_of
from deep.tracks.settings import Settings, settings_of
from deep.tracks.training import Run, best_of
from mirbench.errors import MethodError
from mirbench.tuning import TRIALS, best_thresholds


def _not_values(self: TrackEstimator) -> bool:
    return getattr(self, "kind_", "classes") != "values"


class TrackEstimator(BaseEstimator):
    """A torch net as a scikit-learn estimator over tracks; ``y`` says what is learned.

    Labels (n,) of int are classes (cross entropy), (n, n_tags) of 0 and 1 tags (binary cross
    entropy), (n, d) of float values (squared error of standardised values).

    Part of the training items, whole groups of them (``item.group``), is held out to stop early and
    to choose between settings; standardiser and net see the others only. Every setting is trained
    within ``max_epochs`` on the same hold-out; the net of the one with the lowest held-out loss is
    kept, with the weights of its best epoch, and not trained again. Torch's global random state
    isn't touched, and a fit repeats bit for bit on the same machine with as many threads.

    Parameters
    ----------
    extract : Extract
        Gives (n_frames, channels * bins) for an item; a waveform is (n_samples, 1).
    net : callable
        ``net(in_shape, n_outputs, **net_args) -> nn.Module``, see `deep.nets`.
    net_args : mapping, optional
    patch_frames : int, optional
        Frames of a patch; by default those of the longest training item. A shorter item is repeated.
    channels : int
        Input channels side by side on the last axis of the features.
    patches : int, optional
        Random patches of each item in an epoch; by default as many as fit it side by side.
    batch_size : int
        In patches; two are the least.
    optimizer : {"adam", "adamw", "sgd", "nesterov"}
    lr, weight_decay : float
    schedule : {"constant", "cosine", "halve", "pons2016"}
        See `deep.tracks.schedules`.
    halve_after : int
        Epochs without improvement after which "halve" halves the rate.
    max_epochs, patience : int
        Stop after ``max_epochs``, or when the held-out measure hasn't fallen for ``patience``: of classes
        the share of wrong items (equals told apart by the loss), else the loss.
    validation : float
        Share held out: of each class's items, or of groups for tags and values; 0 holds out
        nothing, trains for ``max_epochs`` and takes the first setting.
    aggregation : {"mean", "vote"}
        Over the patches that tile an item: mean of probabilities (of values), or share of patches
        that decide so, equals told apart by the mean.
    augment : str
        Names of `deep.tracks.augment` joined by "+", on training patches.
    grid : sequence of mapping, optional
        Settings to choose between, of the parameters in `deep.tracks.settings.TRIABLE` and of ``net__`` arguments.
    trials : int
        The first so many of the grid are tried.
    class_weight : {"balanced", None}
        Weigh classes by the inverse of their number of items; tags and values aren't weighed.
    parents : sequence of (net, net_args), optional
        Nets trained first, on the same items and with the same settings.
    inherit : callable, optional
        ``inherit(net, *trained parents)`` starts the net from them.
    checkpoint : str or Path, optional
        Folder that keeps the state after each epoch. A fit that was interrupted goes on from there
        and ends bit for bit as it would have; a finished fit deletes its own files.
    random_state : int, RandomState or None
        Hold-out, weights, patches, dropout, augmentation.
    device : str
        A torch device, or "auto": CUDA or Apple's where there is one, else the processor.

    Attributes
    ----------
    kind_ : {"classes", "tags", "values"}
    classes_ : ndarray of int64
        Of classes only.
    thresholds_ : ndarray, shape (n_tags,)
        Of tags only: with the best F1 on the held-out items; 0.5 for a tag that none of them has.
    module_ : nn.Module
        Standardiser and net.
    held_out_ : ndarray of bool, shape (n,)
    best_params_, search_
        The chosen setting; all settings with minus their held-out measure.
    history_ : list of dict
        ``epoch``, ``train_loss`` and ``valid_loss`` (nats, or squared deviations) of the chosen.
    n_epochs_, n_params_, n_multiply_adds_, patch_frames_ : int
        Multiply-adds are of one patch.
    """

    def __init__(
        self,
        extract: Any,
        net: Callable[..., nn.Module],
        net_args: Mapping[str, Any] | None = None,
        patch_frames: int | None = None,
        channels: int = 1,
        patches: int | None = None,
        batch_size: int = 16,
        optimizer: str = "adam",
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        schedule: str = "constant",
        halve_after: int = 75,
        max_epochs: int = 30,
        patience: int = 5,
        validation: float = 0.15,
        aggregation: str = "mean",
        augment: str = "",
        grid: Sequence[Mapping[str, Any]] | None = None,
        trials: int = TRIALS,
        class_weight: str | None = "balanced",
        parents: Sequence[tuple[Callable[..., nn.Module], Mapping[str, Any]]] | None = None,
        inherit: Callable[..., None] | None = None,
        checkpoint: str | Path | None = None,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.extract = extract
        self.net = net
        self.net_args = net_args
        self.patch_frames = patch_frames
        self.channels = channels
        self.patches = patches
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.halve_after = halve_after
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation = validation
        self.aggregation = aggregation
        self.augment = augment
        self.grid = grid
        self.trials = trials
        self.class_weight = class_weight
        self.parents = parents
        self.inherit = inherit
        self.checkpoint = checkpoint
        self.random_state = random_state
        self.device = device

    def fit(self, X: np.ndarray, y: Any) -> TrackEstimator:
        """Train on items.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : array
            Codes (n,), tags of 0 and 1 (n, n_tags), or values (n, d) of float.

        Raises
        ------
        MethodError
            Labels that are none of these, an item without a frame, an unknown setting.
        """
        objective = objective_of(y, len(X), self.class_weight)
        if self.aggregation not in ("mean", "vote"):
            raise MethodError(f'unknown aggregation "{self.aggregation}": use "mean" or "vote"')
        if self.aggregation == "vote":
            objective.votes(objective.targets)  # values have none, and say so
        settings = settings_of(self.grid, self.trials)
        recordings = self._recordings(X)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.held_out_ = objective.held_out(
            [item.group for item in X], self.validation, np.random.default_rng(seed)
        )
        kept, held = np.flatnonzero(~self.held_out_), np.flatnonzero(self.held_out_)
        objective.learn(kept)
        self.objective_, self.kind_ = objective, objective.kind
        self.patch_frames_ = self.patch_frames or max(recordings[i].shape[1] for i in kept)
        self.mean_, self.scale_ = band_statistics([recordings[i] for i in kept])
        parts = [self._patches([recordings[i] for i in part]) for part in (kept, held)]
        files = self._files(X, y, seed)
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            runs = [
                self._train(objective, parts, (kept, held), setting, seed, files, i)
                for i, setting in enumerate(settings if len(held) else settings[:1])
            ]
        best = best_of(runs)
        self.best_params_ = settings[best]
        self.search_ = [(s, -run.best) for s, run in zip(settings, runs)] if len(held) else []
        self.history_ = runs[best].history
        self.n_epochs_ = len(self.history_)
        net = runs[best].finish()
        self.module_ = nn.Sequential(Standardise(self.mean_, self.scale_), net)
        self.module_.to(runs[best].targets.device).eval()
        self.n_params_ = n_parameters(net)
        self.n_multiply_adds_ = multiply_adds(net, self._in_shape(recordings[0]))
        self._learn_decisions([recordings[i] for i in held], objective, held)
        files.delete()
        return self

    @available_if(_not_values)
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of classes or tags, (n_items, n_outputs), each from its own sound alone."""
        check_is_fitted(self)
        return self._outputs(self._recordings(X))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Codes (n,), tags as 0 and 1 (n, n_tags) by ``thresholds_``, or values (n, d)."""
        check_is_fitted(self)
        outputs = self._outputs(self._recordings(X))
        if self.kind_ == "classes":
            return self.classes_[outputs.argmax(axis=1)]
        return (outputs >= self.thresholds_).astype(np.int64) if self.kind_ == "tags" else outputs

    def _recordings(self, X: np.ndarray) -> list[np.ndarray]:
        recordings = [as_recording(rows, self.channels) for rows in self.extract.transform(X)]
        if any(r.shape[1] == 0 for r in recordings):
            raise MethodError("an item is too short to hold a frame: drop it from the index")
        return recordings

    def _in_shape(self, recording: np.ndarray) -> tuple[int, int, int]:
        return (recording.shape[0], self.patch_frames_, recording.shape[2])

    def _patches(self, recordings: list[np.ndarray]) -> Patches | None:
        if not recordings:
            return None
        device = pick_device(self.device)
        return Patches(recordings, self.patch_frames_, self.mean_, self.scale_, device)

    def _files(self, X: np.ndarray, y: Any, seed: int) -> Files:
        if self.checkpoint is None:
            return Files(None, "")
        parameters = {k: v for k, v in self.get_params(deep=False).items() if k != "checkpoint"}
        return Files.of_fit(Path(self.checkpoint), parameters | {"random_state": seed}, X, y)

    def _train(
        self,
        objective: Objective,
        parts: list[Patches | None],
        places: tuple[np.ndarray, np.ndarray],
        setting: Mapping[str, Any],
        seed: int,
        files: Files,
        number: int,
    ) -> Run:
        """Train the net under a setting, and before it those it starts from."""
        how, for_net = Settings.of(self.get_params(deep=False), setting)
        train, valid = parts
        assert train is not None
        in_shape = (train.channels, self.patch_frames_, train.bins)

        def run(net: nn.Module, part: str) -> Run:
            net = net.to(train.frames.device)
            file = files.of(part)
            return Run(net, objective, train, valid, *places, how, seed, file).advance()

        def make(net: Callable[..., nn.Module], arguments: Mapping[str, Any]) -> nn.Module:
            torch.manual_seed(seed)
            return net(in_shape, objective.targets.shape[1], **{**arguments, **for_net})

        trained = [
            run(make(net, arguments), f"{number}-parent{i}").finish()
            for i, (net, arguments) in enumerate(self.parents or ())
        ]
        net = make(self.net, self.net_args or {}).to(train.frames.device)
        if self.inherit is not None:
            self.inherit(net, *trained)
        return run(net, str(number))

    def _learn_decisions(
        self, held: list[np.ndarray], objective: Objective, places: np.ndarray
    ) -> None:
        """What ``predict`` decides by."""
        if objective.kind == "classes":
            self.classes_ = objective.classes  # type: ignore[attr-defined]
        elif objective.kind == "tags":
            self.thresholds_ = np.full(objective.targets.shape[1], 0.5)
            if held:
                truth = objective.targets[places]
                self.thresholds_ = best_thresholds(truth, self._outputs(held))

    def _outputs(self, recordings: Sequence[np.ndarray]) -> np.ndarray:
        return outputs_of(
            self.module_,
            self.objective_,
            recordings,
            self.patch_frames_,
            self.batch_size,
            self.aggregation,
        )
