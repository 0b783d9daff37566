"""A tar read to its very end: `tarfile` takes a damaged header for the end, and leaves a stream's
checksum unread (Python 3.11)."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

MOST_HEADER = 1 << 20
"""Bytes of one extended header or long name; `tarfile` reads each into memory (our choice)."""
_EXTENDED = (
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)


class _Header(tarfile.TarInfo):
    """A header; only a block of zeros ends the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0 or (header.type in _EXTENDED and header.size > MOST_HEADER):
            raise tarfile.ReadError(f"a header of {header.size:,} bytes")
        return header

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> _Header:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from None


@contextmanager
def opened(file: IO[bytes]) -> Iterator[tarfile.TarFile]:
    """Open a tar, plain or compressed; names that aren't UTF-8 keep their bytes as surrogates."""
    with tarfile.open(
        fileobj=file,
        mode="r:*",
        tarinfo=_Header,
        encoding="utf-8",
        errors="surrogateescape",
    ) as archive:
        yield archive


def headers(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Headers of all members as they come, then the rest of the stream.

    Raises
    ------
    tarfile.ReadError
        A damaged header, or an end that isn't two blocks of zeros and nothing but zeros.
    """
    while (header := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]  # a million needn't be kept
        if header.size < 0:
            raise tarfile.ReadError(f"{header.name}: has {header.size:,} bytes")
        yield header
    stream, n_zeros = archive.fileobj, tarfile.BLOCKSIZE  # the block that told the end
    assert stream is not None
    while chunk := stream.read(1 << 20):  # a compressed stream checks itself at its end
        if chunk.count(0) != len(chunk):
            raise tarfile.ReadError("something follows its end")
        n_zeros += len(chunk)
    if n_zeros < 2 * tarfile.BLOCKSIZE:
        raise tarfile.ReadError("it ends too early")
