"""Isolated notes: real notes of five sfzinstruments libraries and the Salamander piano, 6 instruments."""

from mirbench.corpora import sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.notes import INSTRUMENTS, load_notes

TITLE = "Real notes of five sfzinstruments libraries and the Salamander piano, 6 instruments"
LICENCE = "file by file: CC0 1.0, CC BY 3.0 (piano), CC BY 4.0 (flute)"
FAULTS = (
    "each instrument is a library of its own: another player, room and microphone (README of the data)",
    "cello and double bass are among the hardest pairs (README of the data)",
)
BIBTEX = r"""@misc{sfzinstruments,
  author       = {{Karoryfer Lecolds} and Smolken, D. and Hosxe, Xavier and Holm, Alexander},
  title        = {Sample libraries of {sfzinstruments}, and the {Salamander} grand piano},
  howpublished = {\url{https://github.com/sfzinstruments}},
  note         = {commits in the README of the data}
}"""
PROTOCOLS = INSTRUMENTS
REMOTES = ()
FOLDER = "instruments"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/instruments``."""
    return load_notes("sfzcommunity", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX)
