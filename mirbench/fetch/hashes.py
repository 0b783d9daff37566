"""Hashes: those published, and those found, in ``fetched.json`` beside what was fetched."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirbench.corpora.facts import Remote
from mirbench.errors import DataError
from mirbench.home import write_atomically

NOTES = "fetched.json"
_LENGTHS = {"sha256": 64, "sha1": 40, "md5": 32}


def published(remote: Remote) -> tuple[str, str]:
    """Algorithm and hexadecimal digits of a remote's checksum; ``("sha256", "")`` where none is.

    Raises
    ------
    DataError
        Not ``sha256:``, ``sha1:`` or ``md5:`` with as many digits as it has.
    """
    if not remote.checksum:
        return "sha256", ""
    algorithm, _, digits = remote.checksum.partition(":")
    if _LENGTHS.get(algorithm) != len(digits):
        raise DataError(f"{remote.name}: checksum {remote.checksum!r} isn't ALGORITHM:DIGITS")
    return algorithm, digits.lower()


def listed(remote: Remote, place: Path) -> Remote:
    """The remote with its checksum, where a list that was fetched into ``place`` holds it.

    Raises
    ------
    DataError
        The list isn't lines of a SHA-256 and a name, or doesn't name the file.
    """
    path = place / remote.listed_in
    if remote.checksum or not remote.listed_in or not path.is_file():
        return remote
    for number, line in enumerate(
        path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
    ):
        told = re.fullmatch(r"([0-9a-fA-F]{64}) [ *]?(.+)", line)  # a * where read as binary
        if not told:
            raise DataError(
                f"{path}: line {number} isn't a SHA-256 and a name; delete it, fetch again"
            )
        if told[2].strip() == remote.name:
            return replace(remote, checksum=f"sha256:{told[1].lower()}")
    raise DataError(f"{path}: doesn't name {remote.name}; delete it and fetch again")


def digests(path: Path, *algorithms: str) -> dict[str, str]:
    """Digests of a file, read once."""
    found = {a: hashlib.new(a, usedforsecurity=False) for a in dict.fromkeys(algorithms)}
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            for digest in found.values():
                digest.update(chunk)
    return {a: digest.hexdigest() for a, digest in found.items()}


def difference(path: Path, remote: Remote, noted: dict[str, Any]) -> str:
    """How a file differs from the published one, or from the one of an earlier fetch; "" if it doesn't.

    Parameters
    ----------
    path : Path
    remote : Remote
    noted : dict
        What `read` gave.
    """
    n_bytes = path.stat().st_size
    if remote.n_bytes is not None and n_bytes != remote.n_bytes:
        return f"has {n_bytes:,} bytes, {remote.n_bytes:,} are published"
    algorithm, wanted = published(remote)
    whose = "published"
    if not wanted:
        wanted, whose = noted.get(remote.name, {}).get("sha256", ""), "of an earlier fetch"
    if not wanted:
        return ""
    found = digests(path, algorithm)[algorithm]
    return "" if found == wanted else f"has {algorithm} {found}, {whose} is {wanted}"


def read(place: Path) -> dict[str, Any]:
    """What was fetched into a folder: name to ``sha256``, ``n_bytes`` and ``url``."""
    path = place / NOTES
    if not path.is_file():
        return {}
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        for name, entry in noted.items():
            if not (isinstance(entry["sha256"], str) and isinstance(entry["n_bytes"], int)):
                raise ValueError(f"{name}: not a sha256 and a number of bytes")
            if not isinstance(entry.get("url", ""), str):
                raise ValueError(f"{name}: its url isn't text")
    except KeyError as error:
        raise DataError(
            f"{path}: damaged ({name} lacks {error}); delete it, fetch again"
        ) from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: damaged ({error}); delete it and fetch again") from error
    return noted


def note(place: Path, remote: Remote, url: str) -> None:
    """Write down a file that was fetched."""
    path = place / remote.name
    entry = {**digests(path, "sha256"), "n_bytes": path.stat().st_size, "url": url}
    _write(place, {**read(place), remote.name: entry})


def forget(place: Path, remote: Remote) -> None:
    """Delete a file that turned out to be none of the corpus's, and what was noted of it."""
    (place / remote.name).unlink(missing_ok=True)
    _write(place, {name: entry for name, entry in read(place).items() if name != remote.name})


def _write(place: Path, noted: dict[str, Any]) -> None:
    text = json.dumps(dict(sorted(noted.items())), indent=1) + "\n"
    write_atomically(place / NOTES, lambda part: part.write_text(text, encoding="utf-8"))
