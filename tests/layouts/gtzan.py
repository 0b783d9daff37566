"""A look-alike of GTZAN: a few excerpts of each genre, one of them repeated."""

from pathlib import Path

import published_layouts as layouts

from mirbench.corpora.gtzan import GENRES


def make(data: Path) -> None:
    layouts.gtzan(data, GENRES, range(2))
    layouts.gtzan(data, ["jazz"], (33, 51))
