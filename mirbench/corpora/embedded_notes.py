"""Five sets of embedded notes, each three databases of nine instruments (columns ``catalogue``, ``database``).

For what learning from few labels or none claims: a set is a corpus seed, and no instrument's build,
and so no sound, is in two of them. Synthesised: for a first run and for tests, no substitute for real
recordings. Frozen before any method ran on them.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.folder import read_index
from mirbench.corpora.notes import pitch_blocks
from mirbench.corpora.synthetic import render_note_sets

TITLE = (
    "five sets of 450 notes, nine instruments in three rooms "
    "(synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("few-labels/embedded", "few-shot/embedded", "metric/embedded")


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (about half a minute)."""
    return embedding.load_embedded("embedded_notes", "notes", render_note_sets, TITLE, _read)


def _read(root: Path, name: str, **facts: object) -> Corpus:
    """Groups are blocks of neighbouring pitches of an instrument of a database of a set."""
    source = root / "index.csv"
    index = read_index(source)
    parts = [
        part.assign(group=pitch_blocks(part, f"{name}/{number}/{database}", source))
        for (number, database), part in index.groupby(["catalogue", "database"], sort=False)
    ]
    items = item_table(pd.concat(parts, ignore_index=True), root, name, source=source)
    return Corpus(name, items, source=str(source), **facts)  # type: ignore[arg-type]
