"""Print docs/paradigms.md, "which paradigm for what", from boards, records and criteria: ``python -m deep.paradigms``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from deep.paradigms.page import page


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(prog="python -m deep.paradigms", description=__doc__)
    parser.add_argument("folder", nargs="?", default="leaderboards", type=Path)
    folder = parser.parse_args(arguments).folder
    print(page(folder / "boards", folder / "records", folder / "criteria"), end="")


if __name__ == "__main__":
    main()
