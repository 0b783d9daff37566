"""``.lab`` files: one segment a line, ``start end label`` in seconds, separated by tabs.

:func:`mir_eval.io.load_labeled_intervals` reads them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mirbench.errors import DataError
from mirbench.frames import Segment


def write_lab(path: str | Path, segments: Sequence[Segment], labels: Sequence[str]) -> None:
    """Write segments, in seconds with three decimals.

    Parameters
    ----------
    path : path-like
    segments : sequence of (start_s, end_s, code)
    labels : sequence of str
        Label of each code.

    Raises
    ------
    DataError
        The folder doesn't exist or can't be written to.
    """
    lines = [f"{start:.3f}\t{end:.3f}\t{labels[code]}\n" for start, end, code in segments]
    try:
        Path(path).write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise DataError(
            f"{path}: can't be written ({error.strerror}); name another file"
        ) from error
