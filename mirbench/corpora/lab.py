"""Label files: tab- or space-separated ``start end label`` in seconds, as mir_eval reads them."""

from __future__ import annotations

from pathlib import Path

from mirbench.errors import DataError


def read_lab(path: str | Path) -> list[tuple[float, float, str]]:
    """Segments (start_s, end_s, label) of a label file, in time order.

    Raises
    ------
    DataError
        Missing or empty file, a line that isn't ``start end label``, an end before its start, or
        segments that overlap.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such label file; correct the column 'labels' of the index")
    segments: list[tuple[float, float, str]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        parts = line.split(maxsplit=2)
        try:
            start, end, label = float(parts[0]), float(parts[1]), parts[2].strip()
        except (IndexError, ValueError):
            raise DataError(f"{path}: line {number} is {line!r}, not 'start end label'") from None
        if end <= start or (segments and start < segments[-1][1] - 1e-6):
            raise DataError(
                f"{path}: line {number} ends before it starts or overlaps the one before"
            )
        segments.append((start, end, label))
    if not segments:
        raise DataError(f"{path}: holds no segment; write one line 'start end label' a segment")
    return segments
