"""Extended M3U playlists, UTF-8.

An entry is two lines, ``#EXTINF:seconds,Artist - Title`` and where the file is. What a line can't
hold is kept out of the first (control characters) and percent-encoded in a ``file:`` address in the
second. The format has no standard; this is what common players read (from memory).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mirbench.errors import DataError

SUFFIXES = (".m3u8", ".m3u")


def write_m3u(path: str | Path, tracks: Iterable[Mapping[str, Any]]) -> None:
    """Write a playlist.

    Parameters
    ----------
    path : path-like
        ``.m3u8`` or ``.m3u``; its folder is made where it is missing. Files in or below that folder
        are named relative to it, others by their absolute path.
    tracks : iterable of mapping
        ``path``, ``duration_s`` (s) and optional ``artist`` and ``title``.

    Raises
    ------
    DataError
        Another suffix, or the file can't be written.
    """
    path = named(path, SUFFIXES)
    folder = path.parent.resolve()
    lines = ["#EXTM3U", "#EXTENC:UTF-8"]
    for track in tracks:
        lines += [f"#EXTINF:{round(track['duration_s'])},{name_of(track)}"]
        lines += [_place(Path(track["path"]), folder)]
    write_text(path, "\n".join(lines) + "\n")


def named(path: str | Path, suffixes: tuple[str, ...]) -> Path:
    """The path of a file to write; DataError where it has none of the suffixes."""
    path = Path(path).expanduser()
    if path.suffix.lower() not in suffixes:
        raise DataError(f"{path}: must end in {' or '.join(suffixes)}; mend its name")
    return path


def name_of(track: Mapping[str, Any]) -> str:
    """``Artist - Title`` on one line; the file's name where there is no title."""
    said = [one_line(track.get(key)) for key in ("artist", "title")]
    said[1] = said[1] or one_line(Path(track["path"]).stem)
    return " - ".join(filter(None, said))


def one_line(value: Any) -> str:
    """Text without control characters, line breaks or stray bytes, ``''`` for a missing value."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(" " if _breaks(c) else c for c in value).split())


def relative(path: Path, folder: Path) -> Path | None:
    """``path`` seen from ``folder``, None where it isn't in or below it; both absolute."""
    return path.relative_to(folder) if path.is_relative_to(folder) else None


def write_text(path: Path, text: str) -> None:
    """Write UTF-8, making the folder; DataError where that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(
            f"{path}: can't be written ({error.strerror}); name another file"
        ) from error


def address(path: Path, folder: Path) -> str:
    """Percent-encoded address of a file: relative in or below ``folder``, else ``file:``."""
    seen = relative(path, folder)
    if seen is None:
        return path.as_uri()
    text = quote(os.fsencode(seen.as_posix()))
    return f"./{text}" if ":" in text.partition("/")[0] else text


def _place(path: Path, folder: Path) -> str:
    seen = relative(path, folder)
    text = str(path if seen is None else seen)
    if text != text.strip() or any(map(_breaks, text)):
        return path.as_uri()
    return f"./{text}" if text.startswith("#") or ":" in text.partition("/")[0] else text


def _breaks(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
