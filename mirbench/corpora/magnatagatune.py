"""MagnaTagATune: 25,863 clips of 29 s with 188 tags given by players of a game (Law et al. 2009)."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, first_there, with_audio
from mirbench.errors import DataError

TITLE = "25,863 clips of 29 s of Magnatune, 188 tags, grouped by artist"
LICENCE = "recordings of Magnatune: CC BY-NC-SA 1.0 (magnatune.com/info/api); lists: none given"
HOW = (
    "get mp3.zip.001 to .003, annotations_final.csv and clip_info_final.csv from the authors' page "
    "(MagnaTagATune, Music Informatics Research Group, City University London), join and unpack "
    "the parts there"
)
FAULTS = (
    "three clips are empty files and are left out (EMPTY; found by several users)",
    "a tag that wasn't given may hold all the same: players named what came to mind (from memory)",
    "synonyms are tags of their own: vocal and vocals, female voice and woman (top50_tags.txt)",
    "a track's clips are neighbours in the list, and the published splits by folder don't keep "
    "artists apart (from memory)",
)
BIBTEX = r"""@inproceedings{law2009evaluation,
  author    = {Law, Edith and West, Kris and Mandel, Michael and Bay, Mert and Downie, J. Stephen},
  title     = {Evaluation of algorithms using games: the case of music tagging},
  booktitle = {Proc. Int. Society for Music Information Retrieval Conf. (ISMIR)},
  pages     = {387--392},
  year      = {2009}
}"""
PROTOCOLS = ("tags/mtat-clean-by-artist", "tags/mtat-clean", "tags/mtat-folders")
_CITY = "https://mirg.city.ac.uk/datasets/magnatagatune"
_PARTS = {"mp3.zip.001": 1_100_000_000, "mp3.zip.002": 1_100_000_000, "mp3.zip.003": 772_769_864}
REMOTES = (  # no checksum is published; sizes: a public script that tests them
    Remote("annotations_final.csv", (f"{_CITY}/annotations_final.csv",)),
    Remote("clip_info_final.csv", (f"{_CITY}/clip_info_final.csv",)),
    *(
        Remote(part, (f"{_CITY}/{part}",), n_bytes=n_bytes, unpack=".")
        for part, n_bytes in _PARTS.items()
    ),
)
SIZE = "about 3 GB"
"""The parts of the archive, as a public script tests them."""
BY_HAND = ""
TAGS = (
    "guitar",
    "classical",
    "slow",
    "techno",
    "strings",
    "drums",
    "electronic",
    "rock",
    "fast",
    "piano",
    "ambient",
    "beat",
    "violin",
    "vocal",
    "synth",
    "female",
    "indian",
    "opera",
    "male",
    "singing",
    "vocals",
    "no vocals",
    "harpsichord",
    "loud",
    "quiet",
    "flute",
    "woman",
    "male vocal",
    "no vocal",
    "pop",
    "soft",
    "sitar",
    "solo",
    "man",
    "classic",
    "choir",
    "voice",
    "new age",
    "dance",
    "male voice",
    "female vocal",
    "beats",
    "harp",
    "cello",
    "no voice",
    "weird",
    "country",
    "metal",
    "female voice",
    "choral",
)
"""The 50 most frequent tags, as most published results use them (top50_tags.txt)."""
FOLDERS = {
    **dict.fromkeys("0123456789ab", "train"),
    **dict.fromkeys("c", "validation"),
    **dict.fromkeys("def", "test"),
}
"""The usual split: 12 folders to train on, one to validate, three to test."""
EMPTY = frozenset(
    (
        "6/norine_braun-now_and_zen-08-gently-117-146.mp3",
        "8/jacob_heringman-josquin_des_prez_lute_settings-19-gintzler__pater_noster-204-233.mp3",
        "9/american_baroque-dances_and_suites_of_rameau_and_couperin-25-le_petit_rien_xiveme_ordre_"
        "couperin-88-117.mp3",
    )
)


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/magnatagatune``.

    Columns ``tags`` (those of ``TAGS``, joined by ``|``; may be empty), ``all_tags`` (of all 188),
    ``artist`` (the group), ``album``, ``title``, ``track`` (clips of one track share it), ``clip_id``,
    ``split`` (train, validation or test, by folder: see ``FOLDERS``).

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, a list or a recording isn't there, or a list hasn't the published columns.
    """
    root = corpus_folder("magnatagatune", HOW)
    names = ("annotations_final.csv", "clip_info_final.csv")
    annotations, clips = first_there([root], names, HOW)
    index = _index(annotations, clips)
    index = with_audio(index[~index["path"].isin(EMPTY)], root, HOW, partial)
    items = item_table(index, root, "magnatagatune", source=annotations)
    return Corpus(
        "magnatagatune",
        items,
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(annotations),
    )


def _index(annotations: Path, clips: Path) -> pd.DataFrame:
    given = _table(annotations, {"clip_id", "mp3_path", *TAGS})
    known = _table(clips, {"clip_id", "track_number", "title", "artist", "album"})
    tags = [c for c in given.columns if c not in ("clip_id", "mp3_path")]
    has = given[tags].to_numpy() == "1"
    rows = given[["clip_id"]].assign(
        path=given["mp3_path"],
        split=[FOLDERS.get(path[:1], "") for path in given["mp3_path"]],
        tags=["|".join(t for t, h in zip(tags, row) if h and t in TAGS) for row in has],
        all_tags=["|".join(t for t, h in zip(tags, row) if h) for row in has],
    )
    about = known[["clip_id", "track_number", "title", "artist", "album"]]
    unknown = ~rows["clip_id"].isin(about["clip_id"])
    if unknown.any():
        raise DataError(
            f"{clips}: says nothing of {unknown.sum()} clips of {annotations.name} "
            f"({rows['clip_id'][unknown].iloc[0]} is the first); get both lists of one version"
        )
    index = rows.merge(about, on="clip_id", validate="one_to_one")
    track = index["album"] + " " + index["track_number"] + " " + index["title"]
    return index.drop(columns="track_number").assign(track=track)


def _table(path: Path, columns: set[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(
            path, sep="\t", dtype=str, keep_default_na=False, quoting=csv.QUOTE_MINIMAL
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not a tab-separated table ({error}); {HOW}") from error
    missing = columns - set(table.columns)
    if missing:
        raise DataError(f"{path}: has no column {', '.join(sorted(missing))}; {HOW}")
    twice = table["clip_id"][table["clip_id"].duplicated()]
    if len(twice):
        raise DataError(
            f"{path}: names clip {twice.iloc[0]!r} twice ({len(twice)} such rows); {HOW}"
        )
    return table
