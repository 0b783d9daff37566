"""A look-alike of GiantSteps: clones of both repositories after their download script."""

from pathlib import Path

import published_layouts as layouts


def make(data: Path) -> None:
    layouts.giantsteps(data)
