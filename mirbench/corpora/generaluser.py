"""Isolated notes: notes rendered from the GeneralUser GS soundfont, 17 instruments."""

from mirbench.corpora import sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.notes import INSTRUMENTS, load_notes

TITLE = "Notes rendered from the GeneralUser GS soundfont, 17 instruments"
LICENCE = "GeneralUser GS License 2.0"
FAULTS = (
    "short looped samples: little natural variation inside a note (README of the data)",
    "its author collected samples of many origins; notes that may be shared with freepats were left out (README of the data)",
)
BIBTEX = r"""@misc{generaluser,
  author = {Collins, S. Christian},
  title  = {{GeneralUser GS} 1.471},
  note   = {notes rendered from the files of marmooo/free-soundfonts, commit cb158a430466}
}"""
PROTOCOLS = INSTRUMENTS
REMOTES = ()
FOLDER = "instruments"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/instruments``."""
    return load_notes("generaluser", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX)
