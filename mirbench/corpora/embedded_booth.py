"""Embedded notes of nine instruments: a dry booth, every note at one level.

Synthesised: for a first run and for tests, no substitute for real recordings.
"""

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.notes import load_note_folder
from mirbench.corpora.synthetic import render_notes

TITLE = (
    "162 notes, nine instruments: a dry booth, every note at one level "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = (
    *("instruments/mini", "few-labels/mini", "few-labels/mini-published"),
    *("few-shot/mini", "metric/mini"),
)


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (a few seconds)."""
    return embedding.load_embedded(
        "embedded_booth", "booth", lambda root: render_notes("booth", root), TITLE, load_note_folder
    )
