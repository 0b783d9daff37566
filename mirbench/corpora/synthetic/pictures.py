"""Moving pictures of the embedded clips and films: shapes over a background, the same on every machine.

Shapes have hard edges on whole pixels; colours are whole numbers. Files are APNG, which loses nothing and
which browsers play.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from mirbench.corpora.synthetic.signals import steady
from mirbench.home import write_atomically

SIZE = 48
FPS = 10
SHAPES = ("disc", "square", "triangle", "diamond")
HUES = (
    (226, 72, 56),
    (232, 178, 58),
    (120, 200, 84),
    (70, 178, 214),
    (112, 104, 226),
    (214, 92, 188),
)
"""Red, amber, green, blue, violet, pink: red, green and blue, 0 to 255."""
_Y, _X = np.mgrid[0:SIZE, 0:SIZE]


def background(low: np.ndarray, high: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """Picture from one colour at the top to another at the bottom, and a texture, uint8 (48, 48, 3)."""
    slope = (_Y / (SIZE - 1))[..., None]
    return np.clip(low * (1 - slope) + high * slope + texture[..., None], 0, 255).astype(np.uint8)


def mask(shape: str, x: float, y: float, wide: float, tall: float) -> np.ndarray:
    """Pixels of a shape of half width and half height (pixels) about a centre, bool (48, 48)."""
    across = np.abs(_X - pixel(x)) / max(wide, 1.0)
    down = (_Y - pixel(y)) / max(tall, 1.0)
    if shape == "square":
        return (across <= 0.9) & (np.abs(down) <= 0.9)
    if shape == "triangle":
        return (np.abs(down) <= 1) & (across <= (down + 1) / 2)
    if shape == "diamond":
        return across + np.abs(down) <= 1
    return across * across + down * down <= 1


def paint(picture: np.ndarray, where: np.ndarray, colour: np.ndarray) -> None:
    """Colour the pixels of a mask, in place."""
    picture[where] = np.clip(colour, 0, 255).astype(np.uint8)


def box(where: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a mask, right and bottom beyond its last pixel; zeros if it's empty."""
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def pixel(at: float) -> int:
    """The nearest pixel."""
    return int(np.floor(steady(at) + 0.5))


def bounced(at: np.ndarray, low: float, high: float) -> np.ndarray:
    """Positions that turn back at two walls."""
    span = high - low
    turned = np.mod(at - low, 2 * span)
    return low + np.minimum(turned, 2 * span - turned)


def write_apng(path: Path, frames: np.ndarray, fps: int = FPS) -> None:
    """Write frames, uint8 of shape (n_frames, height, width, 3), under a temporary name, then rename."""

    def write(part: Path) -> None:
        first, *others = [Image.fromarray(frame) for frame in frames]
        first.save(
            part,
            format="PNG",
            save_all=True,
            append_images=others,
            duration=1000 // fps,
            loop=0,
        )

    write_atomically(path, write)
