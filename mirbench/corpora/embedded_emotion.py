"""Embedded emotion: clips of songs with a known valence and arousal, both in [-1, 1].

For regression: columns ``valence`` and ``arousal``, folds by song. Synthesised: for a first run and for
tests, no substitute for listeners' ratings of real recordings. Frozen before any method ran on it.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_emotion

TITLE = "120 clips of 60 songs with valence and arousal (synthesised: for a first run and tests)"


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded("embedded_emotion", "emotion", render_emotion, TITLE)


LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("emotion/mini",)
