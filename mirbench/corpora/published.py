"""Corpora in the layout that their authors published: where their lists and recordings are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mirbench.corpora import real_folder
from mirbench.errors import DataError
from mirbench.home import data_root


def corpus_folder(name: str, how: str) -> Path:
    """Folder ``name`` under ``MIRBENCH_DATA``; DataError that ends in ``how`` to get it."""
    try:
        return real_folder(name)
    except DataError as error:
        raise DataError(f"{error}; {how}") from None


def annotations_folder(name: str) -> Path:
    """Where lists may be that came without their audio: ``annotations/name`` beside the data."""
    root = data_root()
    return (root.parent if root else Path()) / "annotations" / name


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
        Recordings are missing and may not be, or none is there; it says how many.
    """
    there = index["path"].map(lambda path: (root / path).is_file()).to_numpy(dtype=bool)
    if there.all():
        return index
    if not partial or not there.any():
        first = index["path"][~there].iloc[0]
        raise DataError(
            f"{root}: {(~there).sum()} of {len(index)} listed recordings aren't there "
            f"({first} is the first); {how}, or load what is there with load(partial=True)"
        )
    return index[there].reset_index(drop=True)
