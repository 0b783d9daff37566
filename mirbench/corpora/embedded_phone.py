"""Embedded speech/music clips: telephone band, reverberant, noisy, low level.

Synthesised: for a first run and for tests, no substitute for real recordings.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render

TITLE = "48 clips, phone domain: 300-3400 Hz, reverberant, noisy (synthesised: for a first run and tests)"


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded(
        "embedded_phone", "phone", lambda root: render("phone", root), TITLE
    )


LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("speech-music/mini", "speech-music/5s-mini", "segmentation/mini")
