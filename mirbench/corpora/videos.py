"""Sounds of videos by their id: published lists name videos, the files are one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from mirbench.corpora.folder import AUDIO_SUFFIXES
from mirbench.corpora.published import with_audio
from mirbench.errors import DataError

VIDEO_SUFFIXES = (".mp4", ".mkv", ".webm", ".avi", ".mov")
OWN_CLASSES = "classes.txt"
"""A list of one's own in a corpus's folder, a class a line: taken instead of ours."""
NAMED = (
    "name each sound by its video, ID.wav, or by its clip as well, ID_000030_000040.wav (seconds; any "
    "format that is read here), anywhere below that folder; videos of the same names may lie beside them "
    "(ffmpeg -i ID.mp4 ID.wav takes the sound out of one)"
)


def clip_id(video: str, start_s: float, end_s: float) -> str:
    """Name of a clip: its video, and where it starts and ends (s, whole)."""
    return f"{video}_{int(start_s):06d}_{int(end_s):06d}"


def names_of(video: str, start_s: float, end_s: float) -> tuple[str, ...]:
    """What a clip's file may be called, without its suffix, the most telling first.

    >>> names_of("abc", 30, 40)
    ('abc_000030_000040', 'abc_30_40', 'abc_30.000_40.000', 'abc', 'Yabc')
    """
    return (
        clip_id(video, start_s, end_s),
        f"{video}_{int(start_s)}_{int(end_s)}",
        f"{video}_{start_s:.3f}_{end_s:.3f}",
        video,
        f"Y{video}",
    )


def with_files(index: pd.DataFrame, root: Path, how: str, partial: bool) -> pd.DataFrame:
    """Rows whose sound is below ``root``, with ``path``, ``video_path`` and ids.

    Parameters
    ----------
    index : DataFrame
        Columns ``video`` (YouTube id), ``clip_start_s`` and ``clip_end_s`` (s in the video).
    root : Path
    how : str
        How to get the sounds, for the message.
    partial : bool
        Whether some may be missing, as with videos that were taken down.

    Returns
    -------
    DataFrame
        With ``id``, ``path`` (relative to ``root``), ``video_path`` (absolute, empty where there is
        none) and ``group`` (the video).

    Raises
    ------
    DataError
        Sounds are missing and may not be, or none is there.
    """
    sounds, videos = _by_name(root, AUDIO_SUFFIXES), _by_name(root, VIDEO_SUFFIXES)
    clips = list(zip(index["video"], index["clip_start_s"], index["clip_end_s"]))
    ids = [clip_id(*clip) for clip in clips]
    found = [_first(sounds, names_of(*clip)) for clip in clips]
    seen = [_first(videos, names_of(*clip)) for clip in clips]
    rows = index.assign(
        id=ids,
        path=[path or f"{name}.wav" for path, name in zip(found, ids)],
        video_path=[str((root / path).resolve()) if path else "" for path in seen],
        group=index["video"],
    )
    return with_audio(rows, root, how, partial)


def sounds_of(root: Path) -> list[Path]:
    """All sounds below a folder, in order."""
    return sorted(path for path in root.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES)


def own_classes(root: Path, default: Iterable[str]) -> set[str]:
    """Classes of ``root/classes.txt``, a class a line, or ``default`` where it isn't there.

    Raises
    ------
    DataError
        The list is empty.
    """
    path = root / OWN_CLASSES
    if not path.is_file():
        return set(default)
    lines = {line.strip() for line in path.read_text(encoding="utf-8").splitlines()} - {""}
    if not lines:
        raise DataError(f"{path}: holds no class; write one a line, or delete the file")
    return lines


def seconds(table: pd.DataFrame, column: str, source: Path) -> pd.Series:
    """A column of seconds; DataError names the first that is no number."""
    values = pd.to_numeric(table[column], errors="coerce")
    if values.isna().any():
        row = table[values.isna()].iloc[0]
        raise DataError(f"{source}: {column} is {row[column]!r}, not seconds; get the list anew")
    return values


def _by_name(root: Path, suffixes: Sequence[str]) -> dict[str, str]:
    """Files below ``root`` by name without suffix, relative to it; of copies the first by path."""
    found: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() in suffixes:
            found.setdefault(path.stem, str(path.relative_to(root)))
    return found


def _first(files: dict[str, str], names: Sequence[str]) -> str:
    return next((files[name] for name in names if name in files), "")
