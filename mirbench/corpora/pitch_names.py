"""Names of pitches, as collections of notes write them."""

from __future__ import annotations

import re

_NAME = re.compile(r"([A-G])([#b]?)(-?\d+)")
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def midi_number(name: str) -> int | None:
    """MIDI number of a pitch, 60 for C4, middle C; None where it isn't written so.

    >>> midi_number("A4"), midi_number("F#2"), midi_number("Bb3"), midi_number("H")
    (69, 42, 58, None)
    """
    found = _NAME.fullmatch(name.strip())
    if found is None:
        return None
    letter, sign, octave = found.groups()
    return 12 * (int(octave) + 1) + _STEPS[letter] + {"#": 1, "b": -1, "": 0}[sign]
