"""A look-alike of MTG-Jamendo, subset all."""

from pathlib import Path

from layouts import mtg_jamendo


def make(data: Path) -> None:
    mtg_jamendo.make(data, "all")
