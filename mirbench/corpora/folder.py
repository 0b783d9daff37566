"""A folder of one's own: an ``index.csv``, or one sub-folder of recordings a class."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.errors import DataError

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".au", ".opus")


def load_folder(
    root: str | Path, name: str | None = None, *, strict: bool = True, **facts: object
) -> Corpus:
    """Corpus over a folder.

    Parameters
    ----------
    root : path-like
        Holds ``index.csv`` (column ``path``, label columns, optional ``group``/``speaker``/
        ``artist``, ``start_s`` and ``duration_s`` in s where several rows share a file), or one
        folder of audio files a class (then each file is its own group).
    name : str, optional
        Name of the corpus; the folder's own by default.
    strict : bool
        False keeps the rows of files that can't be read, for an audit; see `item_table`.
    **facts
        Further fields of :class:`Corpus`.

    Raises
    ------
    DataError
        Not a folder, a malformed index, no audio, an unreadable file.
    """
    root = Path(root).expanduser().resolve()
    if not root.is_dir():
        raise DataError(f"{root}: not a folder; give one that holds index.csv or a folder a class")
    name = name or root.name
    source = root / "index.csv"
    if source.is_file():
        index = read_index(source)
        _check_tags(index, source)
    else:
        source, index = root, _class_folders(root)
    items = item_table(index, root, name, source=source, strict=strict)
    return Corpus(name, items, source=str(source), **facts)  # type: ignore[arg-type]


def read_index(source: Path) -> pd.DataFrame:
    """An ``index.csv``, all columns as text; DataError where it isn't CSV."""
    try:
        return pd.read_csv(source, dtype=str, keep_default_na=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, OSError) as error:
        raise DataError(
            f"{source}: not a CSV file ({error}); write it as UTF-8 with a header"
        ) from error


def _check_tags(index: pd.DataFrame, source: Path) -> None:
    """Warn of cells of a column ``tags`` that look like several tags with another separator than ``|``."""
    cells = index["tags"].dropna().astype(str) if "tags" in index else pd.Series(dtype=str)
    wrong = cells[cells.str.contains("[,;]") & ~cells.str.contains("|", regex=False)]
    if len(wrong):
        line = int(wrong.index[0]) + 2
        warnings.warn(
            f"{source}: tags of line {line} ({wrong.iloc[0]!r}, and {len(wrong) - 1} more such) are taken "
            "for one tag with a comma or semicolon in its name; write several tags as a|b|c",
            stacklevel=3,
        )


def _class_folders(root: Path) -> pd.DataFrame:
    rows = [
        {"path": str(path.relative_to(root)), "label": folder.name}
        for folder in sorted(p for p in root.iterdir() if p.is_dir())
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in AUDIO_SUFFIXES
    ]
    if not rows:
        raise DataError(f"{root}: no index.csv and no folder of audio files; add one of them")
    return pd.DataFrame(rows)
