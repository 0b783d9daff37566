"""Fundamental frequency over time, from the files in which corpora publish it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mirbench.errors import DataError

HOP_S = 0.02
"""Of the frames of a ``.pv`` file: windows of 40 ms, the first centred at 20 ms."""


def read_f0(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Times and fundamental frequency of an annotation.

    Two formats are read, by suffix: ``.csv``, rows of time (s) and frequency (Hz) without a header
    (MDB-stem-synth); and ``.pv``, one MIDI number a line, 0 where unvoiced, of frames whose centres are
    0.02, 0.04, ... s (MIR-1K).

    Parameters
    ----------
    path : path-like

    Returns
    -------
    times_s : ndarray of float, shape (n_frames,)
        Centres of the frames (s), ascending.
    f0_hz : ndarray of float, shape (n_frames,)
        Fundamental frequency (Hz), 0 where there is none.

    Raises
    ------
    DataError
        No such file, another suffix, a line that isn't of the format, times that don't ascend.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such pitch annotation; get the corpus anew")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    rows = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    values = np.array([_numbers(path, *row) for row in rows])
    if not len(values):
        raise DataError(f"{path}: holds no pitch; get the corpus anew")
    if path.suffix == ".pv":
        return HOP_S * np.arange(1, len(values) + 1), semitones_to_hz(values[:, 0])
    if (np.diff(values[:, 0]) <= 0).any():
        raise DataError(f"{path}: its times don't ascend; get the corpus anew")
    return values[:, 0], values[:, 1]


def check_f0(path: str | Path) -> None:
    """DataError unless the file is there and its first line is of its format; the rest isn't read."""
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such pitch annotation; get the corpus anew")
    with path.open(encoding="utf-8", errors="replace") as lines:
        _numbers(path, 1, lines.readline())


def semitones_to_hz(semitones: np.ndarray) -> np.ndarray:
    """Frequency (Hz) of MIDI numbers, 69 being 440 Hz; 0 stays 0: unvoiced."""
    semitones = np.asarray(semitones, dtype=float)
    return np.where(semitones > 0, 440.0 * 2.0 ** ((semitones - 69.0) / 12.0), 0.0)


def _numbers(path: Path, number: int, line: str) -> list[float]:
    """The numbers of a line; all finite, pitch not negative."""
    wanted = {".pv": 1, ".csv": 2}.get(path.suffix)
    if wanted is None:
        raise DataError(f"{path}: pitch is read from .csv and .pv files, not from {path.suffix!r}")
    try:
        values = [float(part) for part in line.split("," if wanted == 2 else None)]
    except ValueError:
        values = []
    if len(values) != wanted or not np.isfinite(values).all() or values[-1] < 0:
        what = "time and frequency" if wanted == 2 else "one MIDI number, 0 or more"
        raise DataError(
            f"{path}: line {number} is {line.strip()!r}, not {what}; get the corpus anew"
        )
    return values
