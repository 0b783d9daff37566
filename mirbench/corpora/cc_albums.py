"""Similarity: 98 tracks of 33 artists under free licences, 30 s each, 40 pairs of artist and album."""

from dataclasses import replace

from mirbench.corpora import real_folder, sources
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import load_folder

TITLE = "98 tracks of 33 artists, 40 artist/album pairs, grouped by artist"
LICENCE = (
    "file by file: CC0 1.0, public domain, CC BY 3.0, CC BY-SA 2.5/3.0/4.0, CC BY-NC 3.0, "
    "CC BY-NC-SA 2.0/2.5/3.0/4.0 (see index.csv)"
)
FAULTS = (
    "20 of 33 artists have one track; only three have tracks on two albums or more (index.csv)",
    "where the source names no album it is 'single' or a collection of many artists (README)",
    "nine of Music Delta's 13 tracks are sums of raw tracks, not official mixes (index.csv)",
    "Music Delta's tracks imitate a style each, as their titles say",
    "music comes from the same tracks as the speech_music, genre and segmentation folders (README)",
)
BIBTEX = sources.compiled(
    "mirbench_cc_albums", "98 openly licensed tracks of 33 artists for similarity", *sources.MUSIC
)
PROTOCOLS = ("similarity/albums",)
REMOTES = ()
FOLDER = "similarity/cc_albums"
HOW, BY_HAND = sources.HOW, sources.BY_HAND


def load() -> Corpus:
    """The corpus under ``MIRBENCH_DATA/similarity/cc_albums``.

    ``album`` names the pair of artist and album, since a collection isn't one artist's album.
    """
    root = real_folder("similarity", "cc_albums")
    corpus = load_folder(
        root, "cc-albums", title=TITLE, licence=LICENCE, faults=FAULTS, bibtex=BIBTEX
    )
    items = corpus.items.assign(album=corpus.items["artist"] + " / " + corpus.items["album"])
    return replace(corpus, items=items.drop(columns="label"))  # which is the artist again
