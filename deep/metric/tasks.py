"""Pairs and triplets of a batch of a few classes: losses of embeddings of unit length."""

from __future__ import annotations

import numpy as np
import torch
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.losses import TripletMarginLoss
from pytorch_metric_learning.miners import TripletMarginMiner
from pytorch_metric_learning.reducers import MeanReducer
from pytorch_metric_learning.utils.loss_and_miner_utils import get_all_triplets_indices
from torch import nn

from deep.fewshot.encoder import Supervised
from deep.similarity.objectives import SquaredContrastive

CLASSES, EACH = 8, 4
"""Of a batch: P x K = 32 patches, the shared batch (Hermans et al. 2017; the numbers are our choice)."""
PAIR_MARGIN = 1.0
TRIPLET_MARGIN = 0.2
"""Of distances, which lie in 0..2 between vectors of unit length; our choice."""


class Batched(Supervised):
    """Batches of `CLASSES` classes with `EACH` items, fewer where there are fewer."""

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Items of a batch."""
        codes = self.codes.cpu().numpy()
        chosen = rng.permutation(np.unique(codes))[:CLASSES]
        own = [rng.permutation(np.flatnonzero(codes == code))[:EACH] for code in chosen]
        return np.concatenate(own)

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Embeddings of unit length, (batch, n)."""
        return nn.functional.normalize(self.encoder(x), dim=1)

    def codes_at(self, places: np.ndarray) -> torch.Tensor:
        """Classes of these items."""
        return self.codes[torch.as_tensor(places, device=self.codes.device)]


class Contrastive(Batched):
    """Every pair of a batch: D^2 / 2 where the class is one, max(0, margin - D)^2 / 2 elsewhere.

    D is the distance, not squared (Hadsell, Chopra, LeCun 2006); means over the pairs of a kind, as of
    `deep.similarity.objectives`.
    """

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__(encoder, in_shape)
        distance = LpDistance(p=2, power=1, normalize_embeddings=False)
        self.pairs = SquaredContrastive(
            pos_margin=0, neg_margin=PAIR_MARGIN, distance=distance, reducer=MeanReducer()
        )

    def of(self, rows: torch.Tensor, places: np.ndarray) -> torch.Tensor:
        """The loss of a batch."""
        return self.pairs(rows, self.codes_at(places))


class Triplets(Batched):
    """Mean of max(0, D(a, p) - D(a, n) + margin) over the triplets of a batch that are mined.

    D is the distance, not squared (Schroff et al. 2015 square it). The log holds the share of active
    triplets: those of all in the batch, mined or not, whose loss is over 0.

    Parameters
    ----------
    encoder, in_shape
        As of `Pretext`.
    mining : {"easy", "semihard", "hard", "all"}
        Triplets by where the negative is: farther than the positive by more than the margin (their loss is
        0, so that nothing is learned), by less, or nearer. ``all`` takes the last two.
    """

    def __init__(
        self, encoder: nn.Module, in_shape: tuple[int, int, int], mining: str = "semihard"
    ) -> None:
        super().__init__(encoder, in_shape)
        self.distance = LpDistance(p=2, power=1, normalize_embeddings=False)
        self.miner = TripletMarginMiner(TRIPLET_MARGIN, mining, distance=self.distance)
        self.margin = TripletMarginLoss(
            TRIPLET_MARGIN, distance=self.distance, reducer=MeanReducer()
        )

    def of(self, rows: torch.Tensor, places: np.ndarray) -> torch.Tensor:
        """The loss of a batch."""
        codes = self.codes_at(places)
        self.log.append(active(self.distance(rows.detach()), codes))
        return self.margin(rows, codes, self.miner(rows, codes))


def active(distances: torch.Tensor, codes: torch.Tensor) -> float:
    """Share of a batch's triplets whose loss is over 0; 0 without any triplet."""
    anchors, positives, negatives = get_all_triplets_indices(codes)
    gaps = distances[anchors, positives] - distances[anchors, negatives] + TRIPLET_MARGIN
    return float((gaps > 0).float().mean()) if len(gaps) else 0.0
