"""A catalogue to rank: a folder of recordings with or without an index, or a corpus by name."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import soundfile as sf

from mirbench.apply.m3u import one_line
from mirbench.audio import AudioInfo, file_sha256, info
from mirbench.corpora import corpus_names, load_corpus, load_folder
from mirbench.corpora.folder import AUDIO_SUFFIXES
from mirbench.errors import DataError, MirbenchError
from mirbench.features import Extract
from mirbench.items import AudioRef, Item, content_key

NAMES = ("artist", "album", "genre", "title")
"""Columns that say what a track is, from the index or from the file's own tags."""


def read_catalogue(catalogue: str | Path) -> pd.DataFrame:
    """Tracks of a catalogue, those that can't be read left out.

    Parameters
    ----------
    catalogue : str or path
        Name of a corpus, or a folder: with ``index.csv`` its rows, without one every audio file in it
        and below it, named by its own tags.

    Returns
    -------
    DataFrame
        A row a track: ``path`` (absolute), ``sha256``, ``key``, ``start_s``, ``duration_s`` (s), ``part``
        (whether it is a part of its file), and the index's further columns; ``folder`` where there is
        no index.

    Raises
    ------
    DataError
        Neither a corpus nor a folder, a malformed index, no track that can be read.

    Warns
    -----
    UserWarning
        One for each track that can't be read; names it.
    """
    text = str(catalogue)
    root = Path(text).expanduser()
    known = {text, text.replace("_", "-")} & set(corpus_names())
    if known or (root / "index.csv").is_file():
        found = load_corpus(text) if known else load_folder(root, strict=False)
        tracks = _without_faults(found.items)
    elif root.is_dir():
        tracks = _tree(root.resolve())
    else:
        raise DataError(
            f"catalogue {text!r}: neither a folder nor a corpus (mirbench list corpora); "
            "give a folder of recordings"
        )
    if tracks.empty:
        raise DataError(
            f"{text}: no recording that can be read; put audio files "
            f"({', '.join(AUDIO_SUFFIXES)}) in it or below it"
        )
    return tracks.reset_index(drop=True)


def read_query(path: str | Path) -> pd.DataFrame:
    """The one-row table of a recording, as `read_catalogue` would list it.

    Raises
    ------
    DataError
        It can't be read; names it.
    """
    path = Path(path).expanduser().resolve()
    return pd.DataFrame([_described(path, path.parent)])


def grouping(tracks: pd.DataFrame, colour: str | None = None) -> tuple[str, pd.Series]:
    """Column that groups a catalogue, and each track's group, ``''`` where it has none.

    Raises
    ------
    DataError
        No such column; lists those there are.
    """
    columns = [str(c) for c in tracks]
    if colour is not None and colour not in columns:
        raise DataError(
            f"the catalogue has no column {colour!r} to colour by; it has {', '.join(columns)}"
        )
    for column in [colour] if colour else ["genre", "artist", "label", "folder"]:
        if column in columns:
            said = pd.Series([one_line(v) for v in tracks[column]], dtype=object)
            if colour or 1 < said[said != ""].nunique() < len(said):
                return column, said
    return "", pd.Series([""] * len(tracks), dtype=object)


def rows_of(tracks: pd.DataFrame) -> list[dict[str, Any]]:
    """A dict a row."""
    return [{str(k): v for k, v in row.items()} for row in tracks.to_dict("records")]


def items_of(tracks: pd.DataFrame) -> list[Item]:
    """One item a track, without label or group."""
    return [
        Item.from_file(row["key"], AudioRef(row["path"], row["start_s"], row["duration_s"]))
        for row in rows_of(tracks)
    ]


def described(
    items: Sequence[Item], extracts: Sequence[Extract], advance: Callable[[int], None]
) -> np.ndarray:
    """Fill the feature cache; which items a method can describe, (n_items,) of bool.

    Parameters
    ----------
    items : sequence of Item
    extracts : sequence of Extract
        The method's; without any, the items are decoded to see that they can be.
    advance : callable
        ``advance(n)`` is called as items are done.

    Raises
    ------
    MirbenchError
        None can be described: what is wrong with the first.

    Warns
    -----
    UserWarning
        One for each item left out; names its file.
    """
    parts = [(extract, extract.key()) for extract in extracts]
    good = np.ones(len(items), dtype=bool)
    faults = []
    for i, item in enumerate(items):
        try:
            for extract, part in parts:
                extract.one(item, part)
            if not parts:
                item.signal(1000)
        except MirbenchError as error:
            good[i] = False
            faults.append(error)
        advance(1)
    if faults and not good.any():
        raise faults[0]
    for fault in faults:
        warnings.warn(f"{fault}: left out", stacklevel=2)
    return good


def _without_faults(items: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a recording behind them; says of the others why not."""
    rows = []
    for row in rows_of(items):
        try:
            length = _info(row["path"]).duration_s
            if row["start_s"] + row["duration_s"] > length + 0.05:
                raise DataError(
                    f"{row['path']}: lasts {length:.2f} s, its row in the index goes on; mend the row"
                )
            rows.append(row | {"part": row["duration_s"] < length - 0.05})
        except DataError as error:
            warnings.warn(f"{error}: left out", stacklevel=2)
    return pd.DataFrame(rows)


def _tree(root: Path) -> pd.DataFrame:
    rows = []
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() not in AUDIO_SUFFIXES or path.name.startswith("."):
            continue
        try:
            rows.append(_described(path, root))
        except DataError as error:
            warnings.warn(f"{error}: left out", stacklevel=2)
    return pd.DataFrame(rows)


def _info(path: str | Path) -> AudioInfo:
    try:
        return info(path)
    except UnicodeError as error:  # the decoder takes names in UTF-8 only
        shown = os.fsencode(path).decode("utf-8", "replace")
        raise DataError(f"{shown}: its name isn't UTF-8; rename the file") from error


def _described(path: Path, root: Path) -> dict[str, object]:
    head, sha256 = _info(path), file_sha256(path)
    folder = path.relative_to(root).parts[0] if path.parent != root else None
    return {
        "path": str(path),
        "sha256": sha256,
        "key": content_key(sha256, 0.0, head.duration_s),
        "start_s": 0.0,
        "duration_s": head.duration_s,
        "part": False,
        "folder": folder,
        **_tags(path),
    }


def _tags(path: Path) -> dict[str, str | None]:
    """What a file says of itself in its own tags, where libsndfile reads them."""
    with sf.SoundFile(str(path)) as file:
        said = file.copy_metadata()
    return {name: said.get(name, "").strip() or None for name in NAMES}
