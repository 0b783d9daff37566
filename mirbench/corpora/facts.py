"""What is known of a corpus without loading it: the constants of its module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Remote:
    """A file that a corpus's authors publish.

    Attributes
    ----------
    name : str
        What it is kept as, below the corpus's folder.
    urls : sequence of str
        Addresses, tried in turn.
    checksum : str
        ``sha256:``, ``sha1:`` or ``md5:`` and hexadecimal digits, as published; empty where nothing is.
    n_bytes : int, optional
        As published.
    unpack : str, optional
        Folder below the corpus's that the archive is unpacked into, ``.`` for the folder itself; not an
        archive where None.
    listed_in : str
        Name of the remote, before this one, whose lines (SHA-256, blank, name) hold the checksum.
    """

    name: str
    urls: Sequence[str]
    checksum: str = ""
    n_bytes: int | None = None
    unpack: str | None = None
    listed_in: str = ""


@dataclass(frozen=True)
class Facts:
    """Constants of a corpus's module.

    Attributes
    ----------
    title, licence, bibtex : str
    how : str
        How to get it, where ``remotes`` don't suffice or a licence must be accepted by hand.
    faults : sequence of str
        Known faults, each with its source.
    protocols : sequence of str
        Names of protocols that use it, its usual one first.
    remotes : sequence of Remote
    size : str
        About how much is fetched, in words, where the length of a remote isn't published.
    by_hand : str
        Why it can't be fetched by a command (a form to fill in, no audio published); empty where it can.
    """

    title: str
    licence: str = ""
    bibtex: str = ""
    how: str = ""
    faults: Sequence[str] = ()
    protocols: Sequence[str] = ()
    remotes: Sequence[Remote] = ()
    size: str = ""
    by_hand: str = ""


def facts(name: str) -> Facts:
    """Facts of one of our corpora, ``name`` as ``mirbench list corpora`` has it."""
    module = import_module(f"mirbench.corpora.{name.replace('-', '_')}")
    given = {field: getattr(module, field.upper(), None) for field in Facts.__dataclass_fields__}
    return Facts(**{field: value for field, value in given.items() if value is not None})
