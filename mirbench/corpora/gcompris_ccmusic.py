"""Speech/music, 160 clips of 15 s: 54 speakers in 43 languages (joined prompts), 80 music clips of 19 other artists.

In the layout of Scheirer and Slaney (1997); groups are speakers and artists, disjoint from those of
the other corpus of this pair.
"""

from mirbench.corpora import real_folder, sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import load_folder

TITLE = "54 speakers in 43 languages (joined prompts), 80 music clips of 19 other artists"
LICENCE = "file by file: GPL 2/3, CC BY-SA, public domain (speech); CC0, CC BY, CC BY-SA, CC BY-NC, CC BY-NC-SA (music)"
FAULTS = (
    "speech clips are joined prompts with digital silence between them (README of the corpus)",
    "voices credited anon-xx may be more than one person (README of the corpus)",
    "the 10th percentile of frame level nearly separates the classes: speech pauses (README of the data)",
    "music comes from the same tracks as the similarity, genre and segmentation folders (README)",
)
_VOICES = r"""@misc{gcompris_voices,
  author       = {{GCompris contributors}},
  title        = {{GCompris} voices},
  howpublished = {\url{https://gcompris.net}},
  note         = {prompts recorded by volunteers, commit c0e8a743b7b4}
}"""
BIBTEX = "\n\n".join((_VOICES, *sources.MUSIC))
PROTOCOLS = (
    *("speech-music/matrix", "speech-music/5s", "segmentation/programmes"),
    "few-labels/speech-music",
)
REMOTES = ()
FOLDER = "speech_music/gcompris_ccmusic"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/speech_music``."""
    root = real_folder("speech_music", "gcompris_ccmusic")
    return load_folder(
        root,
        "gcompris_ccmusic".replace("_", "-"),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
    )
