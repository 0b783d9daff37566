"""Decode, measure and fingerprint items on all cores; what is done is kept in MIRBENCH_HOME by content."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import soundfile as sf
from joblib import delayed

from mirbench.audio import decode, file_sha256, info
from mirbench.audit.duplicates import Fingerprint, fingerprint
from mirbench.audit.measure import Measured, measure
from mirbench.errors import DataError
from mirbench.features.cache import FeatureCache
from mirbench.home import home
from mirbench.items import content_key

VERSION = 1  # of what is kept: raise it where measure or fingerprint change
CHUNK = 8
FEW = 16  # items not worth starting processes for

Row = dict[Any, Any]


class Heard(NamedTuple):
    """What is kept of an item's sound."""

    measured: Measured
    fingerprint: Fingerprint


def listen_all(
    rows: list[Row], n_jobs: int, advance: Callable[[int], None]
) -> dict[str, Heard | str]:
    """Heard of each row by id, in the order of the rows; the error's text where it can't be decoded.

    Parameters
    ----------
    rows : list of dict
        ``id``, ``path``, and where known ``start_s``, ``duration_s`` (s) and ``key`` (content).
    n_jobs : int
        Processes.
    advance : callable
        Called with a number of items as they are done.
    """
    found: dict[str, Heard | str] = {}
    todo = []
    for row in rows:
        kept = _kept(row)
        if kept is None:
            todo.append(row)
        else:
            found[row["id"]] = kept
            advance(1)
    for name, heard in _listened(todo, n_jobs):
        found[name] = heard
        advance(1)
    return {row["id"]: found[row["id"]] for row in rows}


def _listened(rows: list[Row], n_jobs: int) -> Iterator[tuple[str, Heard | str]]:
    if n_jobs == 1 or len(rows) < FEW:
        for row in rows:
            yield row["id"], listen(row)
        return
    from mirbench.workers import workers  # the runner asks for audits: no circle

    chunks = [rows[i : i + CHUNK] for i in range(0, len(rows), CHUNK)]
    for done in workers(n_jobs, return_as="generator_unordered")(
        delayed(_chunk)(chunk) for chunk in chunks
    ):
        yield from done


def _chunk(rows: list[Row]) -> list[tuple[str, Heard | str]]:
    return [(row["id"], listen(row)) for row in rows]


def listen(row: Row) -> Heard | str:
    """Decode one item and keep what is heard; the error's text where it can't be decoded."""
    path = str(row["path"])
    start_s, duration_s = part(row)
    try:
        signal, sr = decode(path, start_s=start_s, duration_s=duration_s)
        channels = info(path).channels
        head = sf.info(path)
    except DataError as error:
        return str(error)
    codec = f"{head.format} {head.subtype}"
    heard = Heard(measure(signal, sr, channels, codec), fingerprint(signal, sr))
    _store().put(_key(row), _packed(heard), 0.0)
    return heard


def part(row: Row) -> tuple[float, float | None]:
    """Start of the item in its file and its length (s; None: to the end)."""
    start_s, duration_s = row.get("start_s", 0.0), row.get("duration_s")
    return (
        0.0 if pd.isna(start_s) else float(start_s),
        None if pd.isna(duration_s) else float(duration_s),
    )


def _kept(row: Row) -> Heard | None:
    if not Path(str(row["path"])).is_file():
        return None
    try:
        array = _store().get(_key(row))
    except DataError:
        return None
    return None if array is None else _unpacked(array)


def _key(row: Row) -> str:
    """The item's content, whatever it is called; the file is read where the row doesn't know it."""
    parent = row.get("key")
    if not isinstance(parent, str) or not parent:
        start_s, duration_s = part(row)
        length = -1.0 if duration_s is None else duration_s
        parent = content_key(file_sha256(row["path"]), start_s, length)
    return hashlib.sha256(f"audit {VERSION} {parent}".encode()).hexdigest()


def _packed(heard: Heard) -> np.ndarray:
    file = io.BytesIO()
    about = np.frombuffer(json.dumps(asdict(heard.measured)).encode(), np.uint8)
    np.savez(file, about=about, **heard.fingerprint._asdict())
    return np.frombuffer(file.getvalue(), np.uint8).copy()


def _unpacked(array: np.ndarray) -> Heard | None:
    try:
        with np.load(io.BytesIO(array.tobytes()), allow_pickle=False) as kept:
            about = json.loads(kept["about"].tobytes())
            words, heard, levels = (kept[name] for name in Fingerprint._fields)
    except (ValueError, OSError, KeyError):
        return None  # damaged: a miss
    return Heard(Measured(**about), Fingerprint(words, heard, levels))


def _store() -> FeatureCache:
    return _store_at(home() / "audit")


@cache
def _store_at(root: Path) -> FeatureCache:
    return FeatureCache(root)
