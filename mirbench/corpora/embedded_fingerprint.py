"""Embedded corpus in which every artist has a spectral fingerprint: random folds lie here.

Synthesised: for a first run and for tests, no substitute for real recordings.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_fingerprint

TITLE = (
    "60 clips, 12 artists with a spectral fingerprint each (synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ()


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded("embedded_fingerprint", "fingerprint", render_fingerprint, TITLE)
