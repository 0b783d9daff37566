"""Names of degradations: what kinds there are, and how a name is read.

A name is part of an item's content key, so what a name means never changes: another algorithm or
constant needs another name. ``mirbench.degradations`` holds the algorithms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mirbench.errors import DataError

BITRATES = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320)


@dataclass(frozen=True)
class Kind:
    """A kind of degradation.

    Attributes
    ----------
    name : str
    example : str
        A full name, ``prefix`` and value.
    what : str
        What the value is, with its unit.
    title, unit : str
        For axes.
    low, high : float
        Values that are accepted.
    neutral : float or None
        Value that changes nothing; None where it lies beyond the mildest value.
    mild_is_high : bool
        Whether a greater value is milder, where there is no neutral one.
    choices : tuple of int
        The only values accepted, where they are counted.
    """

    name: str
    example: str
    what: str
    title: str
    unit: str
    low: float
    high: float
    neutral: float | None = None
    mild_is_high: bool = True
    choices: tuple[int, ...] = ()

    @property
    def prefix(self) -> str:
        """What stands before the value; the dash of ``mp3-64`` is no sign."""
        return f"{self.name}-" if self.name in ("mp3", "ogg") else self.name


@dataclass(frozen=True)
class Step:
    """One degradation: its kind, its value, and the value as the name writes it."""

    kind: Kind
    value: float
    text: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "noise", "noise-45", "dB re full scale", "white noise", "dB FS", -200, 20, None, False
        ),
        Kind("gain", "gain-12", "dB", "level", "dB", -120, 60, 0.0),
        Kind("snr", "snr20", "dB re the item's RMS", "white noise, SNR", "dB", -60, 120),
        Kind("lowpass", "lowpass4000", "Hz", "low-pass", "Hz", 1, 200_000),
        Kind("highpass", "highpass200", "Hz", "high-pass", "Hz", 1, 200_000, None, False),
        Kind("clip", "clip6", "dB below the item's peak", "clipping", "dB", 0, 120, None, False),
        Kind("mp3", "mp3-64", "kbit/s", "MP3", "kbit/s", 8, 320, choices=BITRATES),
        Kind("ogg", "ogg-2", "Vorbis quality 0 to 10", "Vorbis", "quality", 0, 10),
        Kind("reverb", "reverb0.8", "RT60 in s", "reverberation, RT60", "s", 0.05, 20, None, False),
        Kind("pitch", "pitch+1", "semitones", "pitch", "semitones", -24, 24, 0.0),
        Kind("time", "time1.1", "times as long", "length", "factor", 0.5, 2, 1.0),
        Kind("speed", "speed1.03", "times as fast", "speed", "factor", 0.5, 2, 1.0),
    )
}


def parse(name: str) -> tuple[Step, ...]:
    """Steps of a name, in the order in which they are applied; none for the empty name.

    Raises
    ------
    DataError
        An unknown kind, a value that is no number or out of range; lists the known forms.
    """
    return tuple(_step(part, name) for part in name.split("|")) if name else ()


def _step(part: str, name: str) -> Step:
    for kind in KINDS.values():
        found = re.fullmatch(rf"{re.escape(kind.prefix)}([+-]?[0-9]+(?:\.[0-9]+)?)", part)
        if found:
            value = float(found[1])
            if kind.choices and value not in kind.choices:
                allowed = ", ".join(map(str, kind.choices))
                raise DataError(f"degradation {name!r}: {kind.name} takes {allowed} {kind.unit}")
            if not kind.low <= value <= kind.high:
                raise DataError(
                    f"degradation {name!r}: {kind.name} takes {kind.low:g} to {kind.high:g} "
                    f"({kind.what})"
                )
            return Step(kind, value, found[1])
    forms = ", ".join(f"{kind.example} ({kind.what})" for kind in KINDS.values())
    raise DataError(
        f"unknown degradation {name!r}; use one of {forms}, or several, as in reverb0.8|snr20"
    )
