"""Few-shot methods: one encoder, one budget, one front-end; how it is trained and how it adapts differ."""

from __future__ import annotations

from deep.fewshot.classes import Classes
from deep.fewshot.episodic import Episodic
from deep.fewshot.estimator import FewShot
from deep.fewshot.rules import Rule, attention, cosine, euclidean
from deep.representation.budget import log_mel


def prototypes(random_state: int = 0) -> FewShot:
    """Prototypical network, squared distance.

    Snell, Swersky and Zemel 2017: a class is the mean of the embeddings that are shown of it, a query is
    answered by a softmax of minus its squared distances. Trained by 5-way episodes of base classes, 3 notes
    shown and 3 asked for a class.

    Parameters
    ----------
    random_state : int
    """
    return _episodic(euclidean, random_state)


def prototypes_cosine(random_state: int = 0) -> FewShot:
    """Prototypical network, cosine.

    As `prototypes`, with the cosine (times 10, our choice) in place of the distance: the variant that the
    paper finds worse.

    Parameters
    ----------
    random_state : int
    """
    return _episodic(cosine, random_state)


def matching(random_state: int = 0) -> FewShot:
    """Matching network.

    Vinyals et al. 2016: a query's class is the sum of the shown labels, weighed by a softmax of cosines
    (times 10, our choice). Episodes as for `prototypes`. Their embedding of notes in the context of the whole
    support (an LSTM with attention) is left out.

    Parameters
    ----------
    random_state : int
    """
    return _episodic(attention, random_state)


def finetune(random_state: int = 0) -> FewShot:
    """Classifier of base classes, a new layer for the support.

    The baseline of Chen et al. 2019 (from memory): the encoder is trained to classify the base classes and
    then left as it is; of each support set a logistic regression is fitted on its embeddings.

    Parameters
    ----------
    random_state : int
    """
    return FewShot(log_mel(), Classes, random_state=random_state)


def _episodic(rule: Rule, random_state: int) -> FewShot:
    return FewShot(log_mel(), Episodic, {"rule": rule}, random_state=random_state)


for _function, _cite in (
    (prototypes, "snell2017prototypical"),
    (prototypes_cosine, "snell2017prototypical"),
    (matching, "vinyals2016matching"),
    (finetune, "chen2019closer"),
):
    _function.family = "deep"  # type: ignore[attr-defined]
    _function.cite = _cite  # type: ignore[attr-defined]
