"""Isolated notes: Musical Instrument Samples of the University of Iowa, 12 instruments played in a studio."""

from mirbench.corpora import sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.notes import INSTRUMENTS, load_notes

TITLE = "Musical Instrument Samples of the University of Iowa, 12 instruments played in a studio"
LICENCE = "public domain (README of the source)"
FAULTS = (
    "the flute is an alto flute; the saxophones are alto and soprano, the trombones tenor and bass (README of the data)",
    "double bass, soprano saxophone and most clarinet notes were 147 cents sharp in the source and were resampled (README of the data)",
    "the French horn is much brighter than in the other databases (README of the data)",
)
BIBTEX = r"""@misc{iowa_mis,
  author = {Fritts, Lawrence},
  title  = {Musical Instrument Samples},
  year   = {1997},
  note   = {University of Iowa Electronic Music Studios; year from memory of how it is cited}
}"""
PROTOCOLS = INSTRUMENTS
REMOTES = ()
FOLDER = "instruments"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/instruments``."""
    return load_notes("iowa", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX)
