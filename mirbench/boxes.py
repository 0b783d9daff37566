"""Where in the picture a sound comes from, and the truth of a pair as text: no file of sound or picture is
opened here, so that judging needs nothing that opens them (`mirbench.pairs` says what stands in a truth)."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mirbench.errors import DataError, ProtocolError


@dataclass(frozen=True)
class Boxes:
    """Where in the picture a sound comes from.

    Attributes
    ----------
    corners : ndarray of uint8, shape (n_frames, 4)
        Left, top, right, bottom in pixels; zeros where nothing sounds.
    rate : float
        Frames a second (Hz).
    width, height : int
        Of the picture, in pixels.
    """

    corners: np.ndarray
    rate: float
    width: int
    height: int

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """Boxes at those times (s) in shares of width and height, shape (n, 4)."""
        rows = np.clip((times_s * self.rate + 1e-6).astype(int), 0, len(self.corners) - 1)
        sides = [self.width, self.height, self.width, self.height]
        return self.corners[rows] / np.array(sides, dtype=float)


def read_boxes(path: str | Path) -> Boxes:
    """Boxes of a file: a line ``# rate=10 width=48 height=48``, then ``left,top,right,bottom`` a frame.

    Raises
    ------
    DataError
        No such file, or another content: no frame, a row that isn't four whole numbers, a box of no width or
        height that isn't ``0,0,0,0``, a rate or a size that isn't over 0.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        facts = dict(word.split("=") for word in lines[0].removeprefix("#").split())
        rows = [_corners(n, line) for n, line in enumerate(lines[1:], 2) if line.strip()]
        corners = np.array(rows, dtype=np.uint8).reshape(-1, 4)
        return _checked(corners, facts)
    except (OSError, ValueError, OverflowError, KeyError, IndexError) as error:
        raise DataError(
            f"{path}: not boxes ({error}); write '# rate=10 width=48 height=48', then left,top,right,"
            "bottom in pixels (0 to 255) a frame"
        ) from error


def boxes_of(label: str) -> Boxes | None:
    """Where the sound of a truth comes from; None where nobody said.

    Raises
    ------
    ProtocolError
        Not what `mirbench.pairs.as_label` writes.
    """
    return read_truth(label)[3]


def read_truth(label: str) -> tuple[str, float, float, Boxes | None]:
    """Key of the video, start and length of the part (s), and boxes if there are any.

    Raises
    ------
    ProtocolError
        Not what `mirbench.pairs.as_label` writes.
    """
    try:
        data = json.loads(label)
        found = str(data["video"]), float(data["start_s"]), float(data["duration_s"])
        if not (0 <= found[1] < math.inf and 0 < found[2] < math.inf):
            raise ValueError(f"start_s {found[1]:g}, duration_s {found[2]:g}")
        if "boxes" not in data:
            return *found, None
        drawn = np.frombuffer(base64.b64decode(data["boxes"], validate=True), dtype=np.uint8)
        boxes = _checked(drawn.reshape(-1, 4), data)
    except (ValueError, TypeError, KeyError, OverflowError, binascii.Error) as error:
        raise ProtocolError(
            f"a truth of sound and picture is JSON of video, start_s and duration_s ({error}); make the "
            "protocol anew"
        ) from error
    return *found, boxes


def _corners(number: int, line: str) -> list[int]:
    """Left, top, right, bottom of a line of a file; ValueError where they are no box and not all 0."""
    row = [int(word) for word in line.split(",")]
    if len(row) != 4 or min(row) < 0 or max(row) > 255:
        raise ValueError(f"line {number}: {line.strip()!r}")
    if any(row) and not (row[0] < row[2] and row[1] < row[3]):
        raise ValueError(f"line {number}: a box of no width or no height; write 0,0,0,0 for none")
    return row


def _checked(corners: np.ndarray, facts: Mapping[str, Any]) -> Boxes:
    """Boxes; ValueError where there is no frame, or rate, width or height isn't over 0 and finite."""
    boxes = Boxes(corners, float(facts["rate"]), int(facts["width"]), int(facts["height"]))
    if not len(corners):
        raise ValueError("no frame")
    if not 0 < boxes.rate < math.inf or boxes.width < 1 or boxes.height < 1:
        raise ValueError(f"rate={boxes.rate:g} width={boxes.width} height={boxes.height}")
    return boxes
