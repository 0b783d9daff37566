"""Five embedded corpora of eight dances, ten bands that play all of them (column ``catalogue``).

For methods that claim to hear rhythm: the sound of a clip is its band's, tempi of the dances overlap,
and what is left is metre, accents, swing and syncopation. Folds are by band. Synthesised: for a first
run and for tests, no substitute for real recordings. Frozen before any method ran on them.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_rhythms

TITLE = (
    "five corpora of 160 clips of 8 dances, 10 bands that play all "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("rhythm/embedded",)


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (about half a minute)."""
    return embedding.load_embedded("embedded_rhythms", "rhythms", render_rhythms, TITLE)
