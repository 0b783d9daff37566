"""A look-alike of PMEmo: the unpacked `PMEmo2019`."""

from pathlib import Path

import published_layouts as layouts


def make(data: Path) -> None:
    layouts.pmemo(data, (1, 4, 5))
