"""MTG-Jamendo, subset all: see `mirbench.corpora.mtg_jamendo`."""

from __future__ import annotations

from mirbench.corpora import mtg_jamendo
from mirbench.corpora.corpus import Corpus

TITLE = mtg_jamendo.title("all")
LICENCE, HOW = mtg_jamendo.LICENCE, mtg_jamendo.HOW
FAULTS, BIBTEX = mtg_jamendo.FAULTS, mtg_jamendo.BIBTEX
FOLDER, BY_HAND, SIZE = mtg_jamendo.FOLDER, mtg_jamendo.BY_HAND, mtg_jamendo.SIZE
REMOTES, PROTOCOLS = mtg_jamendo.remotes("all"), mtg_jamendo.protocols("all")


def load(*, split: int | None = None, partial: bool = False) -> Corpus:
    """The subset, as `mtg_jamendo.load` gives it."""
    return mtg_jamendo.load(split=split, subset="all", partial=partial)
