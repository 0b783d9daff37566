"""A copy of one's own: linked into the place where its loader looks."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from mirbench.corpora import load_corpus
from mirbench.corpora.published import for_a_command
from mirbench.errors import DataError
from mirbench.fetch.where import Say, about, disk_error, locked, place_of, root_of


def link(name: str, folder: str | Path, to: str | Path | None = None, *, say: Say = print) -> Path:
    """Link a folder of one's own as a corpus; nothing is copied.

    Parameters
    ----------
    name : str
        See ``mirbench fetch --list``.
    folder : path-like
        In the layout that the corpus's authors published.
    to : path-like, optional
        Folder of corpora, as for :func:`mirbench.fetch.fetch`.
    say : callable
        Is told what happens.

    Returns
    -------
    Path
        The link.

    Raises
    ------
    DataError
        An unknown corpus; not a folder, or not that corpus by its own loader; something else is where
        the link belongs.
    """
    known, place = about(name), place_of(name, to)
    target = Path(folder).expanduser().resolve()
    if not target.is_dir():
        raise DataError(f"{folder}: not a folder; name the one that holds {name}")
    if place.is_symlink() or place.exists():
        if place.resolve() != target:
            raise DataError(f"{place}: is there already; move it away, then link {target}")
        say(f"{name}: {place} is {target} already")
        return place
    with locked(place, say):
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target, target_is_directory=True)
        except OSError as error:
            raise disk_error(place, error) from error
        try:
            with _looked_for_in(root_of(to)):
                n_items = count(name)
        except BaseException as error:
            place.unlink()
            if isinstance(error, DataError):
                why = for_a_command(str(error)).replace(str(place), str(target))
                why = why.removeprefix(f"{target}: ")
                raise DataError(f"{target}: doesn't load as {name}, not linked: {why}") from error
            raise
    say(f"licence: {known.licence or 'none known; ask its authors'}")
    say(f"{name}: {place} is a link to {target}, {n_items:,} items")
    return place


def count(name: str) -> int:
    """Items that a corpus's loader finds, or rows of counts where it holds no recordings."""
    with suppress(ModuleNotFoundError):  # of another package
        module = import_module(f"mirbench.corpora.{name.replace('-', '_')}")
        if hasattr(module, "load_counts"):
            return len(module.load_counts())
    return len(load_corpus(name).items)


def loads(name: str, root: Path) -> bool:
    """Whether the corpus's own loader finds it under ``root``."""
    try:
        with _looked_for_in(root), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            count(name)
    except DataError:
        return False
    return True


@contextmanager
def _looked_for_in(root: Path) -> Iterator[None]:
    """Loaders look in ``root`` first."""
    before = os.environ.get("MIRBENCH_DATA")
    os.environ["MIRBENCH_DATA"] = str(root)
    try:
        yield
    finally:
        if before is None:
            del os.environ["MIRBENCH_DATA"]
        else:
            os.environ["MIRBENCH_DATA"] = before
