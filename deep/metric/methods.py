"""Metrics learned from labels, for notes of classes that nobody labelled."""

from __future__ import annotations

from deep.fewshot.encoder import SupervisedEncoder
from deep.metric.tasks import Contrastive, Triplets
from deep.representation.budget import log_mel


def contrastive(random_state: int = 0) -> SupervisedEncoder:
    """Siamese encoder, contrastive loss.

    Hadsell, Chopra and LeCun 2006: all pairs of batches of 8 classes x 4 notes, margin 1 between vectors of
    unit length.

    Parameters
    ----------
    random_state : int
    """
    return SupervisedEncoder(log_mel(), Contrastive, random_state=random_state)


def triplet_easy(random_state: int = 0) -> SupervisedEncoder:
    """Triplets, easy ones alone: a control.

    Negatives that are farther than the positive by more than the margin. Their loss is 0 by definition: the
    encoder stays as it was drawn.

    Parameters
    ----------
    random_state : int
    """
    return _triplets("easy", random_state)


def triplet_semihard(random_state: int = 0) -> SupervisedEncoder:
    """Triplets, semi-hard ones.

    Schroff et al. 2015: of batches of 8 classes x 4 notes all triplets whose negative is farther than the
    positive by less than the margin, 0.2 between vectors of unit length.

    Parameters
    ----------
    random_state : int
    """
    return _triplets("semihard", random_state)


def triplet_hard(random_state: int = 0) -> SupervisedEncoder:
    """Triplets, hard ones.

    Of the same batches all triplets whose negative is nearer than the positive; it may collapse to one point.

    Parameters
    ----------
    random_state : int
    """
    return _triplets("hard", random_state)


def triplet_all(random_state: int = 0) -> SupervisedEncoder:
    """Triplets, all that have a loss.

    Of the same batches the semi-hard and the hard ones: what mining by kind is compared with.

    Parameters
    ----------
    random_state : int
    """
    return _triplets("all", random_state)


def _triplets(mining: str, random_state: int) -> SupervisedEncoder:
    return SupervisedEncoder(log_mel(), Triplets, {"mining": mining}, random_state=random_state)


for _function in (contrastive, triplet_easy, triplet_semihard, triplet_hard, triplet_all):
    _function.family = "deep"  # type: ignore[attr-defined]
contrastive.cite = "hadsell2006contrastive"  # type: ignore[attr-defined]
for _function in (triplet_easy, triplet_semihard, triplet_hard, triplet_all):
    _function.cite = "schroff2015facenet"  # type: ignore[attr-defined]
