"""Corpora in the layout that their authors published: where their lists and recordings are."""

from __future__ import annotations

import re
import warnings
from collections.abc import Container, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.audio import info
from mirbench.corpora import real_folder
from mirbench.corpora.corpus import is_lenient
from mirbench.errors import DataError
from mirbench.home import data_root, home

_IN_PYTHON = re.compile(r",? or load what is (?:there|named) with load\(partial=True\)")
_NAMED = 3
"""Folders whose missing recordings are counted in a message."""


def corpus_folder(name: str, how: str) -> Path:
    """Folder ``name`` under ``MIRBENCH_DATA``; DataError that ends in ``how`` to get it."""
    try:
        return real_folder(name)
    except DataError as error:
        raise DataError(f"{error}; {how}") from None


def annotations_folder(name: str) -> Path:
    """Where lists may be that came without their audio: ``annotations/name`` beside the data.

    The data are under ``MIRBENCH_DATA``, else under ``MIRBENCH_HOME/data``; the second where only its
    folder is there.
    """
    places = [root.parent / "annotations" / name for root in data_roots()]
    return next((place for place in places if place.is_dir()), places[0])


def data_roots() -> list[Path]:
    """Folders that hold corpora: ``MIRBENCH_DATA`` where it is set, and ``MIRBENCH_HOME/data``."""
    return [root for root in (data_root(), home() / "data") if root is not None]


def first_there(folders: Sequence[Path], names: Sequence[str], how: str) -> list[Path]:
    """The files ``names``, each plain or gzipped, of the first folder that has them all.

    Raises
    ------
    DataError
        No folder has them; the message ends in ``how`` to get them.
    """
    for folder in folders:
        found = [p for n in names for p in (folder / n, folder / f"{n}.gz") if p.is_file()]
        if len({p.name.removesuffix(".gz") for p in found}) == len(names):
            return found
    wanted = " and ".join(names)
    raise DataError(f"{folders[0]}: holds no {wanted}; {how}")


def with_audio(index: pd.DataFrame, root: Path, how: str, partial: bool) -> pd.DataFrame:
    """Rows of an index whose ``path`` is a file under ``root``.

    Parameters
    ----------
    index : DataFrame
    root : Path
    how : str
        How to get the recordings, for the message.
    partial : bool
        Whether some may be missing.

    Raises
    ------
    DataError
        Recordings are missing and may not be, or none is there; it says how many. Or none is listed.
    """
    if index.empty:
        raise DataError(f"{root}: its lists name no recording; {how}")
    there = index["path"].map(lambda path: (root / path).is_file()).to_numpy(dtype=bool)
    if there.all() or (there.any() and is_lenient()):
        return index
    if not partial or not there.any():
        first = index["path"][~there].iloc[0]
        raise DataError(
            f"{root}: {(~there).sum()} of {len(index)} listed recordings aren't there "
            f"({first} is the first{_by_folder(index['path'], there)}); {how}, or load what is there with load(partial=True)"
        )
    return index[there].reset_index(drop=True)


def _by_folder(paths: pd.Series, there: np.ndarray) -> str:
    """Which folders lack recordings, in words, those that lack all first.

    Empty where it's one folder, as the first missing file says it.
    """
    lost = pd.Series(~there, index=[Path(path).parent.name for path in paths])
    counts = lost.groupby(level=0, sort=False).agg(["sum", "size"])
    whole = counts["sum"] == counts["size"]
    counts = pd.concat([counts[whole], counts[~whole & (counts["sum"] > 0)]])
    if len(counts) < 2:
        return ""
    shown = [
        f"{'all' if n == of else n} of {folder}"
        for folder, n, of in counts.head(_NAMED).itertuples()
    ]
    more = len(counts) - len(shown)
    return f"; {', '.join(shown)}{f' and of {more} more folders' if more else ''}"


def readable(index: pd.DataFrame, root: Path, faulty: frozenset[str] | None = None) -> pd.DataFrame:
    """Rows of an index whose file can be read; the others are counted in a warning.

    Parameters
    ----------
    index : DataFrame
        Columns ``id`` and ``path``.
    root : Path
    faulty : frozenset of str, optional
        Ids known to be unreadable as published; only those are left out. All that can't be, without.

    Raises
    ------
    DataError
        A file can't be read that isn't known to be faulty.
    """
    if is_lenient():
        return index  # an audit says what is wrong with them
    wrong = []
    for name, path in zip(index["id"], index["path"]):
        if faulty is not None and name not in faulty:
            continue  # item_table reads it and says what is wrong
        try:
            info(root / path)
        except DataError:
            # libsndfile may take such a file for a part of the recording; then item_table says so
            if not (root / path).with_name(f"._{Path(path).name}").exists():
                wrong.append(name)
    if not wrong:
        return index
    warnings.warn(
        f"{root}: {len(wrong)} of {len(index)} recordings can't be read and are left out "
        f"({wrong[0]} is the first)",
        stacklevel=2,
    )
    return index[~index["id"].isin(wrong)].reset_index(drop=True)


def for_a_command(message: str) -> str:
    """The message of a corpus that isn't whole without what only a caller in Python can do.

    >>> for_a_command("2 of 9 aren't there; get them, or load what is there with load(partial=True)")
    "2 of 9 aren't there; get them"
    """
    return _IN_PYTHON.sub("", message)


def csv_table(path: Path, columns: Sequence[str], how: str) -> pd.DataFrame:
    """A published CSV file as text, blanks around its column names taken off.

    Raises
    ------
    DataError
        It isn't there, isn't CSV, lacks one of ``columns`` or has its header twice; the message
        ends in ``how``.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, OSError) as error:
        raise DataError(f"{path}: can't be read as CSV ({error}); {how}") from error
    table.columns = table.columns.str.strip()
    missing = [c for c in columns if c not in table]
    if missing:
        raise DataError(f"{path}: has no column {', '.join(missing)}; {how}")
    table = table.map(str.strip)
    again = (table == list(table.columns)).all(axis=1).to_numpy()
    if again.any():
        raise DataError(f"{path}: row {int(again.argmax()) + 1} is its header again; {how}")
    return table


def numbers(
    table: pd.DataFrame, column: str, between: tuple[float, float], source: Path, how: str
) -> pd.Series:
    """A column as numbers; DataError names the first that is none or isn't ``between`` two."""
    values = pd.to_numeric(table[column], errors="coerce").astype(float)
    wrong = ~values.between(*between).to_numpy()
    if wrong.any():
        low, high = between
        raise DataError(
            f"{source}: {column} of row {int(wrong.argmax()) + 1} is {table[column].iloc[wrong.argmax()]!r}, "
            f"not a number from {low:g} to {high:g}; {how}"
        )
    return values


def all_listed(
    found: Iterable[Path], listed: Container[str], source: Path, how: str, partial: bool
) -> None:
    """DataError where a recording lies there whose stem isn't ``listed``: a list that was cut.

    Not with ``partial``, nor in an audit.
    """
    if partial or is_lenient():
        return
    more = sorted(p for p in found if p.stem not in listed and not p.name.startswith("."))
    if more:
        raise DataError(
            f"{source}: doesn't name {len(more)} of the recordings that are there ({more[0]} is the "
            f"first); {how}, move what isn't of the corpus, or load what is named with load(partial=True)"
        )
