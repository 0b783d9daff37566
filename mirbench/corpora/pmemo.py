"""PMEmo: choruses of 794 pop songs with valence and arousal (Zhang et al. 2018)."""

from __future__ import annotations

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.published import (
    all_listed,
    corpus_folder,
    csv_table,
    first_there,
    numbers,
    with_audio,
)
from mirbench.errors import DataError

TITLE = "choruses of pop songs, 767 of 794 with valence and arousal (0 to 1), grouped by artist"
LICENCE = "for research; choruses only (README of the repository HuiZhangDB/PMEmo)"
HOW = (
    "get PMEmo2019.zip by the repository HuiZhangDB/PMEmo and unpack it there: "
    "annotations/static_annotations.csv, metadata.csv, chorus/1.mp3"
)
FAULTS = (
    "27 of 794 songs have no static annotation (767 rows, counted by users of the data set)",
    "choruses differ in length; dynamic annotations leave the first 15 s out (README)",
)
BIBTEX = r"""@inproceedings{zhang2018pmemo,
  author    = {Zhang, Kejun and Zhang, Hui and Li, Simeng and Yang, Changyuan and Sun, Lingyun},
  title     = {The {PMEmo} dataset for music emotion recognition},
  booktitle = {Proc. ACM Int. Conf. Multimedia Retrieval (ICMR)},
  pages     = {135--142},
  year      = {2018}
}"""

PROTOCOLS = ("emotion/pmemo",)
REMOTES = ()
BY_HAND = (
    "PMEmo2019.zip is offered through an online drive that the page of HuiZhangDB/PMEmo leads to, which "
    "has no plain address"
)
UNRATED = 27
"""Songs without a static annotation."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/pmemo``, or its folder ``PMEmo2019``.

    Columns ``valence`` and ``arousal`` (means over annotators, 0 to 1), ``artist`` (the group),
    ``title``.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, a table or a recording isn't there, a table hasn't the published columns or a number
        that is none, or doesn't name a recording that is there (`UNRATED` have no annotation).
    """
    root = corpus_folder("pmemo", HOW)
    inner = root / "PMEmo2019"
    root = inner if inner.is_dir() else root
    (annotations,) = first_there([root / "annotations", root], ["static_annotations.csv"], HOW)
    given = csv_table(annotations, ("musicId", "Arousal(mean)", "Valence(mean)"), HOW)
    metadata = root / "metadata.csv"
    known = csv_table(metadata, ("musicId", "title", "artist"), HOW)
    named = set(known["musicId"])
    if lost := [song for song in given["musicId"] if song not in named]:
        raise DataError(
            f"{metadata}: says nothing of {len(lost)} of {len(given)} songs of {annotations.name} "
            f"({lost[0]} is the first); {HOW}"
        )
    choruses = list((root / "chorus").glob("*.mp3"))
    all_listed(choruses, named, metadata, HOW, partial)
    rated = set(given["musicId"])
    if len([path for path in choruses if path.stem in named - rated]) > UNRATED:
        all_listed(choruses, rated, annotations, HOW, partial)
    about = known.drop_duplicates("musicId").set_index("musicId").reindex(given["musicId"])
    index = pd.DataFrame(
        {
            "id": given["musicId"],
            "path": "chorus/" + given["musicId"] + ".mp3",
            "valence": numbers(given, "Valence(mean)", (0, 1), annotations, HOW),
            "arousal": numbers(given, "Arousal(mean)", (0, 1), annotations, HOW),
            "artist": about["artist"].to_numpy(),
            "title": about["title"].to_numpy(),
        }
    )
    items = item_table(with_audio(index, root, HOW, partial), root, "pmemo", source=annotations)
    return Corpus(
        "pmemo",
        items,
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(annotations),
    )
