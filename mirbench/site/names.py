"""Names of protocols, methods, corpora, tasks: where their pages lie, and what is behind a method's."""

from __future__ import annotations

from mirbench.errors import MirbenchError
from mirbench.methods import Method, load_method, method_names
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


def installed(name: str) -> Method | None:
    """The installed method of that name; a record may name a file, and that is never imported."""
    if name not in method_names():
        return None
    try:
        return load_method(name)
    except MirbenchError:
        return None
