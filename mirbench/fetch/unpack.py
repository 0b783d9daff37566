"""Unpack an archive: nothing leaves its folder, nothing fills the disk, nothing is left by halves.

`pooch`'s ``Unzip`` and ``Untar`` aren't used: they neither check a member's path and kind nor count
bytes, and an interrupted one is taken for whole (pooch 1.9).
"""

from __future__ import annotations

import hashlib
import lzma
import re
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BufferedReader
from pathlib import Path, PurePath, PurePosixPath

from mirbench.errors import DataError
from mirbench.fetch.joined import Joined
from mirbench.fetch.members import Member, of_tar, of_zip
from mirbench.fetch.where import disk_error, free_bytes, size

MOST_FILES = 2_000_000
MOST_RATIO = 200
"""Bytes unpacked for each packed one: sound comes to about 2, lists to 20 (our choice)."""
RATIO_FROM = 64 << 20
"""Bytes below which the ratio says nothing: a small archive may be mostly silence."""
_DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
    *(EOFError, OSError, NotImplementedError),  # an OSError without a number: of gzip or bz2
    *(
        ValueError,
        struct.error,
        RecursionError,
    ),  # names and fields that can't be, headers on headers
)


class DamagedArchive(DataError):
    """An archive that can't be one, or not one that we read."""


def archive_of(name: str) -> str:
    """Name of the archive that a file is, or is a part of: ``a.zip`` for ``a.zip.001``."""
    return re.sub(r"(?<=\.zip)\.\d{3}$", "", name)


def unpack(
    parts: Sequence[Path], into: Path, moved: Callable[[int], None] = lambda n: None
) -> dict[str, str]:
    """Unpack an archive into a folder, which is made for it.

    Links become copies of what they lead to; what systems leave in archives for themselves
    (``__MACOSX``, ``.DS_Store``) is left out, and archives in the archive stay as they are.

    Parameters
    ----------
    parts : sequence of Path
        The archive (zip, or tar plain or compressed by gzip, bzip2 or xz), or its parts in order.
    into : Path
        Must not be there. It's gone again where anything goes wrong.
    moved : callable
        Is told the bytes that were written.

    Returns
    -------
    dict of str to str
        SHA-256 of each file, by its path below the folder.

    Raises
    ------
    DamagedArchive
        It can't be read, or another length comes out than it declares.
    DataError
        A member outside of the folder, or one that isn't a file; more files, or
        more bytes for the archive's size, than a corpus has; a full disk.
    """
    what, packed = archive_of(parts[0].name), sum(p.stat().st_size for p in parts)
    try:
        into.mkdir(parents=True)
    except OSError as error:
        raise disk_error(into, error) from error
    budget = _Budget(what, packed, into)
    try:
        with BufferedReader(Joined(parts), 1 << 20) as file:
            zipped = file.read(2) == b"PK"
            file.seek(0)
            if zipped:  # all its members are declared before one is written
                return _write(list(budget.declared(of_zip(file, what))), into, budget, moved)
            return _write(budget.declared(of_tar(file, what)), into, budget, moved)
    except BaseException as error:
        shutil.rmtree(into, ignore_errors=True)
        if isinstance(error, (FileExistsError, NotADirectoryError, IsADirectoryError)):
            raise DamagedArchive(
                f"{parts[0]}: {PurePath(error.filename).name} is both a file and a folder there; "
                "fetch it again"
            ) from error
        if isinstance(error, OSError) and error.errno is not None:
            raise disk_error(into, error) from error
        if isinstance(error, _DAMAGED):
            why = " ".join(str(error).split())
            raise DamagedArchive(
                f"{parts[0]}: a damaged archive, or of an unknown kind ({why}); fetch it again"
            ) from error
        raise


class _Budget:
    """What an archive may still write: declared bytes are held against it, then those written."""

    def __init__(self, what: str, packed: int, into: Path) -> None:
        self._what, self._packed, self._free = what, packed, free_bytes(into)
        self._files = self._bytes = 0

    def declared(self, members: Iterable[Member]) -> Iterator[Member]:
        """Members, each counted before it's given."""
        for member in members:
            self.declare(member.n_bytes)
            yield member

    def declare(self, n_bytes: int) -> None:
        """Count a member; DataError where it's one too many."""
        self._files += 1
        self._bytes += n_bytes
        if self._files > MOST_FILES:
            raise DataError(f"{self._what}: more than {MOST_FILES:,} files; not a corpus's archive")
        if self._bytes > max(RATIO_FROM, MOST_RATIO * self._packed):
            raise DataError(
                f"{self._what}: {size(self._packed)} would unpack to more than {size(self._bytes)}; "
                "not a corpus's archive"
            )
        if self._bytes > self._free:
            raise DataError(
                f"{self._what}: unpacking needs more than the {size(self._free)} that are free; free "
                "some, or name another folder with --to or MIRBENCH_DATA"
            )


def _write(
    members: Iterable[Member], into: Path, budget: _Budget, moved: Callable[[int], None]
) -> dict[str, str]:
    """Write members: first those with bytes of their own, then the copies that stand for links."""
    hashes: dict[PurePosixPath, str] = {}
    links: list[Member] = []
    for member in members:
        if member.open is None:
            links.append(member)
            continue
        hashes[member.path] = _file(member, into / member.path, moved)
    for link in links:
        target = _end(link, links)
        if target not in hashes:
            raise DataError(f"{link.path}: a link to {target}, which isn't a file of the archive")
        budget.declare((into / target).stat().st_size)
        (into / link.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(into / target, into / link.path)
        hashes[link.path] = hashes[target]
    if not hashes:
        raise DamagedArchive("the archive holds no file; fetch it again")
    return {str(path): hashes[path] for path in sorted(hashes)}


def _end(link: Member, links: Sequence[Member]) -> PurePosixPath | None:
    """Where a chain of links ends; None where it runs in a circle."""
    further = {other.path: other.same_as for other in links}
    target = link.same_as
    for _ in links:
        if target not in further:
            return target
        target = further[target]
    return None


def _file(member: Member, path: Path, moved: Callable[[int], None]) -> str:
    """Write one file, of as many bytes as were declared; returns its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of two members of one name the later counts
    digest, written = hashlib.sha256(), 0
    assert member.open is not None
    with member.open() as source, path.open("wb") as file:
        while chunk := source.read(1 << 20):
            written += len(chunk)
            if written > member.n_bytes:
                break
            digest.update(chunk)
            file.write(chunk)
            moved(len(chunk))
    if written != member.n_bytes:
        raise DamagedArchive(
            f"{member.path}: has other than the {member.n_bytes:,} bytes that its archive declares; "
            "fetch the archive again"
        )
    return digest.hexdigest()
