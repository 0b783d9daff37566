"""FMA: clips of 30 s of the Free Music Archive, the subsets small and medium (Defferrard et al. 2017)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import (
    all_listed,
    corpus_folder,
    first_there,
    readable,
    with_audio,
)
from mirbench.errors import DataError

TITLE = "clips of 30 s of the Free Music Archive: small (8,000, 8 genres), medium (25,000, 16)"
LICENCE = "track by track: Creative Commons, as the artists chose; metadata CC BY 4.0 (README)"
HOW = (
    "get fma_metadata.zip and fma_small.zip or fma_medium.zip from the repository mdeff/fma and "
    "unpack them there: fma_metadata/tracks.csv, fma_small/000/000002.mp3"
)
FAULTS = (
    "six clips of the small subset are far shorter than 30 s (SHORT; column short), three of them "
    "without any sound (SILENT): cut from outside a track whose length was wrong (issues 4, 8, 41 and "
    "44 of the repository)",
    "more such clips are in medium and large; those that can't be read are left out and counted in a "
    "warning",
    "937 of 106,574 whole tracks are exact copies of another (issue 23 of the repository)",
    "genres are the artists' own choice (paper, from memory)",
)
BIBTEX = r"""@inproceedings{defferrard2017fma,
  author    = {Defferrard, Micha{\"e}l and Benzi, Kirell and Vandergheynst, Pierre and Bresson, Xavier},
  title     = {{FMA}: A dataset for music analysis},
  booktitle = {Proc. Int. Society for Music Information Retrieval Conf. (ISMIR)},
  year      = {2017}
}"""
PROTOCOLS = ("genre/fma-small", "genre/fma-medium")
_SWITCH = "https://os.unil.cloud.switch.ch/fma"
_SHA1 = {
    "fma_metadata.zip": "f0df49ffe5f2a6008d7dc83c6915b31835dfe733",
    "fma_small.zip": "ade154f733639d52e35e32f5593efe5be76c6d70",
    "fma_medium.zip": "c67b69ea232021025fca9231fc1c7c1a063ab50b",
}
REMOTES = tuple(  # hashes: README of the repository; 342 MiB, 7.2 GiB and 22 GiB
    Remote(name, (f"{_SWITCH}/{name}",), f"sha1:{sha1}", unpack=".") for name, sha1 in _SHA1.items()
)
SIZE = "about 32 GB"
"""Metadata, the small and the medium subset: 342 MiB, 7.2 GiB and 22 GiB (README of the repository)."""
BY_HAND = ""
SILENT = frozenset(("099134", "108925", "133297"))
"""Clips of the small subset without any sound (issue 44)."""
SHORT = SILENT | {"098565", "098567", "098569"}
"""Clips of the small subset that are far shorter than 30 s (issue 8)."""
SUBSETS = ("small", "medium")
"""Nested: medium holds small."""
COLUMNS = {
    ("set", "subset"): "subset",
    ("set", "split"): "split",
    ("track", "genre_top"): "genre",
    ("artist", "id"): "artist",
    ("album", "id"): "album",
}
PARTS = {"training": "train", "validation": "validation", "test": "test"}


def load(*, subset: str | None = None, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/fma``.

    Columns ``genre``, ``split`` (train, validation, test: as published), ``subset`` (the smallest that
    holds the clip), ``artist`` (the id, the group), ``album`` (the id), ``short`` (whether in ``SHORT``).

    Parameters
    ----------
    subset : str, optional
        ``small`` or ``medium``; by default the largest whose folder is there.
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, the metadata or a recording isn't there, or ``tracks.csv`` isn't as published.
    """
    root = corpus_folder("fma", HOW)
    there = [s for s in SUBSETS if (root / f"fma_{s}").is_dir()]
    if subset is not None and subset not in SUBSETS:
        raise DataError(f"fma: no subset {subset!r}; known: {', '.join(SUBSETS)}")
    if not there:
        raise DataError(f"{root}: holds no fma_small or fma_medium; {HOW}")
    wanted = subset or there[-1]
    (tracks,) = first_there([root / "fma_metadata", root], ["tracks.csv"], HOW)
    table = _tracks(tracks)
    clips = (p for s in there for p in (root / f"fma_{s}").glob("*/*.mp3"))
    all_listed(clips, set(table["id"]), tracks, HOW, partial)
    index = table[table["subset"].isin(SUBSETS[: SUBSETS.index(wanted) + 1])].reset_index(drop=True)
    index["path"] = [_place(root, there, name) for name in index["id"]]
    index["short"] = index["id"].isin(SHORT)
    index = readable(with_audio(index, root, HOW, partial), root)
    return Corpus(
        "fma",
        item_table(index, root, "fma", source=tracks),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(tracks),
    )


def _tracks(path: Path) -> pd.DataFrame:
    """``tracks.csv``: two rows of header, a third that names the index."""
    try:
        table = pd.read_csv(path, index_col=0, header=[0, 1], dtype=str, keep_default_na=False)
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not the published tracks.csv ({error}); {HOW}") from error
    missing = [" ".join(c) for c in COLUMNS if c not in table]
    if missing:
        raise DataError(f"{path}: has no column {', '.join(missing)}; {HOW}")
    numbered = table.index.astype(str).str.fullmatch(r"[0-9]{1,6}")
    if wrong := [i for i in table.index[~numbered] if i != "track_id"]:
        raise DataError(f"{path}: {wrong[0]!r} is no number of a track; {HOW}")
    rows = pd.DataFrame({"id": [f"{int(i):06d}" for i in table.index[numbered]]})
    kept = table[numbered]
    for column, name in COLUMNS.items():
        rows[name] = kept[column].to_numpy()
    rows["artist"] = "artist " + rows["artist"]
    rows["album"] = "album " + rows["album"]
    unknown = set(rows["split"]) - set(PARTS)
    if unknown:
        raise DataError(f"{path}: unknown split {sorted(unknown)[0]!r}; {HOW}")
    rows["split"] = rows["split"].map(PARTS)
    return rows


def _place(root: Path, folders: list[str], name: str) -> str:
    """Where a clip is below ``root``; its published path where it's nowhere."""
    tried = [f"fma_{s}/{name[:3]}/{name}.mp3" for s in folders]
    return next((path for path in tried if (root / path).is_file()), tried[-1])
