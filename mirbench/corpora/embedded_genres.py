"""Embedded genres: artists nested in genres, each with a strong sound of its own.

For the album effect (Pampalk et al. 2005; Flexer 2007, from memory): folds at random recognise the
artist and the track, folds by artist have to hear the genre. Synthesised: for a first run and for
tests, no substitute for real recordings. Frozen before any method ran on it.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_genres

TITLE = (
    "240 clips of 80 tracks by 40 artists in 5 genres, a production for each artist and track "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("genre/mini",)


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded("embedded_genres", "genres", render_genres, TITLE)
