"""Half a download: the bytes that came, and what tells whether the server still has the same file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mirbench.fetch.where import disk_error
from mirbench.home import write_atomically


@dataclass
class Half:
    """Half a file, at ``path``, with a ``.json`` beside it.

    Attributes
    ----------
    path : Path
    url : str
        Address that it came from.
    total : int, optional
        Bytes of the whole file, as the server said.
    etag, modified : str
        Validators that the server gave; a weak one doesn't tell of bytes and isn't kept.
    """

    path: Path
    url: str = ""
    total: int | None = None
    etag: str = ""
    modified: str = ""

    @classmethod
    def of(cls, work: Path, name: str) -> Half:
        """The half of the file ``name`` in the folder ``work``, empty where none was left."""
        half = cls(work / f"{name.replace('/', '__')}.half")
        try:
            told = json.loads(half._beside.read_text(encoding="utf-8"))
            half.url, half.etag = str(told["url"]), str(told["etag"])
            half.modified, half.total = str(told["modified"]), told["total"]
        except (OSError, ValueError, KeyError, TypeError):
            half.clear()  # bytes of which nothing is known
        return half

    @property
    def n_bytes(self) -> int:
        """Bytes that came."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def _beside(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def resumable(self, url: str, known: bool) -> bool:
        """Whether the rest from ``url`` would surely fit: its validator, or the hash, will tell.

        Parameters
        ----------
        url : str
        known : bool
            Whether the hash of the whole is published.
        """
        return known or (url == self.url and bool(self.condition(url)))

    def condition(self, url: str) -> dict[str, str]:
        """Header by which the server sends the rest only of the same file (RFC 9110, 13.1.5)."""
        validator = self.etag or self.modified
        return {"If-Range": validator} if validator and url == self.url else {}

    def is_other(self, url: str, headers: Mapping[str, str]) -> bool:
        """Whether an answer from the same address is of another version, as its validators tell."""
        told = ((self.etag, headers.get("ETag")), (self.modified, headers.get("Last-Modified")))
        return url == self.url and any(mine and its and mine != its for mine, its in told)

    def begin(self, url: str, headers: Mapping[str, str], total: int | None) -> None:
        """Write down what a response says of the whole file."""
        etag = headers.get("ETag", "")
        self.url, self.total = url, total
        self.etag = "" if etag.startswith("W/") else etag
        self.modified = headers.get("Last-Modified", "")
        told = {"url": url, "total": total, "etag": self.etag, "modified": self.modified}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(self.path, error) from error
        text = json.dumps(told)
        write_atomically(self._beside, lambda part: part.write_text(text, encoding="utf-8"))

    def clear(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)
        self._beside.unlink(missing_ok=True)
        self.url, self.total, self.etag, self.modified = "", None, "", ""

    def finish(self, file: Path) -> None:
        """Rename it to the whole file, once that is on the disk."""
        try:
            with self.path.open("rb+") as whole:
                os.fsync(whole.fileno())
            file.parent.mkdir(parents=True, exist_ok=True)
            self.path.replace(file)
        except OSError as error:
            raise disk_error(file, error) from error
        self.clear()
