"""BibTeX of a method: the entry that it names in the list of references beside its code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

LIST = "references.bib"


def bibtex_of(function: Callable[..., Any]) -> str:
    """Entries of the keys in the function's ``cite``; empty where it names none that is listed."""
    keys = re.findall(r"[^\s,]+", str(getattr(function, "cite", "")))
    listed = entries_beside(function)
    return "\n\n".join(listed[key] for key in keys if key in listed)


def entries_beside(function: Callable[..., Any]) -> dict[str, str]:
    """Entries by key of the nearest list of references above a function's file."""
    try:
        file = Path(inspect.getfile(inspect.unwrap(function)))
    except TypeError:
        return {}
    package = str(getattr(function, "__module__", "")).count(".")
    for folder in list(file.parents)[: package + 1]:
        if (folder / LIST).is_file():
            return _entries(folder / LIST)
    return {}


@cache
def _entries(path: Path) -> dict[str, str]:
    """Entries of a BibTeX file, each as it is written, by its key."""
    parts = re.split(r"(?m)^(?=@)", path.read_text(encoding="utf-8"))
    found = ((re.match(r"@\w+\{([^,\s]+),", part), part.strip()) for part in parts)
    return {match.group(1): part for match, part in found if match}
