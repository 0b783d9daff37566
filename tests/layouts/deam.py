"""A look-alike of DEAM: two tables of means, excerpts and whole songs in one folder."""

from pathlib import Path

import published_layouts as layouts


def make(data: Path) -> None:
    layouts.deam(data, (2, 3, 1999, 2001, 2058))
