"""Embedded clip: sounds with their videos, six scenes, four clips each, for tests and a first run.

Synthesised: for a first run and for tests, no substitute for real videos. A small sister of
``embedded-clips``; frozen before any method ran on it.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_scene

TITLE = "24 clips of 6 s with their videos, 6 scenes (synthesised: for a first run and tests)"
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("audiovisual/mini",)


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded("embedded_clip", "scene", render_scene, TITLE)
