"""A look-alike of an index of one's own over tracks of the Million Song Dataset."""

from pathlib import Path

import published_layouts as layouts

ROWS = (
    ("TRAAA", "Ann", "train", "rock|pop"),
    ("TRAAB", "Bob", "validation", "jazz"),
    ("TRAAC", "Cid", "test", ""),
)


def make(data: Path) -> None:
    layouts.msd_lastfm(data, ROWS)
