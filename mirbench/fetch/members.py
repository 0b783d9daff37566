"""Members of an archive, zip or tar, in one form; what can't be a corpus's file is refused."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from mirbench.errors import DataError
from mirbench.fetch.whole_tar import headers, opened

_LITTER = re.compile(r"(^|/)(__MACOSX/|\._[^/]*$|\.DS_Store$|Thumbs\.db$)")


@dataclass(frozen=True)
class Member:
    """A file of an archive.

    Attributes
    ----------
    path : PurePosixPath
        Below the folder it's unpacked into; never outside of it.
    n_bytes : int
        As the archive declares.
    open : callable, optional
        Opens its bytes.
    same_as : PurePosixPath, optional
        The member that it's a link to, instead of bytes of its own.
    """

    path: PurePosixPath
    n_bytes: int
    open: Callable[[], IO[bytes]] | None = None
    same_as: PurePosixPath | None = None


def of_zip(file: IO[bytes], what: str) -> Iterator[Member]:
    """Files of a zip archive, all of them checked before the first is given."""
    archive = zipfile.ZipFile(file)
    members = []
    for info in archive.infolist():
        name = info.filename.replace("\\", "/")  # as some writers for Windows have it
        path = inside(name, what)
        if info.flag_bits & 1:
            raise DataError(f"{what}: {name} needs a password; unpack the archive by hand")
        kind = info.external_attr >> 28 if info.create_system == 3 else 0  # of a Unix mode
        if kind not in (0, 0o04, 0o10):
            raise DataError(f"{what}: {name} is a link or a device, which a zip needn't hold")
        if path is None or name.endswith("/") or _LITTER.search(name):
            continue
        members.append(Member(path, info.file_size, _opener(archive.open, info)))
    yield from members


def of_tar(file: IO[bytes], what: str) -> Iterator[Member]:
    """Files of a tar archive, plain or compressed, as they come; links stand for their target."""
    with opened(file) as archive:
        for info in headers(archive):
            path = inside(info.name, what)
            if path is None or info.isdir() or _LITTER.search(info.name):
                continue
            if info.isreg():
                yield Member(path, info.size, _opener(archive.extractfile, info))
            elif info.islnk():
                yield Member(path, 0, same_as=inside(info.linkname, what))
            elif info.issym():
                yield Member(path, 0, same_as=_beside(path, info.linkname, what))
            else:
                raise DataError(f"{what}: {info.name} is a device or a pipe, not a file")


def inside(name: str, what: str) -> PurePosixPath | None:
    """Path of a member below the folder; None for the folder itself.

    Raises
    ------
    DataError
        It leaves the folder, or no file system could have it.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:[\\/]", name):
        raise DataError(
            f"{what}: {name!r} would leave the folder; this isn't the published archive"
        )
    if re.search(r"[\ud800-\udfff]", name):
        raise DataError(f"{what}: {name!r} isn't UTF-8; unpack the archive by hand")
    if re.search(r"[\x00-\x1f]", name):
        raise DataError(f"{what}: {name!r} isn't a file's name; this isn't the published archive")
    return path if path.parts else None


def _beside(path: PurePosixPath, target: str, what: str) -> PurePosixPath:
    """Member that a symbolic link leads to, its ``..`` resolved without looking at the disk."""
    parts = [] if target.startswith("/") else list(path.parts[:-1])
    for part in PurePosixPath(target).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)  # a ".." too many, or "/", is refused below
    found = inside("/".join(parts), f"{what}: {path} links to")
    if found is None:
        raise DataError(f"{what}: {path} links to the folder itself")
    return found


def _opener(open_: Callable[[Any], IO[bytes] | None], info: Any) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        file = open_(info)
        if file is None:
            raise DataError(f"{info.name}: a member without bytes")
        return file

    return opened
