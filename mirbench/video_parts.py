"""Names of parts of videos, ``clip.mp4#t=10,15`` (Media Fragments 1.0, times in s)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from mirbench.errors import DataError

_PART = re.compile(r"^(?P<file>.*)#t=(?P<start>[0-9.]+),(?P<end>[0-9.]+)$")


def part_path(path: str | Path, start_s: float, duration_s: float) -> str:
    """Name of a part of a video, as `mirbench.video.load_frames` takes it; times (s) are kept exactly.

    >>> part_path("clip.mp4", 10, 5)
    'clip.mp4#t=10,15'
    """
    start, end = (np.format_float_positional(t, trim="-") for t in (start_s, start_s + duration_s))
    return f"{path}#t={start},{end}"


def split_path(text: str) -> tuple[str, float, float | None]:
    """File, start and end (s) of what `part_path` names; 0 and None of a whole file.

    Raises
    ------
    DataError
        Its part isn't two times, or ends before it starts.
    """
    found = _PART.match(text)
    if not found:
        return text, 0.0, None
    try:
        start_s, end_s = float(found["start"]), float(found["end"])
    except ValueError as error:
        raise DataError(f"{text}: its part isn't two times in s; write path#t=10,15") from error
    if end_s <= start_s:
        raise DataError(f"{text}: its part ends before it starts")
    return found["file"], start_s, end_s


def check_start(path: str | Path, start_s: float, whole_s: float) -> None:
    """DataError where a part starts at the end of what moves (``whole_s`` over 0), or later."""
    if 0 < whole_s <= start_s + 1e-6:
        raise DataError(
            f"{path}: lasts {whole_s:g} s, and a part of it starts at {start_s:g} s; start before its end"
        )
