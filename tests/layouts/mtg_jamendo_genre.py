"""A look-alike of MTG-Jamendo, subset genre."""

from pathlib import Path

from layouts import mtg_jamendo


def make(data: Path) -> None:
    mtg_jamendo.make(data, "genre")
