"""Download a file: halves are resumed, and nothing counts as the file before its hash is right.

`pooch`, which librosa brings, isn't used for it: it throws a half away and starts again, which for an
archive of 10 GB over a poor line means never (pooch 1.9, ``HTTPDownloader``).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from io import RawIOBase
from pathlib import Path
from typing import Any

from mirbench.corpora.facts import Remote
from mirbench.errors import DataError
from mirbench.fetch.half import Half
from mirbench.fetch.hashes import published
from mirbench.fetch.stand_in import PAGES
from mirbench.fetch.stand_in import fault as wrong
from mirbench.fetch.where import Say, disk_error, enough_space

TRIES = 5
"""Times in a row that a connection may bring nothing before the next address is tried."""
MOST_TRIES = 200
"""Connections to one address, however much each brings."""
WAIT_S = 1.0
"""Seconds before the second try; twice as many before each further one."""
TIMEOUT_S = (30.0, 60.0)
"""To connect, and between two packets."""
CHUNK = 1 << 18
_BUSY = (408, 429, 500, 502, 503, 504)


class Refused(Exception):
    """An address doesn't give the file."""


class Cut(Exception):
    """A connection ended too early, or the server is busy; asking again may help."""


class NotFetched(DataError):
    """No address gives a file."""


def download(
    remote: Remote,
    work: Path,
    noted: dict[str, Any],
    move: Callable[[int], None],
    say: Say = lambda line: None,
) -> tuple[Half, str]:
    """Download a file into ``work``.

    Parameters
    ----------
    remote : Remote
    work : Path
        Folder of halves: one that an earlier call left is gone on with, if the server can.
    noted : dict
        What was fetched before, by name.
    move : callable
        Is told the bytes that have come; fewer than 0 where it starts again.
    say : callable
        Is told each address that is tried, a line each.

    Returns
    -------
    tuple of Half and str
        The whole file, whose length and hash are as published, to be renamed; and its address.

    Raises
    ------
    NotFetched
        No address gives the file; the half is kept, unless it was wrong.
    DataError
        The disk is full; the half is kept.
    """
    half = Half.of(work, remote.name)
    move(half.n_bytes)
    faults = []
    for url in remote.urls:
        say(f"{remote.name}: from {url}")
        try:
            resumed = _follow(url, half, remote, move)
            fault = wrong(half.path, remote, noted)
            if fault and resumed:  # the two parts may be of two versions
                _restart(half, move)
                _follow(url, half, remote, move)
                fault = wrong(half.path, remote, noted)
            if not fault:
                return half, url
            _restart(half, move)
            raise Refused(fault)
        except Refused as why:
            faults.append(f"{url} ({why})")
    raise NotFetched(
        f"{remote.name}: not fetched: {'; '.join(faults) or 'it has no address'}; try again later"
    )


def _follow(url: str, half: Half, remote: Remote, move: Callable[[int], None]) -> bool:
    """Have all bytes of a file in its half, over as many connections as it takes; True if resumed."""
    tries, most, resumed = 0, half.n_bytes, False
    for _ in range(MOST_TRIES):
        try:
            return _connect(url, half, remote, move) or resumed
        except Cut as cut:
            resumed = True
            tries = 1 if half.n_bytes > most else tries + 1
            most = max(most, half.n_bytes)
            if tries >= TRIES:
                raise Refused(f"{cut}; tried {tries} times") from cut
            time.sleep(WAIT_S * 2 ** (tries - 1))
    raise Refused(f"cut {MOST_TRIES} times")


def _connect(url: str, half: Half, remote: Remote, move: Callable[[int], None]) -> bool:
    """One connection; True if it went on with a half."""
    import requests

    if not url.startswith(("http://", "https://")):
        raise Refused("only http and https are spoken")
    if half.n_bytes and half.n_bytes == (half.total or remote.n_bytes):
        return True
    known = bool(published(remote)[1])
    if not half.resumable(url, known):
        _restart(half, move)
    have = half.n_bytes
    headers = {"Accept-Encoding": "identity", "User-Agent": "mirbench"}
    if have:
        headers |= {"Range": f"bytes={have}-", **half.condition(url)}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
            total = _total(response, have)
            other = half.total not in (None, total) or (
                not known and half.is_other(url, response.headers)  # it heeds no If-Range
            )
            if have and (total is None or other):  # all of it again
                _restart(half, move)
                if response.status_code != 200:
                    raise Cut("the server can't go on with a half")
                have, total = 0, _total(response, 0)
            _agree(response, remote, total)
            half.begin(url, response.headers, total)
            most = remote.n_bytes if total is None else total
            enough_space(half.path.parent, (most or have) - have, remote.name)
            whole = _write(response.raw, half, most, move)
    except (ValueError, requests.TooManyRedirects) as error:  # an address that can't be one
        raise Refused(_short(error)) from error
    except requests.RequestException as error:
        raise Cut(_short(error)) from error
    if half.n_bytes < most if most is not None else not whole:
        of = "" if most is None else f" of {most:,}"
        raise Cut(f"cut after {half.n_bytes:,}{of} bytes")
    return have > 0


def _total(response: Any, have: int) -> int | None:
    """Length of the whole file that a response is of; None where it isn't told, or doesn't go on."""
    status, headers = response.status_code, response.headers
    if status in _BUSY:
        raise Cut(f"the server answers {status}")
    if status == 416 and have:
        return None
    if status == 206 and have:
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("Content-Range", ""))
        return int(span[2]) if span and int(span[1]) == have else None
    if status != 200:
        raise Refused(f"the server answers {status}")
    length = headers.get("Content-Length", "")
    return int(length) if length.isdigit() and not have else None


def _agree(response: Any, remote: Remote, total: int | None) -> None:
    """Refused where a response can't be the file: a page, a compressed stream, another length."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml") and not remote.name.endswith(PAGES):
        raise Refused("it is a web page, not the file")
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity" and not remote.name.endswith((".gz", ".tgz")):
        raise Refused(f"the server encodes it as {encoding}")
    if None not in (total, remote.n_bytes) and total != remote.n_bytes:
        raise Refused(f"it has {total:,} bytes there, {remote.n_bytes:,} are published")


def _write(raw: Any, half: Half, most: int | None, move: Callable[[int], None]) -> bool:
    """Append what comes to a half, ``most`` bytes in all; False where the connection broke."""
    from urllib3.exceptions import HTTPError

    try:
        file = half.path.open("ab", buffering=0)
    except OSError as error:
        raise disk_error(half.path, error) from error
    with file:
        try:
            for chunk in raw.stream(CHUNK, decode_content=False):
                if most is not None and half.n_bytes + len(chunk) > most:
                    _restart(half, move)
                    raise Refused(f"more came than the {most:,} bytes that were told")
                _append(file, chunk, half.path)
                move(len(chunk))
        except HTTPError:
            return False
    return True


def _append(file: RawIOBase, chunk: bytes, path: Path) -> None:
    left = memoryview(chunk)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise disk_error(path, error) from error


def _restart(half: Half, move: Callable[[int], None]) -> None:
    move(-half.n_bytes)
    half.clear()


def _short(error: Exception) -> str:
    """What went wrong with the network, without the names of the objects that it went through."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return str(reason or error).rpartition(": ")[2] or type(error).__name__
