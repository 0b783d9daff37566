"""What a fetch would do: which files are there, which must come, how much room that needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from mirbench.corpora.facts import Remote
from mirbench.errors import DataError
from mirbench.fetch import hashes
from mirbench.fetch.half import Half
from mirbench.fetch.unpack import archive_of
from mirbench.fetch.where import work_of


@dataclass(frozen=True)
class Step:
    """A file to fetch, or an archive (of one or more parts) to fetch and unpack.

    Attributes
    ----------
    name : str
    remotes : tuple of Remote
    place : Path
        Folder of the corpus.
    done : bool
        Nothing to do: the file is there as it was fetched, or all files of the archive are.
    there : int
        Bytes of it that have come, whole files and a half.
    """

    name: str
    remotes: tuple[Remote, ...]
    place: Path
    done: bool
    there: int

    @property
    def n_bytes(self) -> int | None:
        """Bytes to download in all, where they are published."""
        each = [r.n_bytes for r in self.remotes]
        return None if None in each else sum(n for n in each if n is not None)

    @property
    def unpack(self) -> str | None:
        """Folder below the corpus's that it's unpacked into."""
        return self.remotes[0].unpack

    @property
    def listing(self) -> Path:
        """List of the files that came out of the archive; there only once all of them are."""
        return listing(self.place, self.name)

    @property
    def files(self) -> list[Path]:
        """Files that are downloaded."""
        return [self.place / r.name for r in self.remotes]


def plan(remotes: Sequence[Remote], place: Path) -> list[Step]:
    """Steps to have all files of a corpus, those that are done too.

    Raises
    ------
    DataError
        A remote's name or folder would leave the corpus's.
    """
    for remote in remotes:
        for path in (remote.name, remote.unpack or "."):
            if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                raise DataError(f"{remote.name}: {path!r} would leave the corpus's folder")
    noted = hashes.read(place)
    return [_step(name, parts, place, noted) for name, parts in _groups(remotes)]


def room(steps: Sequence[Step], drop_archives: bool) -> int:
    """Bytes that the steps still need at least: sound hardly shrinks, so archives count twice."""
    open_ = [s for s in steps if not s.done]
    download = [max(0, (s.n_bytes or s.there) - s.there) for s in open_]
    archives = [s.n_bytes or s.there for s in open_ if s.unpack is not None]
    if drop_archives:  # one archive at a time lies beside what came out of it
        plain = sum(n for n, s in zip(download, open_) if s.unpack is None)
        held = sum(s.there for s in open_ if s.unpack is not None)
        return max(0, plain + sum(archives) + max(archives, default=0) - held)
    return sum(download) + sum(archives)


def listing(place: Path, name: str) -> Path:
    """List of an archive's files, as ``sha256sum --check`` reads it."""
    return place / f"{name}.sha256"


def read_listing(path: Path) -> dict[str, str]:
    """SHA-256 of each file of a list, by its path below the corpus's folder."""
    try:
        *lines, end = path.read_text(encoding="utf-8").split("\n")  # a name may hold U+2028
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: can't be read ({error}); delete it and fetch again") from error
    found = {line[66:]: line[:64] for line in lines if line[64:66] == "  "}
    if len(found) != len(lines) or not found or end:
        raise DataError(f"{path}: damaged; delete it and fetch again")
    return found


def _groups(remotes: Sequence[Remote]) -> Iterator[tuple[str, tuple[Remote, ...]]]:
    """Remotes, those that are parts of one archive together, in the order of their numbers."""

    def archive(remote: Remote) -> str:
        return remote.name if remote.unpack is None else archive_of(remote.name)

    order = {name: i for i, name in enumerate(dict.fromkeys(map(archive, remotes)))}
    inorder = sorted(remotes, key=lambda r: (order[archive(r)], r.name))
    for name, parts in groupby(inorder, archive):
        yield name, tuple(parts)


def _step(name: str, parts: tuple[Remote, ...], place: Path, noted: dict[str, Any]) -> Step:
    there = 0
    for remote in parts:
        file = place / remote.name
        half = Half.of(work_of(place), remote.name)
        there += file.stat().st_size if file.is_file() else half.n_bytes
    if parts[0].unpack is None:
        done = name in noted and (place / name).is_file() and there == noted[name]["n_bytes"]
    else:
        path = listing(place, name)
        done = path.is_file() and all((place / p).is_file() for p in read_listing(path))
    return Step(name, parts, place, done, there)
