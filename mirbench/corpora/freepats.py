"""Isolated notes: notes rendered from the FreePats patches, 6 instruments."""

from mirbench.corpora import sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.notes import INSTRUMENTS, load_notes

TITLE = "Notes rendered from the FreePats patches, 6 instruments"
LICENCE = "GPL-2.0-or-later with the FreePats exception"
FAULTS = (
    "short looped samples: little natural variation inside a note (README of the data)",
    "11 instruments were left out, shared with other databases, too few or doubtful (README of the data)",
)
BIBTEX = r"""@misc{freepats,
  author       = {{FreePats contributors}},
  title        = {{FreePats} project: patches in {GUS} format},
  howpublished = {\url{https://github.com/feross/freepats}},
  note         = {commit 79cd6f0076ff}
}"""
PROTOCOLS = INSTRUMENTS
REMOTES = ()
FOLDER = "instruments"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/instruments``."""
    return load_notes("freepats", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX)
