"""Variables of a TensorFlow checkpoint, read without TensorFlow.

A checkpoint is a folder with ``.index``, a sorted table from names to type, shape and place, and
``.data-00000-of-00001``, the numbers side by side. Nothing in it is run. Only what a checkpoint of
floats in one part needs is understood; anything else is refused.

References
----------
.. [1] TensorFlow, ``tensor_bundle.proto`` and ``lib/io/format`` (the table is LevelDB's), from memory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mirbench.errors import DataError

MAGIC = 0xDB4775248B80FB57
"""Last 8 bytes of a table."""
FOOTER = 48
"""Bytes at the table's end: places of two blocks, filled up, and the magic number."""
DATA = ".data-00000-of-00001"
INDEX = ".index"
FLOAT = 1
"""float32 among TensorFlow's types."""


def variables(folder: Path) -> dict[str, np.ndarray]:
    """Arrays of float32 by name.

    Parameters
    ----------
    folder : Path
        With ``.index`` and ``.data-00000-of-00001``.

    Raises
    ------
    DataError
        A file is missing, cut short, damaged, or in another form.
    """
    try:
        table, data = (folder / INDEX).read_bytes(), (folder / DATA).read_bytes()
    except OSError as error:
        raise DataError(f"{error.filename}: can't be read ({error.strerror})") from error
    try:
        return {name.decode(): _array(entry, data) for name, entry in _entries(table) if name}
    except (IndexError, ValueError, KeyError, struct.error) as error:
        raise DataError(
            f"{folder / INDEX}: not a whole checkpoint of TensorFlow ({error}); fetch it again"
        ) from error


def _array(entry: bytes, data: bytes) -> np.ndarray:
    """Array of a BundleEntryProto: type 1, shape 2, part 3, offset 4, size 5."""
    fields = dict(_fields(entry))
    kind, start, size = fields.get(1, 0), fields.get(4, 0), fields.get(5, 0)
    if kind != FLOAT or fields.get(3, 0) != 0:
        raise ValueError("a variable that isn't float32 in one part")
    shape = [dict(_fields(dim)).get(1, 0) for key, dim in _fields(fields.get(2, b"")) if key == 2]
    if start + size > len(data):
        raise ValueError("its data are cut short")
    return np.frombuffer(data, "<f4", size // 4, start).reshape(shape)


def _entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and entries of a table, over the blocks that its last block lists."""
    footer = table[-FOOTER:]
    if len(footer) < FOOTER or struct.unpack("<Q", footer[-8:])[0] != MAGIC:
        raise ValueError("the magic number is missing")
    at = 0
    for _ in range(2):  # of the block of filters, unused
        _, at = _varint(footer, at)
    for _, handle in _block(table, footer[at:]):
        yield from _block(table, handle)


def _block(table: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of the block at a handle; a key repeats part of the one before it."""
    start, at = _varint(handle, 0)
    size, _ = _varint(handle, at)
    if table[start + size] != 0:
        raise ValueError("a compressed block")
    block = table[start : start + size]
    restarts = struct.unpack("<I", block[-4:])[0]
    end, at, key = size - 4 * (restarts + 1), 0, b""
    while at < end:
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        yield key, block[at + own : at + own + length]
        at += own + length


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Numbers and values of a protobuf's fields, last wins where they repeat in a dict."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
        elif wire == 2:
            size, at = _varint(message, at)
            yield number, message[at : at + size]
            at += size
        elif wire == 5:
            yield number, message[at : at + 4]
            at += 4
        else:
            raise ValueError(f"wire type {wire}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Number written in groups of 7 bits, lowest first, and where it ends."""
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
