"""What servers and clones give in place of a file: a page, an error, a pointer, nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mirbench.corpora.facts import Remote
from mirbench.fetch import hashes

PAGES = (".html", ".htm", ".xhtml")
_LISTS = (".csv", ".tsv", ".txt")
_XML = (*PAGES, ".xml", ".svg", ".musicxml")
_HEAD = 1 << 16
"""Bytes that are looked at; an error is shorter."""
_BEFORE = re.compile(rb"(\xef\xbb\xbf|\s+|<\?xml[^>]*\?>|<!--.*?-->)*", re.DOTALL)
_PAGE = re.compile(rb"<!doctype\s+html|<(html|head|body|title|script|meta)[\s/>]", re.IGNORECASE)
_POINTER = b"version https://git-lfs.github.com/spec/"


def fault(path: Path, remote: Remote, noted: dict[str, Any]) -> str:
    """What is wrong with a file; "" if nothing is. A published hash that fits settles it.

    Parameters
    ----------
    path : Path
    remote : Remote
    noted : dict
        What was fetched before, by name.
    """
    found = hashes.difference(path, remote, noted)
    if not found and hashes.published(remote)[1]:
        return ""
    return stand_in(path, remote.name) or found


def stand_in(path: Path, name: str) -> str:
    """What a file is instead of the one of that name, as far as its beginning tells; "" if nothing.

    Parameters
    ----------
    path : Path
    name : str
        Its ending says what it should be.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    name = name.lower()
    if not head:
        return "is empty"
    before = _BEFORE.match(head)
    text = head[before.end() if before else 0 :]
    if not name.endswith(PAGES) and _PAGE.match(text):
        return "it is a web page, not the file"
    if not name.endswith(_XML) and re.match(rb"(\xef\xbb\xbf)?\s*<\?xml\s", head):
        return "it is XML, an error perhaps, not the file"
    if text.startswith(_POINTER):
        return "it is a pointer of git-lfs, not the file; 'git lfs pull' gets that"
    if name.endswith(_LISTS) and len(head) < _HEAD and _is_json(text):
        return "it is JSON, an error perhaps, not the list"
    return ""


def _is_json(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), (dict, list))
    except (ValueError, RecursionError):
        return False
