"""Five embedded corpora of sounds with their videos, twenty scenes each (column ``catalogue``).

Among several shapes one hops, and it sounds: what is seen determines what is heard, and boxes (column
``boxes_path``) say where in the picture it is. Folds are by scene. Synthesised: for a first run and for
tests, no substitute for real videos. Frozen before any method ran on them.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_scenes

TITLE = (
    "five corpora of 120 clips of 6 s with their videos, 20 scenes each "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("audiovisual/embedded",)


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a minute or two)."""
    return embedding.load_embedded("embedded_clips", "scenes", render_scenes, TITLE)
