"""Embedded notes of nine instruments: a reverberant hall.

Synthesised: for a first run and for tests, no substitute for real recordings.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.notes import load_note_folder
from mirbench.corpora.synthetic import render_notes

TITLE = "162 notes, nine instruments: a reverberant hall (synthesised: for a first run and tests)"


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded(
        "embedded_hall", "hall", lambda root: render_notes("hall", root), TITLE, load_note_folder
    )


LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = (
    *("instruments/mini", "few-labels/mini", "few-labels/mini-published"),
    *("few-shot/mini", "metric/mini"),
)
