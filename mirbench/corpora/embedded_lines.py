"""Five embedded corpora of single lines of known pitch, twelve players each (column ``catalogue``).

For pitch: 61 to 1,505 Hz, voices, strings, winds, plucked and synthetic sounds, with vibrato, slides,
rests, breath and noise; truth each 10 ms (column ``f0_path``). Folds are by player. Synthesised: for a
first run and for tests, no substitute for real recordings. Frozen before any method ran on them.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_lines

TITLE = (
    "five corpora of 24 lines of 5 s with their pitch, by 12 players each "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("pitch/mini", "pitch/embedded")


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded("embedded_lines", "lines", render_lines, TITLE)
