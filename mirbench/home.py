"""Where mirbench keeps its files: ``MIRBENCH_HOME``, and where it looks for data: ``MIRBENCH_DATA``."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mirbench.errors import MirbenchError


def home() -> Path:
    """Folder of caches and results: ``$MIRBENCH_HOME``, by default ``~/.mirbench``."""
    return Path(os.environ.get("MIRBENCH_HOME") or "~/.mirbench").expanduser()


def data_root() -> Path | None:
    """Folder of real corpora, ``$MIRBENCH_DATA``, or None where it isn't set."""
    value = os.environ.get("MIRBENCH_DATA")
    return Path(value).expanduser() if value else None


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` fill a ``.part`` file beside ``path``, fsync it and rename it over ``path``.

    A crash or a full disk leaves the old file as it was, and no half of a new one.

    Raises
    ------
    MirbenchError
        The disk is full or the folder can't be written to.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise disk_error(path, error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def disk_error(path: Path, error: OSError) -> MirbenchError:
    """The one clear error of a file that can't be written."""
    reason = "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error))
    return MirbenchError(
        f"{path}: can't be written ({reason}); free some space or set MIRBENCH_HOME to another "
        "folder, then run the same command again: finished cells are kept"
    )
