"""Zip files with the same bytes every time, and reading a stranger's without harm.

Members are stored, never compressed: what is inside can't be larger than the file, and the bytes
don't depend on the version of a compressor.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from mirbench.errors import MirbenchError, RecordError

EPOCH = (1980, 1, 1, 0, 0, 0)
END = 22
"""Bytes of a zip's end record without a comment."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.,=+-]{0,120}(/[A-Za-z0-9_.,=+-]{1,120}){0,8}")
TRIED = (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError, NotImplementedError)


@dataclass(frozen=True)
class Limits:
    """What a stranger's archive may hold: bytes of the file, of a member, and members."""

    total: int
    member: int
    members: int


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of those files by name: in the order of names, dated 1980, the same bytes every time."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, files[name])
    return sink.getvalue()


def unpack(data: bytes, limits: Limits, source: str) -> dict[str, bytes]:
    """Files of a zip that :func:`pack` may have written, by name; nothing is written to disk.

    Raises
    ------
    RecordError
        Not such a zip: too large, too many members, compressed, links, folders, two of one name, a
        name that leaves the folder, members that overlap, a wrong checksum, anything else that
        :func:`pack` wouldn't write. Names ``source``.
    """

    def refuse(why: str) -> MirbenchError:
        return RecordError(f"{source}: {why}; ask for a bundle as mirbench writes it")

    if len(data) > limits.total:
        raise refuse(f"{len(data)} bytes, {limits.total} are allowed")
    end = data[-END:]
    if len(end) < END or end[:4] != b"PK\x05\x06" or end[-2:] != b"\0\0":
        raise refuse("not a zip file, or one with a comment")
    if data[-END - 20 : -END].startswith(b"PK\x06\x07"):
        raise refuse("a zip64 file")
    count, size = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    # before a list is made of them: 46 bytes a member at least, and its name
    if count > limits.members or size > limits.members * 400:
        raise refuse(f"{count} members in a list of {size} bytes, {limits.members} are allowed")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            fault = _list_fault(infos, limits, len(data))
            if fault:
                raise refuse(fault)
            files = {}
            for info in infos:
                with archive.open(info) as member:
                    files[info.filename] = member.read(info.file_size + 1)
                if len(files[info.filename]) != info.file_size:
                    raise refuse(f"{info.filename!r} has another size than stated")
    except TRIED as error:
        raise refuse(f"can't be read ({str(error)[:120]!r})") from error
    if pack(files) != data:
        raise refuse(
            "not packed as mirbench packs: something is before, between or behind its files"
        )
    return files


def _list_fault(infos: list[zipfile.ZipInfo], limits: Limits, size: int) -> str:
    if len(infos) > limits.members:
        return f"{len(infos)} members, {limits.members} are allowed"
    names = [info.filename for info in infos]
    if len({name.casefold() for name in names}) < len(names):
        return "two members of one name"
    for info in infos:
        name = info.filename
        mode = info.external_attr >> 16
        if info.orig_filename != name or not NAME.fullmatch(name) or ".." in name:
            return f"a member called {info.orig_filename[:80]!r}"
        if mode and not stat.S_ISREG(mode):
            return f"{name!r} is a link or a folder"
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            return f"{name!r} is compressed"
        if info.file_size > limits.member:
            return f"{name!r} is {info.file_size} bytes, {limits.member} are allowed"
    if sum(info.file_size for info in infos) > size:
        return "its members overlap"
    return ""
