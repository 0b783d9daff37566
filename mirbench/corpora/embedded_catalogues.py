"""Five embedded catalogues, 600 tagged tracks of 100 artists each (column ``catalogue``).

Synthesised: for a first run and for tests, no substitute for real recordings. Frozen before any
similarity method ran on them.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_catalogues

TITLE = (
    "five catalogues of 600 tracks, 100 artists each, 74 tags of what is heard "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("similarity/embedded", "tags/embedded")


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a minute or two)."""
    return embedding.load_embedded("embedded_catalogues", "catalogues", render_catalogues, TITLE)
