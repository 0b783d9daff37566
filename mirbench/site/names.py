"""Where each page lies: relative addresses, from the names of protocols, methods, corpora, tasks."""

from __future__ import annotations

from mirbench.records import slug

FOLDERS = {
    "protocol": "protocols",
    "method": "methods",
    "corpus": "corpora",
    "task": "tasks",
}


def address(kind: str, name: str) -> str:
    """Address of a page from the site's root: ``methods/note-lda.html``."""
    return f"{FOLDERS[kind]}/{slug(name)}.html"
