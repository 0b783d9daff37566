"""Speech/music, 160 clips of 15 s: 80 speakers reading English, 80 music clips of 14 artists.

In the layout of Scheirer and Slaney (1997); groups are speakers and artists, disjoint from those of
the other corpus of this pair.
"""

from mirbench.corpora import real_folder, sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import load_folder

TITLE = "80 speakers reading English, 80 music clips of 14 artists"
LICENCE = "file by file: CC BY 4.0 (speech); CC0, CC BY, CC BY-SA, CC BY-NC, CC BY-NC-SA (music)"
FAULTS = (
    "energy above 8 kHz tells the classes apart although both were limited to 16-kHz bandwidth (README of the corpus)",
    "the 10th percentile of frame level nearly separates the classes: speech pauses (README of the data)",
    "music comes from the same tracks as the similarity, genre and segmentation folders (README)",
)
BIBTEX = "\n\n".join(
    (
        sources.LIBRISPEECH,
        *(sources.ULTRASTAR, sources.PHONOGRAPHS, sources.JAMENDO_LYRICS, sources.OPEN_SURGE),
        sources.LIBROSA_DATA,
    )
)
PROTOCOLS = (
    *("speech-music/matrix", "speech-music/5s", "segmentation/programmes"),
    "few-labels/speech-music",
)
REMOTES = ()
FOLDER = "speech_music/librispeech_ccmusic"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/speech_music``."""
    root = real_folder("speech_music", "librispeech_ccmusic")
    return load_folder(
        root,
        "librispeech_ccmusic".replace("_", "-"),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
    )
