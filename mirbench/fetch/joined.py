"""Parts of one file (``a.zip.001``, ``a.zip.002``, ...) read as the file, without joining them on disk."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path


class Joined(io.RawIOBase):
    """Bytes of several files in turn.

    Parameters
    ----------
    paths : sequence of Path
        In their order.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._files = [path.open("rb") for path in paths]
        self._ends = []
        end = 0
        for path in paths:
            end += path.stat().st_size
            self._ends.append(end)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._ends[-1]}[whence]
        if start + offset < 0:
            raise OSError("a place before the start")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        for file, end, start in zip(self._files, self._ends, [0, *self._ends]):
            if self._at < end:
                file.seek(self._at - start)
                n = file.readinto(memoryview(buffer)[: end - self._at])
                self._at += n
                return n
        return 0

    def close(self) -> None:
        for file in self._files:
            file.close()
        super().close()
