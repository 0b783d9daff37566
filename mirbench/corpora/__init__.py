"""Corpora by name, or any folder of one's own."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from contextlib import nullcontext
from importlib import import_module, metadata
from pathlib import Path

from mirbench.corpora.corpus import Corpus, lenient
from mirbench.corpora.folder import load_folder
from mirbench.errors import DataError
from mirbench.home import data_root, home
from mirbench.nearest_names import asked

__all__ = ["Corpus", "corpus_names", "load_corpus", "load_folder", "real_folder"]

_NOT_CORPORA = {
    "corpus",
    "embedding",
    "f0",
    "facts",
    "folder",
    "lab",
    "mirdata_adapter",
    "notes",
    "pitch_names",
    "published",
    "sources",
    "synthetic",
    "videos",
}


def load_corpus(name: str | Path, *, strict: bool = True) -> Corpus:
    """Corpus of that name (see ``mirbench list corpora``), or of the folder at that path.

    ``mirdata:NAME`` is a data set that mirdata knows (`mirbench.corpora.mirdata_adapter`).

    With ``strict=False`` files that are missing or can't be read keep their rows, for an audit.

    Raises
    ------
    DataError
        Neither a known name nor a folder; or the corpus isn't on this machine.
    """
    with nullcontext() if strict else lenient():
        return _loaded(str(name))


def _loaded(text: str) -> Corpus:
    module = text.replace("-", "_")
    if module in _builtin():
        return import_module(f"mirbench.corpora.{module}").load()
    for entry in metadata.entry_points(group="mirbench.corpora"):
        if entry.name == text:
            return entry.load()()
    if text.startswith("mirdata:"):
        return import_module("mirbench.corpora.mirdata_adapter").load(text)
    if Path(text).expanduser().is_dir():
        return load_folder(text)
    see = "neither a folder nor one of 'mirbench list corpora'"
    raise DataError(f"unknown corpus {text!r}{asked(text, corpus_names(), see)}")


def corpus_names() -> list[str]:
    """Names that :func:`load_corpus` knows, whether or not their audio is on this machine."""
    entries = [entry.name for entry in metadata.entry_points(group="mirbench.corpora")]
    return sorted([*(m.replace("_", "-") for m in _builtin()), *entries])


def real_folder(*parts: str) -> Path:
    """Folder of a real corpus: under ``MIRBENCH_DATA``, else under ``MIRBENCH_HOME/data``.

    ``mirbench fetch`` writes to the first of the two that is set. A folder ``mtg_jamendo`` serves as
    ``mtg-jamendo``, and the other way round.

    Raises
    ------
    DataError
        Neither holds such a folder.
    """
    root = data_root()
    spellings = [parts, *([p.replace(a, b) for p in parts] for a, b in ("-_", "_-"))]
    for place in (root, home() / "data"):
        for spelling in spellings:
            if place is not None and place.joinpath(*spelling).is_dir():
                return place.joinpath(*spelling)
    wanted = "/".join(parts)
    if root is None:
        raise DataError(
            f"{parts[-1]}: set MIRBENCH_DATA to the folder of real recordings (it must hold {wanted}), "
            "or see 'mirbench fetch --list'"
        )
    raise DataError(
        f"{root}: holds no {wanted}; set MIRBENCH_DATA to the folder that does, or see 'mirbench fetch "
        "--list'"
    )


def _builtin() -> list[str]:
    return sorted(set(_iterate()) - _NOT_CORPORA)


def _iterate() -> Iterator[str]:
    return (m.name for m in pkgutil.iter_modules(__path__))
