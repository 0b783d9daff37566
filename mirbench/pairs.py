"""Sound and picture: how the truth of a pair stands in a protocol, and what an answer says.

The truth of a sound is its video: JSON of ``video`` (`mirbench.video.video_key` of the whole file),
``start_s`` and ``duration_s`` of the part that belongs to the sound, and perhaps ``boxes``: where in the
picture the sound comes from. Boxes are base64 of bytes ``left, top, right, bottom`` (pixels, right and
bottom beyond the last) of each frame, at ``rate`` frames a second of ``width`` by ``height`` pixels; all
four are 0 where nothing sounds.

An answer is a row of scores, one for each video of the test set, the greater the better it fits; and, of
a method that localises, a peak ``(x, y)`` of each frame of the sound's own video, in shares of width and
height. Frames divide the video evenly.
"""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path

import numpy as np

from mirbench.boxes import Boxes, read_truth
from mirbench.errors import DataError, ProtocolError
from mirbench.items import content_key
from mirbench.video import VideoItem, video_key
from mirbench.video_parts import part_path

MOST_HZ = 100
"""Maps a second of a video, at the most."""
_PATHS: dict[str, str] = {}  # files of the videos that were placed, by their content key


def as_label(
    path: str | Path, start_s: float, duration_s: float, boxes: Boxes | None = None
) -> str:
    """The truth of a sound as it stands in a protocol: that part (s) of a video file.

    Raises
    ------
    DataError
        The video can't be read, or a box isn't within the picture.
    """
    data: dict[str, object] = {
        "video": video_key(path),
        "start_s": round(float(start_s), 6),
        "duration_s": round(float(duration_s), 6),
    }
    if boxes is not None:
        left, top, right, bottom = boxes.corners.astype(int).T
        inside = (left <= right) & (top <= bottom) & (right <= boxes.width)
        if not (inside & (bottom <= boxes.height)).all() or not len(inside):
            raise DataError(f"{path}: a box isn't within its picture; mend the annotation")
        data |= _drawn(boxes)
    return json.dumps(data)


def part_label(label: str, start_s: float, duration_s: float) -> str:
    """The truth of a part (s) of the sound of a truth; its boxes are those that begin within it.

    Raises
    ------
    ProtocolError
        Not what `as_label` writes, or a truth with boxes of which a part is taken that starts later.
    """
    video, first_s, _, boxes = read_truth(label)
    part = {"video": video, "start_s": round(first_s + start_s, 6), "duration_s": duration_s}
    if boxes is None:
        return json.dumps(part)
    if start_s != 0:
        raise ProtocolError("a truth of sound and picture with boxes can't be cut at its start")
    kept = boxes.corners[: math.ceil(duration_s * boxes.rate - 1e-6)]
    return json.dumps(part | _drawn(Boxes(kept, boxes.rate, boxes.width, boxes.height)))


def _drawn(boxes: Boxes) -> dict[str, object]:
    """Boxes as they stand in a truth."""
    drawn = base64.b64encode(boxes.corners.astype(np.uint8).tobytes()).decode("ascii")
    return {"rate": boxes.rate, "width": boxes.width, "height": boxes.height, "boxes": drawn}


def from_label(label: str) -> VideoItem:
    """The video of a truth; its path is that of the file that `place` was told of.

    Raises
    ------
    ProtocolError
        Not what `as_label` writes.
    """
    video, start_s, duration_s, _ = read_truth(label)
    key = content_key(video, start_s, duration_s)
    return VideoItem(key, part_path(_PATHS.get(video, video), start_s, duration_s), duration_s)


def place(label: str, path: str | Path) -> None:
    """Say which file holds the video of a truth.

    Raises
    ------
    DataError
        It can't be read.
    ProtocolError
        It isn't the video that the protocol was made for.
    """
    video = read_truth(label)[0]
    if video_key(path) != video:
        raise ProtocolError(
            f"{path}: another video than the one the protocol was made for; restore the original file"
        )
    _PATHS[video] = str(path)


def scores_fault(scores: np.ndarray, n_sounds: int, n_videos: int) -> str:
    """What is wrong with the scores of a test set, in words; empty if nothing is."""
    if scores.shape != (n_sounds, n_videos):
        return (
            f"match gave scores of shape {scores.shape} for {n_sounds} sounds and {n_videos} videos; "
            f"give one row a sound and one column a video"
        )
    with np.errstate(over="ignore"):
        finite = np.isfinite(scores.astype(np.float32)).all()
    return "" if finite else "match gave NaN, infinite or too great scores; mend its answer"


def peaks(maps: np.ndarray) -> np.ndarray:
    """Where each map of shape (n_frames, h, w) is greatest, as shares of width and height, (n_frames, 2);
    of equals the mean place."""
    n, height, width = maps.shape
    best = maps == maps.max(axis=(1, 2), keepdims=True)
    count = best.sum(axis=(1, 2))
    x = (best.sum(axis=1) @ (np.arange(width) + 0.5)) / count / width
    y = (best.sum(axis=2) @ (np.arange(height) + 0.5)) / count / height
    return np.stack([x, y], axis=1).astype(np.float32).reshape(n, 2)
