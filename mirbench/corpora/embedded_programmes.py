"""Embedded programmes of speech, music and speech over music with exact boundaries.

Synthesised: for a first run and for tests, no substitute for real recordings.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_programmes

TITLE = "4 one-minute programmes (synthesised: for a first run and tests)"


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded("embedded_programmes", "programmes", render_programmes, TITLE)


LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("segmentation/mini",)
