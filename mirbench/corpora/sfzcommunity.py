"""Isolated notes: real notes of five sfzinstruments libraries and the Salamander piano, 6 instruments."""

from mirbench.corpora.corpus import Corpus
from mirbench.corpora.notes import load_notes

TITLE = "Real notes of five sfzinstruments libraries and the Salamander piano, 6 instruments"
LICENCE = "file by file: CC0 1.0, CC BY 3.0 (piano), CC BY 4.0 (flute)"
FAULTS = (
    "each instrument is a library of its own: another player, room and microphone (README of the data)",
    "cello and double bass are among the hardest pairs (README of the data)",
)
BIBTEX = r"""@misc{sfzinstruments,
  title = {sfzinstruments: sample libraries of Karoryfer Lecolds, D. Smolken, Xavier Hosxe and Alexander Holm}
}"""


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/instruments``."""
    return load_notes("sfzcommunity", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX)
