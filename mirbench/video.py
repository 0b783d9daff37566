"""Pictures of a recording: a video as a method sees it, and its frames as an array.

Containers that Pillow reads (APNG, GIF, WebP; a still picture too) and folders of pictures need nothing
more; others (mp4, mkv, webm, ...) are read by PyAV: ``pip install mirbench[video]``. A part of a file is
named as the web does it, ``clip.mp4#t=10,15`` (Media Fragments 1.0, times in s).

A video is known by its content, as an item is: of what Pillow reads the pictures themselves, whoever
wrote the file; of other containers, whose decoders differ, the file's bytes.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mirbench.errors import DataError
from mirbench.items import content_key
from mirbench.video_files import (
    Stamp,
    content_of,
    digest_of,
    frames_from,
    lasts_s,
    pictures,
    pictures_of,
    stamp_of,
)
from mirbench.video_parts import check_start, part_path, split_path

RATE_HZ = 10.0
"""Frames a second that are read where nothing else is asked for: our choice."""
OPAQUE = "video:"
"""Begins the path of a video that is handed out blind: its key follows."""
_KEPT_BYTES = 1 << 28  # of frames kept in a process, the last ones used
_RECENT: OrderedDict[Any, tuple[np.ndarray, np.ndarray]] = OrderedDict()
_PLACES: dict[str, Any] = {}  # of each opaque key its path, or its frames and rate

Size = int | tuple[int, int] | None


@dataclass(frozen=True)
class VideoItem:
    """A video as a method sees it.

    Attributes
    ----------
    key : str
        Opaque content key: another for other pictures or another part of them.
    path : str
        What `load_frames` takes: a file, a part of one (``#t=start,end``, s), or of a blind video
        ``video:`` and its key.
    duration_s : float
        Length in seconds.
    """

    key: str
    path: str
    duration_s: float

    @classmethod
    def from_array(cls, frames: np.ndarray, rate: float = RATE_HZ) -> VideoItem:
        """Video of frames in memory, whole numbers 0 to 255 of shape (n_frames, height, width, 3), so many a
        second.

        Raises
        ------
        DataError
            Another shape, other numbers, or a rate that isn't over 0 and finite.
        """
        _check_rate(rate)
        given = np.asarray(frames)
        if given.ndim != 4 or given.shape[-1] != 3 or not given.size:
            raise DataError(
                f"a video needs frames of shape (n_frames, height, width, 3), got {given.shape}"
            )
        if given.dtype.kind not in "iu" or given.min() < 0 or given.max() > 255:
            raise DataError(
                f"a video needs frames of uint8, 0 to 255, got {given.dtype}; give (255 * frames).astype("
                "'uint8') of shares"
            )
        frames = given.astype(np.uint8)  # a copy
        frames.flags.writeable = False
        key = f"memory-{digest_of(frames, [rate])}"
        _PLACES[key] = (frames, float(rate))
        return cls(key, OPAQUE + key, len(frames) / rate)

    def blind(self) -> VideoItem:
        """The same video as the matching call sees it: its path doesn't tell its name."""
        if self.path.startswith(OPAQUE):
            return self
        _PLACES[self.key] = self.path
        return VideoItem(self.key, OPAQUE + self.key, self.duration_s)

    def frames(self, rate: float = RATE_HZ, size: Size = None) -> tuple[np.ndarray, np.ndarray]:
        """Its frames and their times, see `load_frames`."""
        return load_frames(self.path, rate=rate, size=size)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.key, self.path, self.duration_s, _PLACES.get(self.key))


def load_frames(
    path: str | Path, rate: float = RATE_HZ, size: Size = None
) -> tuple[np.ndarray, np.ndarray]:
    """Frames of a video at a steady rate, the last 256 MB of them kept in memory.

    Parameters
    ----------
    path : path-like
        A file, a folder of pictures, a part (``clip.mp4#t=10,15``), or a `VideoItem`'s ``path``. The
        pictures of a folder, which doesn't say how long it lasts, are spread from 0 s to the part's end.
    rate : float
        Frames a second (Hz), over 0.
    size : int or (int, int), optional
        Height and width in pixels, one number for both; the video's own by default.

    Returns
    -------
    frames : ndarray of uint8, shape (n_frames, height, width, 3)
        Red, green and blue; ``floor(duration_s * rate)`` of them, at least one; read-only.
    times_s : ndarray of float, shape (n_frames,)
        Where each frame is, in seconds from the part's start: ``i / rate``.

    Raises
    ------
    DataError
        No such file, one that can't be read, holds no frame or pictures of several sizes, a part that isn't
        in it, or PyAV isn't there; the message names it.
    """
    _check_rate(rate)
    shape = (size, size) if isinstance(size, int) else size
    if shape is not None and min(shape) < 1:
        raise DataError(f"size={size}: height and width must be 1 pixel or more")
    text = str(path)
    if text.startswith(OPAQUE):
        key = text.removeprefix(OPAQUE)
        if key not in _PLACES:
            raise DataError(f"{text}: not a video of this run; give the path of a file")
        place = _PLACES[key]
        if not isinstance(place, str):
            return _from_memory(place, rate, shape)
        text = place
    file, start_s, end_s = split_path(text)
    token = (file, stamp_of(file), float(rate), shape, start_s, end_s)
    if token not in _RECENT:
        _RECENT[token] = _loaded(*token)
        while len(_RECENT) > 1 and sum(f.nbytes for f, _ in _RECENT.values()) > _KEPT_BYTES:
            _RECENT.popitem(last=False)
    _RECENT.move_to_end(token)
    return _RECENT[token]


def video_item(
    path: str | Path, start_s: float = 0.0, duration_s: float | None = None
) -> VideoItem:
    """Item over a video file or a part of it; as long as it is by default.

    Raises
    ------
    DataError
        As `load_frames`; a start (s) before 0 or at the video's end or later, a length that isn't over 0.
    """
    if not 0 <= start_s < math.inf:
        raise DataError(f"{path}: start_s={start_s:g}; give a start of 0 s or more")
    check_start(path, start_s, lasts_s(str(path), stamp_of(str(path))) if start_s else 0.0)
    lasts = duration_of(path) - start_s if duration_s is None else duration_s
    if not 0 < lasts < math.inf:
        raise DataError(
            f"{path}: {lasts:g} s long; give duration_s over 0 (a picture or a folder has no length of its own)"
        )
    key = content_key(video_key(path), start_s, lasts)
    return VideoItem(key, part_path(path, start_s, lasts), lasts)


def video_key(path: str | Path) -> str:
    """SHA-256 of a whole video: its pictures, or the bytes of a file that PyAV reads, or of a folder's files.

    Raises
    ------
    DataError
        As `load_frames`.
    """
    return content_of(str(path), stamp_of(str(path)))


def duration_of(path: str | Path) -> float:
    """Length (s) of a whole video; 0 of a still picture or a folder of pictures.

    Raises
    ------
    DataError
        As `load_frames`.
    """
    lasts = lasts_s(str(path), stamp_of(str(path)))
    if lasts == math.inf:
        raise DataError(f"{path}: its length isn't known; name a part of it, path#t=0,10")
    return lasts


def _check_rate(rate: float) -> None:
    if not 0 < rate < math.inf:
        raise DataError(f"rate={rate}: frames a second must be over 0, and finite")


def _loaded(
    path: str,
    stamp: Stamp,
    rate: float,
    shape: tuple[int, int] | None,
    start_s: float,
    end_s: float | None,
) -> tuple[np.ndarray, np.ndarray]:
    end = duration_of(path) if end_s is None else end_s
    times = _times(end - start_s, rate)
    if Path(path).is_dir():
        spread = max(end, 1e-9) / max(len(pictures(path)), 1)
        shown = ((i * spread, picture) for i, picture in enumerate(pictures_of(path)))
        frames = _at(shown, times + start_s, shape, path)
    else:
        if start_s > 0:
            check_start(path, start_s, lasts_s(path, stamp))
        frames = _at(frames_from(path, start_s), times + start_s, shape, path)
    frames.flags.writeable = times.flags.writeable = False
    return frames, times


def _from_memory(
    place: tuple[np.ndarray, float], rate: float, shape: tuple[int, int] | None
) -> tuple[np.ndarray, np.ndarray]:
    frames, own = place
    times = _times(len(frames) / own, rate)
    shown = ((i / own, Image.fromarray(frame)) for i, frame in enumerate(frames))
    return _at(shown, times, shape, "a video in memory"), times


def _times(duration_s: float, rate: float) -> np.ndarray:
    return np.arange(max(1, int(np.floor(duration_s * rate + 1e-6)))) / rate


def _at(
    shown: Iterator[tuple[float, Image.Image]],
    times: np.ndarray,
    shape: tuple[int, int] | None,
    path: str,
) -> np.ndarray:
    """The picture that is shown at each of the ascending times (s); the last one for what is later."""
    kept: list[np.ndarray] = []
    last: Image.Image | None = None
    for start_s, picture in shown:
        if last is not None:
            n = int(np.searchsorted(times, start_s - 1e-6)) - len(kept)
            kept += [_pixels(last, shape)] * max(n, 0)
        if len(kept) == len(times):
            break
        last = picture
    if last is None:
        raise DataError(f"{path}: holds no frame; get the file anew")
    kept += [_pixels(last, shape)] * (len(times) - len(kept))
    if len(sizes := {one.shape for one in kept}) > 1:
        found = ", ".join(f"{width} x {height}" for height, width, _ in sorted(sizes)[:2])
        raise DataError(
            f"{path}: its pictures differ in size ({found}); make them equal, or give size"
        )
    return np.stack(kept)


def _pixels(picture: Image.Image, shape: tuple[int, int] | None) -> np.ndarray:
    if shape is not None and picture.size != shape[::-1]:
        picture = picture.resize(shape[::-1], Image.Resampling.BILINEAR)
    return np.asarray(picture, dtype=np.uint8)


def _restore(key: str, path: str, duration_s: float, place: Any) -> VideoItem:
    if place is not None:
        _PLACES[key] = place
    return VideoItem(key, path, duration_s)
