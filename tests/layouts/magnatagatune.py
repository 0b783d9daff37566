"""A look-alike of MagnaTagATune: the two lists, clips in folders 0 to f."""

from pathlib import Path

import published_layouts as layouts


def make(data: Path) -> None:
    layouts.magnatagatune(data)
