"""How a corpus comes onto a machine: by a command, by hand, made here."""

from __future__ import annotations

import inspect
from importlib import import_module

from mirbench.boards.cells import size
from mirbench.corpora import sources
from mirbench.corpora.facts import Facts, Remote

COMMAND, HAND, EMBEDDED, FOLDER = "by command", "by hand", "made here", "a folder"
WORDS = {
    COMMAND: "``mirbench fetch {name}`` gets it, checks it and unpacks it.",
    HAND: "By hand: {why}.",
    EMBEDDED: "Nothing to get: mirbench synthesises it, from seeds, on first use.",
    FOLDER: "{why}.",
}


def way(name: str, known: Facts) -> str:
    """One of `COMMAND`, `HAND`, `EMBEDDED`, `FOLDER`."""
    if name.startswith("embedded-"):
        return EMBEDDED
    if known.by_hand == sources.BY_HAND:
        return FOLDER
    return HAND if known.by_hand or not known.remotes else COMMAND


def in_words(name: str, known: Facts) -> str:
    """The way as a sentence."""
    why = known.by_hand or known.how
    said = WORDS[way(name, known)].format(name=name, why=why.rstrip("."))
    return said[:1].upper() + said[1:]


def total(remotes: tuple[Remote, ...]) -> str:
    """Bytes of what is published, in words."""
    sizes = [remote.n_bytes for remote in remotes]
    stated = [n for n in sizes if n is not None]
    if not stated:
        return f"{len(sizes)} file{'s' * (len(sizes) != 1)}, sizes not stated"
    unsaid = f" ({len(sizes) - len(stated)} of unstated size)" if len(stated) < len(sizes) else ""
    return f"{len(sizes)} file{'s' * (len(sizes) != 1)}{unsaid}, {in_bytes(sum(stated))}"


def in_bytes(n: int | None) -> str:
    """``'1.24 GB'``; empty where it isn't stated."""
    if n is None:
        return ""
    digits = size(n)
    prefix = digits[-1] if digits[-1].isalpha() else ""
    return f"{digits.removesuffix(prefix)} {prefix}B"


def layout(name: str) -> str:
    """What the loader says of where it looks and which columns it gives, without its parameters."""
    load = getattr(import_module(f"mirbench.corpora.{name.replace('-', '_')}"), "load", None)
    said = inspect.getdoc(load) or ""
    for heading in ("Parameters", "Returns", "Raises"):
        said = said.partition(f"\n{heading}\n---")[0]
    return said.strip()
