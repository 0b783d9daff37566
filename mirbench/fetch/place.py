"""``mirbench fetch``: a corpus's files downloaded, checked, unpacked, in the place its loader looks."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mirbench.corpora.facts import Facts, Remote
from mirbench.errors import DataError
from mirbench.fetch import hashes
from mirbench.fetch.bars import Start, bars
from mirbench.fetch.download import NotFetched, download
from mirbench.fetch.link import loads
from mirbench.fetch.plan import Step, plan, room
from mirbench.fetch.stand_in import fault
from mirbench.fetch.unpack import DamagedArchive, unpack
from mirbench.fetch.where import Say, about, disk_error, enough_space, locked, place_of, root_of
from mirbench.home import write_atomically


def fetch(
    name: str,
    to: str | Path | None = None,
    *,
    progress: bool = False,
    drop_archives: bool = False,
    lists: bool = False,
    say: Say = print,
) -> Path:
    """Have a published corpus on this machine.

    What is there stays; halves of an earlier call are gone on with. Nothing of a wrong length or
    hash, and no half-unpacked archive, is left in the corpus's folder. One process at a time.

    Parameters
    ----------
    name : str
        See ``mirbench fetch --list``.
    to : path-like, optional
        Folder of corpora; by default ``MIRBENCH_DATA``, where that isn't set ``MIRBENCH_HOME/data``.
    progress : bool
        Show progress on a terminal.
    drop_archives : bool
        Delete each archive once it's unpacked.
    lists : bool
        Of a corpus whose recordings must be got by hand, fetch what is published: its lists.
    say : callable
        Is told what happens, a line each: the licence before anything is downloaded.

    Returns
    -------
    Path
        The corpus's folder.

    Raises
    ------
    DataError
        An unknown corpus, or one that no command can fetch (the message says how to get it); no
        address gives a file as published; the disk is too small.
    """
    known, place = about(name), place_of(name, to)
    if (known.by_hand and not lists) or not known.remotes:
        raise DataError(by_hand(name, known, place))
    if place.is_dir() and not hashes.read(place):
        if loads(name, root_of(to)):
            say(f"{name}: {place} is there and loads; nothing to fetch")
            return place
        if place.is_symlink() and any(place.iterdir()):
            raise DataError(
                f"{place}: a link to {place.resolve()}, which doesn't load as {name} (see 'mirbench "
                f"verify {name}'); complete that folder, or remove the link and fetch again"
            )
    with locked(place, say) as work:
        steps = [step for step in plan(known.remotes, place) if not step.done]
        if not steps:
            say(f"{name}: all files are in {place}; nothing to fetch")
            return place
        say(f"{name}: {known.title}")
        say(f"licence: {known.licence or 'none known; ask its authors'}")
        enough_space(place, room(steps, drop_archives), name)
        with bars(progress) as start:
            for step in steps:
                for remote in step.remotes:
                    try:
                        _get(remote, place, work, start, say)
                    except NotFetched as error:
                        raise NotFetched(f"{error}, {_otherwise(name, remote, place)}") from error
                if step.unpack is not None:
                    _unpack(step, work, start, say)
                    if drop_archives:
                        for file in step.files:
                            file.unlink()
        with suppress(OSError):
            work.rmdir()
    say(f"{name}: in {place}")
    _warn_of_unknown(
        [r for s in steps for r in s.remotes if not (r.checksum or r.listed_in)], place
    )
    return place


def by_hand(name: str, known: Facts, place: Path) -> str:
    """What to do where no command gets a corpus."""
    if name.startswith("embedded-"):
        return f"{name}: made on this machine when it's first used; nothing to fetch"
    why = known.by_hand or "no address of it is known"
    published = f"; 'mirbench fetch {name} --lists' gets its lists" if known.remotes else ""
    return (
        f"{name}: can't be fetched by a command: {why.rstrip('.')}; {known.how.rstrip('.')}"
        f"{'; ' if known.how else ''}put it in {place}, or bring a folder of yours with "
        f"'mirbench fetch {name} --from DIR'{published}"
    )


def _otherwise(name: str, remote: Remote, place: Path) -> str:
    """What to do where no address gives a file."""
    return (
        f"or get it by hand and put it there as {place / remote.name}; a folder of yours that holds the "
        f"corpus comes with 'mirbench fetch {name} --from DIR'"
    )


def _warn_of_unknown(remotes: Sequence[Remote], place: Path) -> None:
    """Say which hashes were found where none is published."""
    if not remotes:
        return
    first = remotes[0].name
    more = f" and of {len(remotes) - 1} more files" if len(remotes) > 1 else ""
    warnings.warn(
        f"{place}: no checksum of {first}{more} is published; {first} has sha256 "
        f"{hashes.read(place)[first]['sha256']}; what was found is noted in {hashes.NOTES} and held "
        "against later fetches",
        stacklevel=3,
    )


def _get(remote: Remote, place: Path, work: Path, start: Start, say: Say) -> None:
    """Have one file in its place, and noted."""
    file, noted, remote = place / remote.name, hashes.read(place), hashes.listed(remote, place)
    if file.is_file():
        wrong = fault(file, remote, noted)
        if wrong:
            raise DataError(f"{file}: {wrong}; move it away and fetch again")
        url = noted.get(remote.name, {}).get("url", "")
    else:
        half, url = download(remote, work, noted, start(file.name, remote.n_bytes), say)
        half.finish(file)
    if remote.name not in noted:
        hashes.note(place, remote, url)


def _unpack(step: Step, work: Path, start: Start, say: Say) -> None:
    """Unpack an archive beside the corpus's folder, then move its files in and list them."""
    temporary = work / "unpacked"
    shutil.rmtree(temporary, ignore_errors=True)  # an interrupted one is done again
    say(f"unpacking {step.name}")
    try:
        found = unpack(step.files, temporary, start("unpacking", None))
    except DamagedArchive:
        for remote in step.remotes:
            if not remote.checksum:
                hashes.forget(step.place, remote)
        raise
    into = step.place / (step.unpack or ".")
    prefix = into.relative_to(step.place)
    _room_for(found, into)
    try:
        for path in found:
            _move(temporary / path, into / path)
    except OSError as error:
        raise disk_error(into, error) from error
    shutil.rmtree(temporary, ignore_errors=True)
    lines = [f"{sha256}  {(prefix / path).as_posix()}\n" for path, sha256 in found.items()]
    write_atomically(step.listing, lambda part: part.write_text("".join(lines), encoding="utf-8"))


def _room_for(found: Mapping[str, str], into: Path) -> None:
    """DataError where something else is in the place of an unpacked file; nothing was moved then."""
    for folder in dict.fromkeys(parent for path in found for parent in (into / path).parents):
        if folder.exists() and not folder.is_dir():
            raise DataError(
                f"{folder}: is a file where a folder belongs; move it away, fetch again"
            )
    for path, sha256 in found.items():
        to = into / path
        if to.is_dir():
            raise DataError(f"{to}: is a folder where a file belongs; move it away, fetch again")
        if to.is_file() and hashes.digests(to, "sha256")["sha256"] != sha256:
            raise DataError(
                f"{to}: is there already and differs from the published file; move it away and fetch "
                "again"
            )


def _move(file: Path, to: Path) -> None:
    """Rename a file into place."""
    to.parent.mkdir(parents=True, exist_ok=True)
    file.replace(to)
