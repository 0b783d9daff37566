"""What the nets are trained for: batches of tracks, and the loss of their outputs.

Losses come from pytorch-metric-learning, with distances of unit-length embeddings:

- triplet: mean of ``max(0, |f(a) - f(p)|^2 - |f(a) - f(n)|^2 + margin)`` (Prétet et al. 2020);
- contrastive: mean over similar pairs of ``D^2 / 2`` plus mean over the others of
  ``max(0, margin - D)^2 / 2``, D the distance, not squared (Hadsell, Chopra, LeCun 2006);
- proxy: cross entropy of ``softmax(f(x) . w_c / temperature)``, one unit vector w_c a label
  (normalised softmax, Zhai & Wu 2019), a form of classification;
- tags: binary cross entropy of every tag, the auto-tagger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.losses import (
    ContrastiveLoss,
    NormalizedSoftmaxLoss,
    TripletMarginLoss,
)
from pytorch_metric_learning.reducers import MeanReducer
from torch import nn

from deep.similarity.miners import mine
from deep.similarity.targets import Truth
from mirbench.errors import MethodError
from mirbench.oracle import idf

Batch = tuple[np.ndarray, Callable[[torch.Tensor], torch.Tensor]]
"""Positions of distinct tracks, and the loss of the net's outputs for them."""


class Triplets(nn.Module):
    """Triplets mined anew every epoch.

    A batch is made of some anchors and, for each, one positive and negative mined for it; of all
    triplets mined in the epoch those count whose three tracks are in the batch. A track embedded
    once so serves in many triplets, each as likely as the mining makes it (our choice).

    Parameters
    ----------
    truth : Truth
    mining : {"neighbors", "random", "distance"}
    margin : float
        Of squared distances; between unit vectors they lie in 0..4.
    n_positives, n_negatives : int
        See `deep.similarity.miners.mine`; all positives of an anchor.
    anchors : int
        In a batch; every anchor is in one batch of an epoch.
    """

    negatives_from = 0

    def __init__(
        self,
        truth: Truth,
        mining: str,
        margin: float,
        n_positives: int,
        n_negatives: int,
        anchors: int,
    ) -> None:
        super().__init__()
        self.truth, self.mining, self.anchors = truth, mining, anchors
        self.n_positives, self.n_negatives = n_positives, n_negatives
        self.loss = self.make_loss(margin)

    def make_loss(self, margin: float) -> nn.Module:
        """The loss of embeddings and (anchors, positives, negatives)."""
        distance = LpDistance(p=2, power=2, normalize_embeddings=False)
        return TripletMarginLoss(margin=margin, distance=distance, reducer=MeanReducer())

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Those of one epoch."""
        mined = mine(
            self.truth.lists,
            self.truth.similarity,
            self.mining,
            rng,
            n_positives=self.n_positives,
            n_negatives=self.n_negatives,
            negatives_from=self.negatives_from,
        )
        if not len(mined):
            raise MethodError(
                "no triplet can be made: no training track is more similar to one of another "
                "artist than to a third; give more tracks, or tags that tell them apart"
            )
        mined = rng.permutation(mined)
        own = rng.permutation(mined[np.unique(mined[:, 0], return_index=True)[1]])
        for some in np.array_split(own, -(-len(own) // self.anchors)):
            tracks = np.unique(some)
            inside = mined[np.isin(mined, tracks).all(axis=1)]
            yield tracks, self._of(torch.as_tensor(np.searchsorted(tracks, inside.T)))

    def indices(self, places: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """What the loss compares: places of anchors, positives, negatives in a batch."""
        return tuple(places)

    def _of(self, places: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
        indices = self.indices(places)
        return lambda out: self.loss(out, indices_tuple=tuple(i.to(out.device) for i in indices))


class SquaredContrastive(ContrastiveLoss):
    """The library's contrastive loss with each term squared and halved, as published."""

    def get_per_pair_loss(self, pair_dists: torch.Tensor, pos_or_neg: str) -> torch.Tensor:
        """Loss of each pair of one kind."""
        return super().get_per_pair_loss(pair_dists, pos_or_neg) ** 2 / 2


class Pairs(Triplets):
    """Similar and dissimilar pairs of an anchor: the former within its list's first ``n_positives``.

    Dissimilar ones lie outside of them, drawn as ``mining`` says. The margin is of distances, which
    lie in 0..2.
    """

    @property
    def negatives_from(self) -> int:  # type: ignore[override]
        """No dissimilar track before this rank."""
        return self.n_positives

    def make_loss(self, margin: float) -> nn.Module:
        """The loss of embeddings and (anchors, similar, anchors, dissimilar)."""
        distance = LpDistance(p=2, power=1, normalize_embeddings=False)
        return SquaredContrastive(
            pos_margin=0, neg_margin=margin, distance=distance, reducer=MeanReducer()
        )

    def indices(self, places: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Places of anchors, similar, anchors, dissimilar."""
        anchors, similar, others = places
        return anchors, similar, anchors, others


class Proxies(nn.Module):
    """One proxy a label. Of a track with several tags one is drawn at each visit.

    A tag is drawn with a probability proportional to its idf weight, so that rare tags, which
    count most to the oracle, aren't drowned; in the mean this is a cross entropy with so weighted
    targets. Tracks without a tag, and tags that all have, aren't used.

    Parameters
    ----------
    y : ndarray of int, shape (n,) or (n, n_tags)
    dim : int
        Of the embedding.
    temperature : float
    batch_size, passes : int
        Tracks in a batch; visits of each track in an epoch.
    """

    def __init__(
        self, y: np.ndarray, dim: int, temperature: float, batch_size: int, passes: int
    ) -> None:
        super().__init__()
        tags = one_hot(y)
        self.weights = tags * (idf(tags) if y.ndim == 2 else 1)
        self.usable = np.flatnonzero(self.weights.sum(axis=1) > 0)
        if not len(self.usable) or tags.shape[1] < 2:
            raise MethodError("no label tells two training tracks apart: give tags, or two classes")
        self.batch_size, self.passes = batch_size, passes
        self.loss = NormalizedSoftmaxLoss(tags.shape[1], dim, temperature)

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Those of one epoch."""
        for tracks in shuffled(self.usable, self.batch_size, self.passes, rng):
            edges = np.cumsum(self.weights[tracks], axis=1)
            drawn = (edges <= rng.random((len(tracks), 1)) * edges[:, -1:]).sum(axis=1)
            yield tracks, self._of(torch.as_tensor(drawn))

    def _of(self, labels: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
        return lambda out: self.loss(out, labels.to(out.device))


class Tags(nn.Module):
    """All tags of a track at once.

    Parameters
    ----------
    y : ndarray of int, shape (n,) or (n, n_tags)
    batch_size, passes : int
    """

    def __init__(self, y: np.ndarray, batch_size: int, passes: int) -> None:
        super().__init__()
        self.target = torch.as_tensor(one_hot(y), dtype=torch.float32)
        self.batch_size, self.passes = batch_size, passes

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Those of one epoch."""
        for tracks in shuffled(np.arange(len(self.target)), self.batch_size, self.passes, rng):
            yield tracks, self._of(self.target[torch.as_tensor(tracks)])

    def _of(self, target: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
        bce = nn.functional.binary_cross_entropy_with_logits
        return lambda out: bce(out, target.to(out.device))


def shuffled(
    tracks: np.ndarray, size: int, passes: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Tracks in random order, in batches of about ``size`` distinct ones, ``passes`` times over."""
    for _ in range(passes):
        yield from np.array_split(rng.permutation(tracks), -(-len(tracks) // size))


def one_hot(y: np.ndarray) -> np.ndarray:
    """Tags as they are; codes as a column for each that occurs, (n, n_columns) of 0 and 1."""
    return y if y.ndim == 2 else (y[:, None] == np.unique(y)).astype(np.int64)
