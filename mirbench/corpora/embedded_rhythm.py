"""Embedded rhythm: eight dances by four bands, one clip each, for tests and a first run.

Synthesised: for a first run and for tests, no substitute for real recordings. A small sister of
``embedded-rhythms``; frozen before any method ran on it.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_rhythm

TITLE = "32 clips of 8 dances, 4 bands that play all (synthesised: for a first run and tests)"


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded("embedded_rhythm", "rhythm", render_rhythm, TITLE)


LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("rhythm/mini",)
