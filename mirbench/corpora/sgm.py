"""Isolated notes: notes rendered from the SGM-V2.01 soundfont, 15 instruments."""

from mirbench.corpora import sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.notes import INSTRUMENTS, load_notes

TITLE = "Notes rendered from the SGM-V2.01 soundfont, 15 instruments"
LICENCE = "CC BY 4.0 as declared in the source repository"
FAULTS = (
    "short looped samples: little natural variation inside a note (README of the data)",
    "trumpet and harp were left out: they may be shared with fluidr3 (README of the data)",
)
BIBTEX = r"""@misc{sgm,
  author = {Shan, David},
  title  = {{SGM-V2.01} soundfont},
  year   = {2007}
}"""
PROTOCOLS = INSTRUMENTS
REMOTES = ()
FOLDER = "instruments"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/instruments``."""
    return load_notes("sgm", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX)
