"""Trees over a task's labels, and the labels behind the names that collections use."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from mirbench.errors import ProtocolError

DATA_FILES = "taxonomies/instrument_[fp]*.json"
"""The trees: names decide which items there are, no answer. Part of the code hash of what imports this module: see `mirbench.canonical.code_hash`."""

_FOLDER = Path(__file__).parent / "taxonomies"
_TREES = {
    "instrument-families": "instrument_families.json",
    "instrument-peeters": "instrument_peeters.json",
}
_ALIASES = {"instruments": "instrument_aliases.json"}


def load_taxonomy(name: str) -> dict[str, tuple[str, ...]]:
    """Nodes above each label, from the root's child down to the label's parent.

    Parameters
    ----------
    name : {"instrument-families", "instrument-peeters"}
        Both have two levels: sustained or not, then the family.

    Returns
    -------
    dict
        ``{"violin": ("sustained", "strings"), ...}`` over the 26 labels of the task "instruments".

    Raises
    ------
    ProtocolError
        An unknown name; the message lists the known ones.
    """
    return {label: tuple(path) for label, path in _read(name, _TREES, "taxonomy")["paths"].items()}


def level(name: str, depth: int) -> dict[str, str]:
    """Node of each label at one level of a taxonomy, or the label itself where the tree ends above.

    Parameters
    ----------
    name : str
        As :func:`load_taxonomy` takes it.
    depth : int
        0 for the root's children; at the tree's depth and beyond, the labels.
    """
    if depth < 0:
        raise ProtocolError(f"taxonomy {name}: depth {depth} is above the root; use 0 or more")
    tree = load_taxonomy(name)
    return {label: path[depth] if depth < len(path) else label for label, path in tree.items()}


def canonical(label: str, names: str = "instruments") -> str | None:
    """Label of the task behind a collection's name for it, None where none is known.

    Case, spaces, underscores and hyphens don't matter: "AltoSax", "alto_sax" and "alto sax" are
    "saxophone". An instrument that the task doesn't have (vibraphone) gives None.

    Parameters
    ----------
    label : str
    names : {"instruments"}
        Task whose labels are meant.

    Raises
    ------
    ProtocolError
        An unknown ``names``.
    """
    return _aliases(names).get(_plain(label))


@cache
def _aliases(names: str) -> dict[str, str]:
    table = _read(names, _ALIASES, "list of names")["aliases"]
    return {_plain(name): label for label, known in table.items() for name in (label, *known)}


def _plain(label: str) -> str:
    return label.casefold().translate(str.maketrans("", "", " _-"))


def _read(name: str, files: dict[str, str], what: str) -> dict[str, Any]:
    if name not in files:
        raise ProtocolError(f"unknown {what} {name!r}; known: {', '.join(files)}")
    return json.loads((_FOLDER / files[name]).read_text(encoding="utf-8"))
