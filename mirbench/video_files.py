"""Containers of moving pictures: Pillow's, folders of pictures, and what PyAV decodes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageSequence

from mirbench.audio import file_sha256
from mirbench.errors import DataError

PILLOW_SUFFIXES = (".png", ".apng", ".gif", ".webp", ".jpg", ".jpeg")
AV_SUFFIXES = (".mp4", ".m4v", ".mkv", ".webm", ".avi", ".mov", ".mpg", ".mpeg", ".ogv")
Stamp = tuple[int, int]


def stamp_of(path: str) -> Stamp:
    """When a video was last written, and its size; DataError where it isn't there or is empty."""
    try:
        found = Path(path).stat()
    except OSError as error:
        raise DataError(f"{path}: no such video; give a file or a folder of pictures") from error
    if not found.st_size:
        raise DataError(f"{path}: empty file (0 bytes); get it anew")
    return found.st_mtime_ns, found.st_size


def frames_from(path: str, start_s: float) -> Iterator[tuple[float, Image.Image]]:
    """Where each frame of a file starts (s), and the frame, from one at or before ``start_s`` on."""
    if Path(path).suffix.lower() in PILLOW_SUFFIXES:
        at = 0.0
        for picture, lasts_s in _shown(path):
            yield at, picture
            at += lasts_s
        return
    yield from _decoded(path, start_s)


def _shown(path: str) -> Iterator[tuple[Image.Image, float]]:
    """Pictures of a file that Pillow reads, each with how long it is shown (s)."""
    try:
        with Image.open(path) as file:
            for frame in ImageSequence.Iterator(file):
                picture = frame.convert("RGB")
                yield picture, float(frame.info.get("duration", 0.0)) / 1000
    except Exception as error:  # Pillow raises whatever a damaged file leads it to
        said = str(error) or type(error).__name__
        raise DataError(f"{path}: can't be read as pictures ({said}); get the file anew") from error


def pictures(folder: str) -> list[Path]:
    """Files of the pictures of a folder, by name."""
    return sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in PILLOW_SUFFIXES)


def pictures_of(folder: str) -> Iterator[Image.Image]:
    """The pictures of a folder, by name; of a moving one the first frame."""
    for path in pictures(folder):
        yield next(_shown(str(path)))[0]


def _decoded(path: str, start_s: float) -> Iterator[tuple[float, Image.Image]]:
    """Frames of a container that PyAV reads, with their times (s)."""
    av = _pyav(path)
    try:
        with av.open(path) as container:
            stream = container.streams.video[0]
            if start_s > 0:
                container.seek(int(start_s / stream.time_base), stream=stream)
            for frame in container.decode(stream):
                yield float(frame.time or 0.0), frame.to_image()
    except (av.FFmpegError, IndexError, OSError, ValueError) as error:
        raise DataError(f"{path}: can't be read as a video ({error}); get the file anew") from error


def _pyav(path: str) -> Any:
    try:
        import av
    except ImportError as error:
        raise DataError(
            f"{path}: read by PyAV, which isn't there; pip install mirbench[video], or give APNG, GIF or "
            "WebP"
        ) from error
    return av


@lru_cache(maxsize=1 << 16)
def content_of(path: str, stamp: Stamp) -> str:
    """SHA-256 of a video of that stamp, see `mirbench.video.video_key`."""
    if Path(path).is_dir():
        names = pictures(path)
        if not names:
            raise DataError(f"{path}: holds no picture; get the folder anew")
        return hashlib.sha256("".join(file_sha256(str(p)) for p in names).encode()).hexdigest()
    if Path(path).suffix.lower() not in PILLOW_SUFFIXES:
        return file_sha256(path)
    shown = list(_shown(path))
    if not shown:
        raise DataError(f"{path}: holds no frame; get the file anew")
    return digest_of(np.stack([np.asarray(p) for p, _ in shown]), [s for _, s in shown])


@lru_cache(maxsize=1 << 16)
def lasts_s(path: str, stamp: Stamp) -> float:
    """Length (s) of a video of that stamp; 0 of a still picture or a folder of pictures, infinite where the
    file doesn't say."""
    if Path(path).is_dir():
        return 0.0
    if Path(path).suffix.lower() in PILLOW_SUFFIXES:
        return round(sum(lasts for _, lasts in _shown(path)), 6)
    av = _pyav(path)
    try:
        with av.open(path) as container:
            stream = container.streams.video[0]
            if stream.duration is not None:
                return float(stream.duration * stream.time_base)
            if container.duration:
                return float(container.duration / 1e6)
    except (av.FFmpegError, IndexError, OSError, ValueError) as error:
        raise DataError(f"{path}: can't be read as a video ({error}); get the file anew") from error
    return math.inf


def digest_of(frames: np.ndarray, numbers: list[float]) -> str:
    """SHA-256 over frames, uint8, and the numbers that tell their times (s, or Hz)."""
    digest = hashlib.sha256(f"{frames.shape}|{[round(n, 6) for n in numbers]}".encode())
    digest.update(np.ascontiguousarray(frames).tobytes())
    return digest.hexdigest()
