"""Embedded films: sections that change look and music together, for music to video by segments.

Folds are by film. Synthesised: for a first run and for tests, no substitute for real videos. Frozen before
any method ran on them.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_films

TITLE = (
    "40 films of 24 s, whose music changes with the picture "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("audiovisual/segments",)


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (half a minute)."""
    return embedding.load_embedded("embedded_films", "films", render_films, TITLE)
