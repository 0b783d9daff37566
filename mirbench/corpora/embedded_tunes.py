"""Five embedded corpora of single lines with their notes in order, twelve players each (column
``catalogue``).

For sequences: 3 to 16 notes by name, one in seven repeated, in all kinds of sound of
`embedded_lines`, at many tempi and levels, with vibrato, slides, ties, rests, breath and noise; truth in
the column ``notes``. Folds are by player: a test player's timbre is his own, his kind of sound is known.
Synthesised: for a first run and for tests, no substitute for real recordings. Frozen before any method
ran on them.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_tunes

TITLE = (
    "five corpora of 96 lines of 3 to 16 notes with their names, by 12 players each "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("sequence/mini", "sequence/embedded")


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a quarter of a minute)."""
    return embedding.load_embedded("embedded_tunes", "tunes", render_tunes, TITLE)
