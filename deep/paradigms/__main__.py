"""Print docs/paradigms.md, "which paradigm for what", from boards, records and criteria: ``python -m deep.paradigms``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from deep.paradigms.page import page
from mirbench.cli import status_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deep.paradigms", description=__doc__)
    parser.add_argument("folder", nargs="?", default="leaderboards", type=Path)
    folder = parser.parse_args(arguments).folder
    return status_of(lambda: _printed(folder))


def _printed(folder: Path) -> int:
    print(page(folder / "boards", folder / "records", folder / "criteria"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
