"""Where the frozen protocols are."""

from __future__ import annotations

from pathlib import Path

FROZEN = Path(__file__).parent / "frozen"


def frozen_path(name: str) -> Path:
    """File of a frozen protocol."""
    return FROZEN / f"{name.replace('/', '.')}.json"
