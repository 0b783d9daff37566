"""Genre: 113 excerpts of 62 tracks in five loose styles, to show the artist effect and no more."""

from dataclasses import replace

from mirbench.corpora import real_folder, sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import load_folder

TITLE = "113 excerpts of 62 tracks by 23 artists, five loose styles, grouped by artist"
LICENCE = (
    "file by file: CC0 1.0, public domain, CC BY 3.0, CC BY-SA 3.0/4.0, CC BY-NC 3.0, "
    "CC BY-NC-SA 2.0/2.5/3.0/4.0 (see index.csv)"
)
FAULTS = (
    "five loose styles, not a benchmark: many labels are a curator's guess from titles and names, "
    "without listening (column label_source; README)",
    "style and artist are strongly tied: 21 of 23 artists have one style (index.csv)",
    "up to four excerpts are of one track, and four pairs of them share sound that repeats "
    "(audit); leave out the other excerpts of a query's track (column track)",
    "music comes from the same tracks as the speech_music, similarity and segmentation folders "
    "(README)",
)
BIBTEX = sources.compiled(
    "mirbench_cc_styles", "113 openly licensed excerpts in five loose styles", *sources.MUSIC
)
PROTOCOLS = ("genre/styles", "similarity/genres")
REMOTES = ()
FOLDER = "genre/cc_styles"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/genre/cc_styles``.

    ``genre`` is the style, ``track`` is shared by the excerpts of one track, ``album`` names the pair
    of artist and album, since a collection isn't one artist's album.
    """
    root = real_folder("genre", "cc_styles")
    corpus = load_folder(
        root, "cc-styles", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX
    )
    items = corpus.items
    items = items.assign(
        genre=items["label"],
        track=items["artist"] + " / " + items["title"],
        album=items["artist"] + " / " + items["album"],
    )
    return replace(corpus, items=items)
