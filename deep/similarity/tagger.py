"""The auto-tagger as a similarity: its probabilities in place of tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import expit

from deep.similarity.base import TrackNet
from deep.similarity.objectives import Tags, one_hot
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.oracle import cosine, idf


class TaggerSimilarity(TrackNet):
    """A net that tags; tracks are compared by the oracle's formula on its probabilities.

    The baseline of Prétet et al. 2020: the same net as `TripletEmbedding`'s with a sigmoid a tag,
    trained by binary cross entropy, stopped by the same measure, MAP@20 on the validation artists
    (our choice). Codes are as many tags that exclude each other.

    Parameters
    ----------
    extract, pooling, net_args, patch_frames, lr, weight_decay, max_epochs, patience, validation, \
random_state, device
        As in `deep.similarity.triplet.TripletEmbedding`.
    batch_size : int
        Tracks in a batch.
    visits : int
        Times that each track is seen in an epoch, by default as often as in one of triplets.

    Attributes
    ----------
    idf_ : ndarray of shape (n_tags,)
        Weights of tags, from the tracks trained on.
    history_, held_out_, module_, n_epochs_, n_params_
        As there.
    """

    def __init__(
        self,
        extract: Extract,
        pooling: str = "mean",
        net_args: Mapping[str, Any] | None = None,
        patch_frames: int = 100,
        batch_size: int = 48,
        visits: int = 3,
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        max_epochs: int = 30,
        patience: int = 8,
        validation: float = 0.25,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.extract = extract
        self.pooling = pooling
        self.net_args = net_args
        self.patch_frames = patch_frames
        self.batch_size = batch_size
        self.visits = visits
        self.lr = lr
        self.weight_decay = weight_decay
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation = validation
        self.random_state = random_state
        self.device = device

    def distance(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """1 - cosine of idf-weighted probabilities, (len(A), len(B))."""
        weighted = (np.asarray(side, dtype=float) * self.idf_ for side in (A, B))
        return 1 - cosine(*weighted)

    def _learn_labels(self, labels: np.ndarray) -> None:
        self.idf_ = idf(one_hot(labels))
        if not self.idf_.any():
            raise MethodError("no label tells two training tracks apart: give tags, or two classes")

    def _outputs(self, labels: np.ndarray, setting: Mapping[str, Any]) -> dict[str, Any]:
        return {"n_outputs": len(self.idf_), "normalise": False}

    def _objective(self, labels: np.ndarray, truth: Any, setting: Mapping[str, Any]) -> Any:
        return Tags(labels, self.batch_size, self.visits)

    def _rows(self, outputs: np.ndarray) -> np.ndarray:
        return expit(outputs.astype(float))
