"""Twelve whole songs (34 min) with vocal/instrumental intervals annotated by hand."""

from mirbench.corpora import real_folder, sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import load_folder

TITLE = "12 songs with vocal and instrumental intervals, grouped by artist"
LICENCE = "song by song: CC BY-NC 3.0, CC BY-NC-SA 2.5/3.0, CC BY-SA 2.5 (see index.csv)"
FAULTS = (
    "words or notes less than 0.6 s apart are merged into one vocal interval (README)",
    "label files agree best with the audio at a shift of 0 to 0.25 s (README)",
)
BIBTEX = sources.compiled(
    "mirbench_singing_voice",
    "Twelve songs with vocal and instrumental intervals",
    *(sources.JAMENDO_LYRICS, sources.ULTRASTAR),
)
PROTOCOLS = ("singing-voice/leave-one-artist-out",)
REMOTES = ()
FOLDER = "segmentation/singing_voice"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/segmentation/singing_voice``."""
    root = real_folder("segmentation", "singing_voice")
    return load_folder(
        root, "singing-voice", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX
    )
