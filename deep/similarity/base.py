"""What the similarity nets share: items in, validation by artist, settings chosen, rows out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from deep.dataset import as_recording, band_statistics
from deep.modules import pick_device
from deep.nets.vgg_embedding import VGGEmbedding
from deep.similarity.targets import (
    checked_labels,
    hold_out_groups,
    mean_average_precision,
    truth_of,
)
from deep.similarity.training import Run, module_of, outputs
from mirbench.errors import MethodError
from mirbench.neighbours import distance_of


class TrackNet(TransformerMixin, BaseEstimator):
    """A net over tracks that is trained towards an oracle; subclasses say with which objective.

    Of the training items' artists (``item.group``) a part is held out for validation; the
    standardiser and the net see the others only. Each setting of the grid is trained for
    ``search_epochs``; the one with the best MAP@20 on the validation tracks (the first of equals)
    goes on, and the weights of its best epoch are kept. Torch's global random state isn't touched,
    and a fit repeats bit for bit on the same machine.

    Subclasses take the parameters ``extract, pooling, net_args, patch_frames, lr, weight_decay,
    max_epochs, patience, validation, random_state, device``, and where there are settings to choose
    between ``grid`` and ``search_epochs``.
    """

    extract: Any
    pooling: str
    grid: Mapping[str, Sequence[Any]] | None = None
    net_args: Mapping[str, Any] | None
    patch_frames: int
    lr: float
    weight_decay: float
    search_epochs: int = 0
    max_epochs: int
    patience: int
    validation: float
    random_state: Any
    device: str

    def fit(self, X: np.ndarray, y: Any) -> TrackNet:
        """Train on items.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : array of int, shape (n,) or (n, n_tags)
            Codes of artist or genre, or tags as 0 and 1.

        Raises
        ------
        MethodError
            No labels, fewer than three tracks, or labels that tell no two tracks apart.
        """
        labels = checked_labels(y, len(X), type(self).__name__)
        if len(X) < 3:
            raise MethodError(f"training needs three tracks or more, got {len(X)}")
        recordings = self._recordings(X)
        groups, keys = [item.group for item in X], [item.key for item in X]
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        held = hold_out_groups(groups, self.validation, np.random.default_rng(seed))

        def truth(mask: np.ndarray) -> Any:
            where = np.flatnonzero(mask)
            return truth_of(labels[where], [groups[i] for i in where], [keys[i] for i in where])

        if held.any() and not any(map(len, truth(held).relevant)):
            held = np.zeros_like(held)  # nothing to be right about
        self.held_out_ = held
        kept = np.flatnonzero(~held)
        self._learn_labels(labels[kept])
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            self._search(
                [recordings[i] for i in kept],
                (labels[kept], truth(~held)),
                [recordings[i] for i in np.flatnonzero(held)],
                truth(held) if held.any() else None,
                seed,
            )
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Rows of tracks, (n_items, n_outputs), each from its own sound alone."""
        check_is_fitted(self)
        return self._rows(outputs(self.module_, self._recordings(X)))

    def _default_grid(self) -> Mapping[str, Sequence[Any]]:
        """Settings tried where ``grid`` is None; the first of each are used without validation."""
        return {}

    def _learn_labels(self, labels: np.ndarray) -> None:
        """See the labels of the tracks trained on, before any setting is tried."""

    def _outputs(self, labels: np.ndarray, setting: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments of the net."""
        raise NotImplementedError

    def _objective(self, labels: np.ndarray, truth: Any, setting: Mapping[str, Any]) -> Any:
        """What to train for."""
        raise NotImplementedError

    def _rows(self, outputs: np.ndarray) -> np.ndarray:
        """What ``transform`` gives, of the net's outputs."""
        return outputs

    def _recordings(self, X: np.ndarray) -> list[np.ndarray]:
        return [as_recording(rows) for rows in self.extract.transform(X)]

    def _search(
        self,
        recordings: list[np.ndarray],
        known: tuple[np.ndarray, Any],
        held: list[np.ndarray],
        truth: Any,
        seed: int,
    ) -> None:
        """Try every setting, train the best on."""
        self.mean_, self.scale_ = band_statistics(recordings)
        grid = self._default_grid() if self.grid is None else self.grid
        settings = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
        device = pick_device(self.device)

        def score(module: torch.nn.Module) -> float:
            rows = self._rows(outputs(module, held))
            return mean_average_precision(distance_of(self)(rows, rows), truth)

        def start(setting: dict[str, Any]) -> Run:
            torch.manual_seed(seed)
            in_shape = (1, self.patch_frames, recordings[0].shape[2])
            arguments = {"pooling": self.pooling, **(self.net_args or {})}
            net = VGGEmbedding(in_shape, **arguments, **self._outputs(known[0], setting))
            return Run(
                module_of(net, self.mean_, self.scale_),
                self._objective(*known, setting),
                recordings,
                self.patch_frames,
                score if truth is not None else None,
                self.lr,
                self.weight_decay,
                seed,
                device,
            )

        self.search_: list[tuple[dict[str, Any], float]] = []
        if truth is None:
            chosen, run = settings[0], start(settings[0])
        else:
            runs = [start(setting) for setting in settings]
            if len(runs) > 1:
                for setting, trial in zip(settings, runs, strict=True):
                    trial.advance(min(self.search_epochs, self.max_epochs), self.patience)
                    self.search_.append((setting, trial.best))
            best = int(np.argmax([trial.best for trial in runs]))
            chosen, run = settings[best], runs[best]
        run.advance(self.max_epochs, self.patience)
        self.best_params_ = chosen
        self.module_ = run.finish()
        self.history_ = run.history
        self.n_epochs_ = len(run.history)
        self.n_params_ = sum(p.numel() for p in self.module_.parameters() if p.requires_grad)
