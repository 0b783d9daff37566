"""Files cut short that libsndfile takes as shorter ones: WAV, AIFF, AU and Ogg."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

CHUNKED = {b"RIFF": ("<", b"data"), b"RIFX": (">", b"data"), b"FORM": (">", b"SSND")}
STREAMED = 0x7FFF0000  # from here on a size is what writers to a pipe put in
PAGE = 65_307  # longest Ogg page, bytes
ENDS = 4  # flag of an Ogg page that ends its stream


def cut_short(path: Path) -> bool:
    """Whether a WAV, AIFF or AU file lacks samples its header promises, or an Ogg file its last page.

    Other formats, and headers that leave the length open, count as whole.
    """
    with path.open("rb") as file:
        kind = file.read(4)
        size = os.fstat(file.fileno()).st_size
        if kind == b"OggS":
            return _pages_missing(file, size)
        if kind == b".snd":
            start, length = struct.unpack(">II", file.read(8))
            return length < STREAMED and start + length > size
        if kind in CHUNKED:
            return _samples_missing(file, size, *CHUNKED[kind])
    return False


def _samples_missing(file: BinaryIO, size: int, order: str, wanted: bytes) -> bool:
    start = 12
    while start + 8 <= size:
        file.seek(start)
        name, length = struct.unpack(f"{order}4sI", file.read(8))
        start += 8
        if name == wanted:
            return length < STREAMED and start + length > size
        start += length + length % 2
    return False


def _pages_missing(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS\0") :]  # 0: version of the format
    if len(page) < 27:
        return True
    lengths = page[27 : 27 + page[26]]
    return not page[5] & ENDS or len(page) < 27 + page[26] + sum(lengths)
