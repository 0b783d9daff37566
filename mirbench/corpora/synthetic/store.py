"""Files of a rendered corpus: WAV files first, ``index.csv`` last, so that an index means complete."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mirbench.errors import DataError
from mirbench.home import write_atomically
from mirbench.video import video_key

GENERATOR = 1  # raise it when the sound changes: older renderings are then made again


def note(seed: int) -> str:
    """What every index says about itself."""
    return (
        f"synthesised (generator {GENERATOR}, seed {seed}): for a first run and tests, "
        "no substitute for real recordings"
    )


def finished(root: Path, seed: int) -> pd.DataFrame | None:
    """The index of a complete rendering of this generator and seed, or None."""
    path = root / "index.csv"
    if not path.is_file():
        return None
    index = pd.read_csv(path, keep_default_na=False)
    if set(index.get("note", ())) != {note(seed)}:
        return None
    beside = [c for c in ("video_path", "boxes_path") if c in index]
    files = [root / name for name in index["path"]]
    files += [sound.parent / name for c in beside for sound, name in zip(files, index[c])]
    return index if all(path.is_file() for path in files) else None


def write_wav(path: Path, samples: np.ndarray, sr: int) -> None:
    """Write 16-bit mono samples under a temporary name, then rename."""

    def write(part: Path) -> None:
        with wave.open(str(part), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(sr)
            file.writeframes(samples.astype("<i2").tobytes())

    write_atomically(path, write)


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then rename."""
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8", newline=""))


def write_lab(path: Path, segments: Iterable[tuple[float, float, str]]) -> None:
    """Write ``start end label`` lines, tab-separated, in seconds."""
    write_text(path, "".join(f"{a:.3f}\t{b:.3f}\t{label}\n" for a, b, label in segments))


def write_index(root: Path, rows: list[dict[str, Any]], seed: int) -> pd.DataFrame:
    """Write ``index.csv``, which declares the corpus complete; returns it as it reads back."""
    index = pd.DataFrame(rows).assign(note=note(seed))
    write_text(root / "index.csv", index.to_csv(index=False, lineterminator="\n"))
    return pd.read_csv(root / "index.csv", keep_default_na=False)


def pcm_sha256(root: Path, index: pd.DataFrame) -> str:
    """SHA-256 over the 16-bit samples of all files, in the order of the index; of an index of videos over
    their pictures too.

    Raises
    ------
    DataError
        A file of the index is missing or damaged.
    """
    digest = hashlib.sha256()
    for name in index["path"]:
        try:
            with wave.open(str(root / name), "rb") as file:
                digest.update(file.readframes(file.getnframes()))
        except (OSError, EOFError, wave.Error) as error:
            raise DataError(
                f"{root / name}: not a whole WAV file ({error}); delete {root} to render it again"
            ) from error
    for name, video in zip(index["path"], index.get("video_path", ())):
        digest.update(video_key(root / Path(name).parent / video).encode())
    return digest.hexdigest()
