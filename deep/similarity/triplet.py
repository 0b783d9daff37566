"""Embeddings of tracks learned from an oracle: by triplets, by pairs, or by proxies of tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deep.similarity.base import TrackNet
from deep.similarity.miners import MINERS
from deep.similarity.objectives import Pairs, Proxies, Triplets
from deep.similarity.targets import Truth
from mirbench.errors import MethodError
from mirbench.features import Extract

GRIDS: dict[str, dict[str, Sequence[Any]]] = {
    "triplet": {"margin": (0.2, 0.1, 0.5), "dim": (64, 32)},
    "contrastive": {"margin": (1.0, 0.5, 1.4), "dim": (64, 32)},
    "proxy": {"temperature": (0.1, 0.05, 0.2), "dim": (64, 32)},
}
"""Settings tried for each loss (our choice; the publication doesn't give its own)."""


class TripletEmbedding(TrackNet):
    """Unit-length embeddings in which what the oracle says is similar is near.

    Trained as `TrackNet` says, with the similarities of all pairs of tracks in memory; the Euclidean
    distance goes with the embeddings. Tags make the oracle
    that is the cosine of idf-weighted tags within the tracks trained on, with lists of other artists'
    tracks; codes make one that says 1 for the same label.

    Parameters
    ----------
    extract : Extract
        Gives (n_frames, bins) for an item.
    mining : {"distance", "random", "neighbors"}
        How negatives are drawn, see `deep.similarity.miners`; the proxy loss has no use for it.
    pooling : str
        Layer over time, a name in `deep.nets.pooling.POOLINGS`.
    loss : {"triplet", "contrastive", "proxy"}
        See `deep.similarity.objectives`.
    n_positives : int
        First ranks of an oracle's list that count as similar; at most a third of the tracks.
    n_negatives : int
        Negatives drawn for an anchor and positive.
    grid : mapping of str to sequence, optional
        Values of ``margin`` (or ``temperature``) and ``dim``; by default those of `GRIDS`.
    net_args : mapping, optional
        Of `deep.nets.vgg_embedding.VGGEmbedding`.
    patch_frames : int
        Frames of a random part of a track, anew at each visit in training.
    batch_size : int
        Anchors in a batch, each with a positive and a negative. With proxies three times as many
        tracks, each visited three times an epoch, so that an epoch takes about as long.
    lr, weight_decay : float
        Of Adam.
    search_epochs, max_epochs, patience : int
        Epochs that every setting is trained for, of the chosen one in all, and without a better
        validation MAP@20 before it stops.
    validation : float
        Share of the artists held out.
    random_state : int, RandomState or None
    device : str
        A torch device, or "auto".

    Attributes
    ----------
    best_params_ : dict
        The setting chosen.
    search_ : list of (dict, float)
        Best validation MAP@20 (0 to 1) of each setting in the search; empty where there was none.
    history_ : list of dict
        ``epoch``, ``train_loss`` and ``valid_map`` of the chosen setting.
    held_out_ : ndarray of bool
        Training items used for validation.
    module_ : nn.Module
    n_epochs_, n_params_ : int
    """

    def __init__(
        self,
        extract: Extract,
        mining: str = "distance",
        pooling: str = "mean",
        loss: str = "triplet",
        n_positives: int = 10,
        n_negatives: int = 5,
        grid: Mapping[str, Sequence[Any]] | None = None,
        net_args: Mapping[str, Any] | None = None,
        patch_frames: int = 100,
        batch_size: int = 32,
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        search_epochs: int = 3,
        max_epochs: int = 30,
        patience: int = 8,
        validation: float = 0.25,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.extract = extract
        self.mining = mining
        self.pooling = pooling
        self.loss = loss
        self.n_positives = n_positives
        self.n_negatives = n_negatives
        self.grid = grid
        self.net_args = net_args
        self.patch_frames = patch_frames
        self.batch_size = batch_size
        self.lr = lr
        self.weight_decay = weight_decay
        self.search_epochs = search_epochs
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation = validation
        self.random_state = random_state
        self.device = device

    def fit(self, X: np.ndarray, y: Any) -> TripletEmbedding:
        """Train on items, see `TrackNet.fit`; MethodError names an unknown ``loss`` or ``mining``."""
        for value, known in ((self.loss, GRIDS), (self.mining, MINERS)):
            if value not in known:
                raise MethodError(f'unknown choice "{value}": use one of {", ".join(known)}')
        super().fit(X, y)
        return self

    def _default_grid(self) -> Mapping[str, Sequence[Any]]:
        return GRIDS[self.loss]

    def _outputs(self, labels: np.ndarray, setting: Mapping[str, Any]) -> dict[str, Any]:
        return {"n_outputs": setting["dim"], "normalise": True}

    def _objective(self, labels: np.ndarray, truth: Truth, setting: Mapping[str, Any]) -> Any:
        if self.loss == "proxy":
            temperature, dim = setting["temperature"], setting["dim"]
            return Proxies(labels, dim, temperature, 3 * self.batch_size, passes=3)
        kind = Triplets if self.loss == "triplet" else Pairs
        return kind(
            truth,
            self.mining,
            setting["margin"],
            min(self.n_positives, max(1, len(labels) // 3)),
            self.n_negatives,
            self.batch_size,
        )
