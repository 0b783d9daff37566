"""A corpus: a checked table of items, and the facts one has to know before using them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.audio import file_sha256, info
from mirbench.errors import DataError
from mirbench.items import content_key

GROUP_COLUMNS = ("group", "speaker", "artist", "album")
_LENIENT: ContextVar[bool] = ContextVar("lenient", default=False)


@dataclass(frozen=True)
class Corpus:
    """A corpus.

    Attributes
    ----------
    name : str
    items : DataFrame
        One row an item: ``id`` (unique, ``corpus/...``), ``path`` (absolute), ``sha256``,
        ``start_s``, ``duration_s`` (s), ``key`` (content key), ``group`` (artist, speaker, ...) and
        every further column of the index (labels, strata).
    evidence : str
        "real", "look-alike" or "embedded" (synthesised: for a first run and tests only).
    bibtex, licence : str
    remotes : mapping of file name to (addresses, sha256)
    faults : sequence of str
        Known faults, with their source.
    source : str
        Index file or folder that lists the items, for messages.
    """

    name: str
    items: pd.DataFrame
    evidence: str = "real"
    title: str = ""
    bibtex: str = ""
    licence: str = ""
    remotes: Mapping[str, tuple[Sequence[str], str]] = field(default_factory=dict)
    faults: Sequence[str] = ()
    source: str = ""

    def verify(self) -> None:
        """Hash every file again; DataError names the first that changed since it was loaded."""
        for path, rows in self.items.groupby("path", sort=False):
            if file_sha256(str(path)) != rows["sha256"].iloc[0]:
                raise DataError(f"{path}: changed since the corpus was loaded; load it again")


@contextmanager
def lenient() -> Iterator[None]:
    """Inside, loaders keep the rows of files that are missing or can't be read, for an audit."""
    token = _LENIENT.set(True)
    try:
        yield
    finally:
        _LENIENT.reset(token)


def is_lenient() -> bool:
    """Whether missing and unreadable files keep their rows; see `lenient`."""
    return _LENIENT.get()


def item_table(
    index: pd.DataFrame,
    root: Path,
    corpus: str,
    *,
    source: Path | None = None,
    strict: bool = True,
) -> pd.DataFrame:
    """Check an index and complete it to an item table.

    Parameters
    ----------
    index : DataFrame
        Column ``path`` (relative to ``root``), optional ``id``, ``start_s``, ``duration_s`` (s),
        ``group`` (or ``speaker``, ``artist``, ``album``), labels under any other name.
    root : Path
    corpus : str
        Prefix of the ids.
    source : Path, optional
        File to name in errors.
    strict : bool
        False for an audit, which says itself what is wrong with a file: one that can't be read, or
        that ends before its item does, keeps its row, where it has no ``sha256``, ``key`` or length.

    Raises
    ------
    DataError
        No ``path`` column, no row, duplicate ids, an unreadable file, a part outside its file.
    """
    source, strict = source or root, strict and not is_lenient()
    if "path" not in index.columns:
        columns = ", ".join(map(str, index.columns)) or "none"
        raise DataError(
            f"{source}: needs a column 'path', has {columns}; name the audio column 'path'"
        )
    if index.empty:
        raise DataError(f"{source}: lists no item; add a row for each recording")
    blank = index["path"].isna() | (index["path"].astype(str).str.strip() == "")
    if blank.any():
        line = int(np.flatnonzero(blank)[0]) + 2
        raise DataError(f"{source}: line {line} has no path; fill it in or drop the line")
    table = pd.DataFrame({c: index[c].to_numpy(dtype=object) for c in index.columns})
    names = (
        table["id"] if "id" in table else table["path"].map(lambda p: str(Path(p).with_suffix("")))
    )
    # parts of one file are told apart by where they start
    if "id" not in table and "start_s" in table and table["path"].duplicated().any():
        names = names + "#" + table["start_s"].astype(str)
    table["id"] = [f"{corpus}/{name}" for name in names]
    twice = table["id"][table["id"].duplicated()]
    if len(twice):
        raise DataError(
            f"{source}: duplicate id {twice.iloc[0]!r} ({len(twice)} in all); "
            "every row needs an id of its own: rename or drop the copies"
        )
    # parts of one file belong together, unless a column says whose they are
    source_ids = [f"{corpus}/{Path(str(path)).with_suffix('')}" for path in table["path"]]
    table["path"] = [str((root / str(path)).resolve()) for path in table["path"]]
    lengths, hashes = {}, {}
    for path in dict.fromkeys(table["path"]):
        try:
            lengths[path], hashes[path] = _described(path, *_stamp(path))
        except DataError:
            if strict:
                raise
    table["sha256"] = [hashes.get(path) for path in table["path"]]
    whole = np.array([lengths.get(path, np.nan) for path in table["path"]])
    table["start_s"], table["duration_s"] = _parts(table, whole, source)
    ends = table["start_s"] + table["duration_s"]
    outside = (table["duration_s"] <= 0) | (table["start_s"] < 0)
    if strict:
        outside |= ends > whole + 0.05
    if outside.any():
        row = table[outside].iloc[0]
        raise DataError(
            f"{source}: item {row['id']} covers {row['start_s']:.2f} to "
            f"{row['start_s'] + row['duration_s']:.2f} s, its file has "
            f"{lengths.get(row['path'], np.nan):.2f} s; correct start_s/duration_s"
        )
    table["key"] = [
        content_key(h, s, d) if h else None
        for h, s, d in zip(table["sha256"], table["start_s"], table["duration_s"])
    ]
    table["group"] = _groups(table.assign(source=source_ids), source)
    return table


def _stamp(path: str) -> tuple[int, int]:
    """When the file was last written, and its size; zeros where it can't be asked."""
    try:
        stat = Path(path).stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=1 << 20)
def _described(path: str, written_ns: int, n_bytes: int) -> tuple[float, str]:
    """Length (s) and SHA-256 of a file, read once a process as long as its stamp is the same."""
    return info(path).duration_s, file_sha256(path)


def _parts(table: pd.DataFrame, whole: np.ndarray, source: Path) -> tuple[np.ndarray, np.ndarray]:
    """Start and length (s) of each item inside its file.

    Where an index gives the file's whole length as ``duration_s``, its ``start_s`` tells the place
    in the recording that the file was cut from: the item is the whole file.
    """
    start = _seconds(table, "start_s", source)
    length = _seconds(table, "duration_s", source)
    all_of_it = np.isnan(start) | (np.abs(length - whole) <= 0.05)
    start = np.where(all_of_it, 0.0, start)
    return start, np.where(np.isnan(length) | all_of_it, whole - start, length)


def _seconds(table: pd.DataFrame, column: str, source: Path) -> np.ndarray:
    if column not in table:
        return np.full(len(table), np.nan)
    values = pd.to_numeric(pd.Series(table[column]), errors="coerce").to_numpy(dtype=float)
    bad = np.isnan(values) & ~pd.isna(table[column]).to_numpy()
    if bad.any():
        row = table[bad].iloc[0]
        raise DataError(
            f"{source}: {column} of {row['id']} is {row[column]!r}, not a number of seconds"
        )
    return values


def _groups(table: pd.DataFrame, source: Path) -> list[str]:
    """First non-empty of the group columns, row by row; the file where there is none.

    Rows that were forgotten flatter folds by group, so they are counted in a warning.
    """
    present = [c for c in GROUP_COLUMNS if c in table]
    groups, bare = [], []
    for _, row in table.iterrows():
        named = [str(row[c]).strip() for c in present if not pd.isna(row[c])]
        named = [name for name in named if name]
        groups.append(named[0] if named else str(row["source"]))
        if not named:
            bare.append(str(row["id"]))
    if present and bare:
        warnings.warn(
            f"{source}: {len(bare)} of {len(table)} items have no {' or '.join(present)} "
            f"({bare[0]} is the first); each file of theirs counts as a group of its own",
            stacklevel=2,
        )
    return groups
