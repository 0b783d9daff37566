"""Isolated notes: notes rendered from the Fluid R3 General MIDI soundfont, 17 instruments."""

from mirbench.corpora import sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.notes import INSTRUMENTS, load_notes

TITLE = "Notes rendered from the Fluid R3 General MIDI soundfont, 17 instruments"
LICENCE = "MIT"
FAULTS = (
    "short looped samples: little natural variation inside a note (README of the data)",
    "the French horn is a section, the piano a stage piano, going by their sample names (README of the data)",
)
BIBTEX = r"""@misc{fluidr3,
  author = {Wen, Frank},
  title  = {Fluid R3 General MIDI soundfont},
  year   = {2008}
}"""
PROTOCOLS = INSTRUMENTS
REMOTES = ()
FOLDER = "instruments"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/instruments``."""
    return load_notes("fluidr3", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX)
