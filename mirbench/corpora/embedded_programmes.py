"""Embedded programmes of speech, music and speech over music with exact boundaries.

Synthesised: for a first run and for tests, no substitute for real recordings.
"""

from mirbench.corpora.corpus import Corpus
from mirbench.corpora.embedding import load_embedded
from mirbench.corpora.synthetic import render_programmes

TITLE = "4 one-minute programmes (synthesised: for a first run and tests)"


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return load_embedded("embedded_programmes", "programmes", render_programmes, TITLE)
