"""Embedded songs with vocal and instrumental stretches.

Synthesised: for a first run and for tests, no substitute for real recordings.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_songs

TITLE = "6 songs of 40 s by 6 artists (synthesised: for a first run and tests)"


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded("embedded_songs", "songs", render_songs, TITLE)


LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("singing-voice/mini",)
