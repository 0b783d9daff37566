"""A look-alike of FMA: `tracks.csv` with its three rows of header, the subset small."""

from pathlib import Path

import published_layouts as layouts

TRACKS = (
    (2, "small", "training", "Hip-Hop", 1),
    (5, "small", "validation", "Rock", 2),
    (98565, "small", "test", "Folk", 3),
    (1234, "medium", "training", "Jazz", 4),
    (4321, "large", "training", "", 5),
)


def make(data: Path) -> None:
    layouts.fma(data, TRACKS, "small")
