"""Methods of sound and picture by name."""

from __future__ import annotations

from mirbench.features import Extract

from .cca import SR, CanonicalPairs, sound_statistics
from .prior import RandomPairs


def prior_pairs(random_state: int = 0) -> RandomPairs:
    """A random score for each sound and video.

    Drawn from their content: a method that is no better has neither heard nor seen anything.
    """
    return RandomPairs(random_state)


def cca_pairs(n_principal: int = 24, n_canonical: int = 8) -> CanonicalPairs:
    """Canonical correlation of statistics of sound and picture.

    Of the sound mean, deviation and rise of 24 log-mel bands and the level; of the picture colours, how
    much moves, where and how often. Each side is standardised and reduced by PCA; CCA (Hotelling 1936)
    gives the directions, a cosine the score. It localises what moves, whatever is heard: the floor of
    localisation. Numbers of components are our choice, none is searched for.
    """
    return CanonicalPairs(Extract(sound_statistics, sr=SR), n_principal, n_canonical)


prior_pairs.family = "baseline"  # type: ignore[attr-defined]
cca_pairs.family = "hand-crafted"  # type: ignore[attr-defined]
cca_pairs.cite = "hotelling1936relations"  # type: ignore[attr-defined]
