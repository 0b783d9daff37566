"""What the commands on corpora do: get them, list what there is to get, check them."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from pathlib import Path

from mirbench.errors import DataError


def fetch(options: Namespace) -> int:
    """Get corpora by their names; 1 if one couldn't be got."""
    from mirbench.fetch import fetch as get
    from mirbench.fetch import link

    if options.list or not options.names:
        print(_table(options.names, options.to))
        return 0
    if options.source and len(options.names) > 1:
        raise DataError("--from brings one corpus: name one")
    failed = False
    for name in dict.fromkeys(map(_known_as, options.names)):
        try:
            if options.dry_run:
                print(_steps(name, options.to, options.lists))
            elif options.source:
                link(name, options.source, options.to)
                _where_to_look(options.to)
            else:
                flags = {"drop_archives": options.drop_archives, "lists": options.lists}
                get(name, options.to, progress=True, **flags)
                _where_to_look(options.to)
        except DataError as error:
            failed = True
            print(f"mirbench: {error}", file=sys.stderr)
    return 1 if failed else 0


def verify(what: str) -> int:
    """Check a corpus or a folder of recordings; 1 if anything is wrong."""
    from mirbench.fetch import check

    found = check(what)
    for fault in found.faults:
        print(f"mirbench: {fault}", file=sys.stderr)
    wrong = f"{len(found.faults)} fault{'' if len(found.faults) == 1 else 's'}"
    summary = f"{what}: {found.n_items:,} items, {wrong if found.faults else 'nothing wrong'}"
    print("\n".join([*found.notes, summary]))
    return 1 if found.faults else 0


def is_corpus(what: str) -> bool:
    """Whether ``mirbench verify WHAT`` means a corpus: a known name, or a folder.

    A frozen archive is a file; ``./NAME`` means a file that is called as a corpus is.
    """
    from mirbench.corpora import corpus_names

    known = what in corpus_names() or what.startswith("mirdata:")
    return known or Path(what).expanduser().is_dir()


def frozen_archive(what: str) -> None:
    """DataError where WHAT of ``mirbench verify WHAT`` is neither a corpus nor a zip file.

    A file that begins as a zip file does, damaged or not, is for the check of frozen archives.
    """
    takes = "'mirbench verify' takes a corpus, a folder or a frozen archive (.zip)"
    path = Path(what).expanduser()
    if path.suffix == ".json":
        raise DataError(f"{what}: no archive; {takes}; 'mirbench check' takes a protocol")
    if not path.exists():
        raise DataError(f"{what}: neither a corpus nor there; {takes}")
    if path.suffix != ".zip" and path.read_bytes()[:2] != b"PK":
        raise DataError(f"{what}: no archive; {takes}")


def _known_as(name: str) -> str:
    return name if ":" in name else name.replace("_", "-")


def _table(names: list[str], to: str | None) -> str:
    """Corpora that are published: size, whether they are there, licence."""
    from mirbench.corpora import corpus_names
    from mirbench.fetch.check import found_at
    from mirbench.fetch.where import about, place_of, size

    rows = [("corpus", "size", "state", "licence")]
    for name in map(_known_as, names or corpus_names()):
        if not names and name.startswith("embedded-"):
            continue
        known = about(name)
        place = place_of(name, to) if to else found_at(name)
        each = [r.n_bytes for r in known.remotes]
        total = sum(n for n in each if n is not None)
        fetched = known.size or "size unknown" if None in each else size(total)
        by_hand = known.by_hand or not known.remotes
        state = "there" if place.is_dir() else "by hand" if by_hand else "to fetch"
        rows.append((name, "" if by_hand else fetched, state, known.licence or "licence unknown"))
    columns = shutil.get_terminal_size((120, 40)).columns
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [f"{a:{widths[0]}}  {b:>{widths[1]}}  {c:{widths[2]}}  {d}" for a, b, c, d in rows]
    return "\n".join(
        line if len(line) <= columns else f"{line[: columns - 3]}..." for line in lines
    )


def _steps(name: str, to: str | None, lists: bool) -> str:
    """What a fetch would download, from where, under which licence."""
    from mirbench.fetch import plan
    from mirbench.fetch.place import by_hand
    from mirbench.fetch.plan import room
    from mirbench.fetch.where import about, free_bytes, place_of, size

    known, place = about(name), place_of(name, to)
    if (known.by_hand and not lists) or not known.remotes:
        raise DataError(by_hand(name, known, place))
    steps = plan(known.remotes, place)
    lines = [f"{name}: {known.title}", f"licence: {known.licence or 'none known; ask its authors'}"]
    for step in steps:
        state = "there" if step.done else "half there" if step.there else "to fetch"
        for remote in step.remotes:
            what = f"{remote.checksum or 'no checksum'}, from {' or '.join(remote.urls)}"
            lines.append(f"  {remote.name}  {size(remote.n_bytes)}  {state}  {what}")
    least = "at least" if any(s.n_bytes is None for s in steps if not s.done) else "about"
    needed = room(steps, False)
    needs = f"needs {least} {size(needed)}, " if needed else ""
    return "\n".join([*lines, f"into {place}: {needs}{size(free_bytes(place))} free"])


def _where_to_look(to: str | None) -> None:
    """Say how loaders find a folder that they wouldn't look in."""
    from mirbench.home import data_root, home

    if to and Path(to).expanduser().resolve() not in [
        root.resolve() for root in (data_root(), home() / "data") if root is not None
    ]:
        print(f"set MIRBENCH_DATA={Path(to).expanduser().resolve()} for mirbench to find it")
