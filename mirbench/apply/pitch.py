"""The pitch of a recording, as a table of times and frequencies that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mirbench.audio import decode
from mirbench.errors import MethodError
from mirbench.home import write_atomically
from mirbench.items import Item, as_items
from mirbench.pitch import HOP_S, VOICED, frame_times, n_frames


def track_file(estimator: Any, path: str | Path) -> np.ndarray:
    """Frequency (Hz) and voicing (0 to 1) of each 10 ms of a recording, shape (n_frames, 2).

    Parameters
    ----------
    estimator : fitted estimator
        Of task ``pitch``.
    path : path-like
        Anything libsndfile reads.

    Raises
    ------
    DataError
        The file can't be decoded.
    MethodError
        An answer of the wrong shape or with NaN.
    """
    item = Item.from_array(*decode(path))  # in memory: it stays out of the feature cache
    answer = np.asarray(estimator.predict(as_items([item]))[0], dtype=float)
    wanted = (n_frames(item.duration_s), 2)
    if answer.shape != wanted or not np.isfinite(answer).all():
        raise MethodError(
            f"the method gave an answer of shape {answer.shape}, {wanted} of finite numbers are due: f0 "
            f"(Hz) and voicing each {HOP_S * 1000:g} ms; use a method of task pitch, such as yin"
        )
    return answer


def write_f0(path: Path, answer: np.ndarray) -> None:
    """Write ``time,frequency`` lines (s, Hz), 0 Hz where unvoiced: read by `mirbench.corpora.f0`."""
    f0_hz = np.where(answer[:, 1] >= VOICED, answer[:, 0], 0.0)
    rows = zip(frame_times(len(f0_hz)), f0_hz)
    text = "".join(f"{time:.2f},{hz:.3f}\n" for time, hz in rows)
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))


def in_words(answer: np.ndarray) -> str:
    """How much of a recording is voiced and where its pitch lies, in a line."""
    voiced = answer[answer[:, 1] >= VOICED, 0]
    if not len(voiced):
        return "no frame is voiced"
    low, middle, high = np.quantile(voiced, (0.05, 0.5, 0.95))
    share = 100 * len(voiced) / len(answer)
    return (
        f"{share:.0f} % of frames voiced, mostly {low:.0f} to {high:.0f} Hz, median {middle:.0f} Hz"
    )
