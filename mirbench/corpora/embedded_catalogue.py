"""Embedded catalogue: tagged tracks of 40 artists, two albums each, every album with a production.

Synthesised: for a first run and for tests, no substitute for real recordings. Frozen before any
similarity method ran on it.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_catalogue

TITLE = (
    "160 tracks of 40 artists, two albums each, 74 tags of what is heard "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("similarity/mini", "similarity/mini-artists", "tags/mini")


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded("embedded_catalogue", "catalogue", render_catalogue, TITLE)
