"""Where a corpus is kept, and what is known of it."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from mirbench.corpora import corpus_names, facts
from mirbench.errors import DataError
from mirbench.home import data_root, home
from mirbench.nearest_names import asked

Say = Callable[[str], object]
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def about(name: str) -> facts.Facts:
    """Facts of a corpus; DataError where no corpus has that name.

    One of another package has no constants of ours: only that is said of it.
    """
    if name.startswith("mirdata:"):
        own = f"mirdata.initialize({name.removeprefix('mirdata:')!r}).download()"
        raise DataError(f"{name}: mirdata gets its data sets itself: in Python, {own}")
    if name not in corpus_names():
        see = "'mirbench fetch --list' names those there are"
        raise DataError(f"unknown corpus {name!r}{asked(name, corpus_names(), see)}")
    try:
        return facts.facts(name)
    except ModuleNotFoundError:
        return facts.Facts(title="", by_hand="it is of another package, which says how to get it")


def root_of(to: str | Path | None) -> Path:
    """Folder of corpora: ``to``, else ``MIRBENCH_DATA``, else ``MIRBENCH_HOME/data``."""
    return Path(to).expanduser() if to is not None else data_root() or home() / "data"


def place_of(name: str, to: str | Path | None = None) -> Path:
    """Folder of a corpus, whether or not it's there.

    It is called as the corpus, with underscores; as the module's constant ``FOLDER`` where several
    corpora are lists over one collection.
    """
    folder = name.replace("-", "_")
    with suppress(ModuleNotFoundError):  # of another package
        folder = getattr(import_module(f"mirbench.corpora.{folder}"), "FOLDER", folder)
    root = root_of(to)
    hyphens = root / folder.replace("_", "-")
    return hyphens if hyphens.is_dir() else root / folder


def work_of(place: Path) -> Path:
    """Folder of a corpus's halves, beside it: on the same disk, and out of its loader's sight."""
    real = place.resolve()
    return real.parent / ".fetch" / real.name


@contextmanager
def locked(place: Path, say: Say) -> Iterator[Path]:
    """Hold the lock of a corpus's folder and give the folder of its halves; waits where it's held.

    The lock is the operating system's (`filelock`): it ends with its process, however that ends.
    """
    from filelock import FileLock, Timeout

    work = work_of(place)
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(work, error) from error
    lock = FileLock(str(work.parent / f"{work.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"{place}: another process fetches it; waiting for it to end")
        lock.acquire()
    try:
        yield work
    finally:
        lock.release()


def free_bytes(folder: Path) -> int:
    """Free space of the disk that a folder is on, or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def enough_space(folder: Path, n_bytes: int, what: str) -> None:
    """DataError where the disk of ``folder`` hasn't ``n_bytes`` free."""
    free = free_bytes(folder)
    if n_bytes > free:
        raise DataError(
            f"{folder}: {what} needs {size(n_bytes)}, {size(free)} are free; free some, or name "
            "another folder with --to or MIRBENCH_DATA"
        )


def disk_error(path: Path, error: OSError) -> DataError:
    """The one clear error of a file that can't be written."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "the disk is full" if full else (error.strerror or str(error))
    return DataError(
        f"{path}: can't be written ({reason}); free some space or name another folder with --to, "
        "then run the same command again: it goes on where it stopped"
    )


def size(n_bytes: float | None) -> str:
    """A number of bytes as a person reads it.

    >>> size(1_234_567_890)
    '1.2 GB'
    >>> size(None)
    'size unknown'
    """
    if n_bytes is None:
        return "size unknown"
    power = min(max(len(str(int(n_bytes))) - 1, 0) // 3, len(_UNITS) - 1)
    return f"{n_bytes / 1000**power:.{1 if power else 0}f} {_UNITS[power]}"
