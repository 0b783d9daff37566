"""Published lists: whether one is on this machine, and whether it is the published one.

Lists aren't part of this project (their facts are in `published_facts`). They are looked for in
``annotations/`` beside ``MIRBENCH_DATA`` and in the corpus's own folder, plain or gzipped; there
and in ``MIRBENCH_HOME/data``, where things are fetched to where ``MIRBENCH_DATA`` isn't set.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mirbench.corpora.published import data_roots
from mirbench.errors import DataError


@dataclass(frozen=True)
class PublishedList:
    """A list that somebody published.

    Attributes
    ----------
    name : str
        Its place under ``annotations/``, without ``.gz``.
    repository, commit, licence : str
        On GitHub.
    sha256 : str or None
        Of the unpacked content. None where this list wasn't at hand when the project was written:
        it is then taken as it is.
    count : int or None
        Lines, without a header.
    corpus : str
        Folder under ``MIRBENCH_DATA`` where the list may be too.
    header : bool
        Whether the first line names columns.
    elsewhere : tuple of str
        Other places below the corpus's folder.
    """

    name: str
    repository: str
    commit: str
    licence: str
    sha256: str | None
    count: int | None
    corpus: str
    header: bool = False
    elsewhere: tuple[str, ...] = ()

    @property
    def remote(self) -> str:
        """Address of the repository at that commit."""
        return f"https://github.com/{self.repository}/tree/{self.commit}"


def find(which: PublishedList) -> Path | None:
    """File of the list on this machine, plain or gzipped, or None."""
    folder, _, rest = which.name.partition("/")
    places = []
    for root in data_roots():
        own = root / which.corpus
        places.append(root.parent / "annotations" / folder / rest)
        places += [own / place for place in (rest, *which.elsewhere)]
    tried = (p for place in places for p in (place, place.with_name(f"{place.name}.gz")))
    return next((path for path in tried if path.is_file()), None)


def read_lines(which: PublishedList) -> list[str]:
    """Lines of the list, without its header.

    Raises
    ------
    DataError
        The list isn't on this machine, can't be unpacked, or isn't the published one: another hash
        or, where none is known, another number of lines.
    """
    path = find(which)
    how = f"get it from {which.repository}, commit {which.commit}"
    if path is None:
        raise DataError(
            f"{which.name}: this published list isn't on this machine; {how}, and put it into the "
            f"folder annotations beside MIRBENCH_DATA, or into MIRBENCH_DATA/{which.corpus}"
        )
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        lines = content.decode("utf-8").splitlines()
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise DataError(f"{path}: can't be read as a list ({error}); {how}") from error
    found = hashlib.sha256(content).hexdigest()
    if which.sha256 is not None and found != which.sha256:
        raise DataError(
            f"{path}: not the published list (sha256 {found[:12]}, needs {which.sha256[:12]}); {how}"
        )
    lines = lines[1:] if which.header else lines
    if which.count is not None and len(lines) != which.count:
        raise DataError(f"{path}: {len(lines)} lines, the published list has {which.count}; {how}")
    return lines


def report(lists: Iterable[PublishedList]) -> str:
    """Which of the lists are here, with their hashes and lengths tested, and which are absent."""
    rows, found, tested, wrong = [], 0, 0, 0
    lists = list(lists)
    for which in lists:
        if find(which) is None:
            rows.append(f"absent   {which.name}")
            continue
        found += 1
        try:
            n = len(read_lines(which))
        except DataError as error:
            wrong += 1
            rows.append(f"WRONG    {error}")
            continue
        tested += which.sha256 is not None
        hashed = f"sha256 {which.sha256[:12]}" if which.sha256 else "no hash known"
        rows.append(f"as published  {which.name}  {n} lines  {hashed}  {which.repository}")
    rows.append(
        f"{len(lists)} lists: {found} found ({tested} of them as published by hash and count, "
        f"{wrong} wrong), {len(lists) - found} absent"
    )
    return "\n".join(rows)
