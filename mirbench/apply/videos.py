"""Videos for a music: a method trained on sounds with their videos chooses, second by second."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mirbench.apply.alignment import Stretch, align
from mirbench.apply.command import announce, failing, free, training
from mirbench.audio import decode
from mirbench.errors import DataError, MethodError
from mirbench.home import write_atomically
from mirbench.items import Item
from mirbench.methods import load_method
from mirbench.tasks import load_task
from mirbench.video import VideoItem, duration_of, video_item
from mirbench.video_files import AV_SUFFIXES, PILLOW_SUFFIXES

TASK, METHOD = "music-video", "ave-net"
EMBEDDED = ("embedded-films",)
"""Trained on where nothing else is named."""
SEGMENT_S = 1.0
"""Of a segment of music or video: what ``match_seconds`` is asked for."""
SILENT_DB = -80.0
"""A music whose greatest sample is below (dB re full scale) is silent; our choice."""
SUFFIXES = (".csv", ".json")


def videos_for(
    spec: str,
    music: str | Path,
    folder: str | Path,
    train: Sequence[str] = (),
    *,
    warp: bool = False,
    output: str | Path | None = None,
) -> str:
    """Write which part of which video goes with each second of a music; returns a word on it.

    Parameters
    ----------
    spec : str
        A method of sounds and videos whose estimator has ``match_seconds(item, videos)``, a table
        (seconds of sound, seconds of video) for each video.
    music : path-like
        A second or more.
    folder : path-like
        Videos, in it or below it.
    train : sequence of str
        Corpora with a column ``video_path``; the embedded films by default.
    warp : bool
        Whether a video may go at half or twice its speed for a while, see `mirbench.apply.alignment`.
    output : path-like, optional
        ``.csv`` or ``.json``; by default the music's name with ``.videos.csv``.

    Raises
    ------
    DataError
        The music is silent, too short or can't be read; no video of a second or more can be read;
        ``output`` has another suffix, or it exists already and wasn't named.
    MethodError
        A method that can't tell seconds, that fails, or whose tables are none.
    """
    place = Path(output) if output else Path(music).with_suffix(".videos.csv")
    if place.suffix.lower() not in SUFFIXES:
        raise DataError(f"{place}: must end in {' or '.join(SUFFIXES)}; mend its name")
    place = free(place, music, bool(output))
    task, method = load_task(TASK), load_method(spec)
    item, videos = music_of(music), videos_in(folder)
    names = list(train) or list(EMBEDDED)
    estimator = method.build()
    if not hasattr(estimator, "match_seconds"):
        raise MethodError(
            f"{method.spec}: has no match_seconds, so it can't tell seconds; use l3-net, ave-net, avol-net "
            "or vm-net"
        )
    X, y, _ = training(names, task)
    announce(method, names, X)
    with failing(method, task):
        given = estimator.fit(X, y).match_seconds(item, [video for _, video in videos])
        tables = checked(given, item, [video for _, video in videos], method.spec)
    found = align(tables, item.duration_s, SEGMENT_S, warp=warp)
    rows = [_row(one, videos[one.video][0]) for one in found]
    write_rows(place, rows, str(music), method.spec, warp)
    used = len({row["video"] for row in rows})
    return (
        f"{method.spec} trained on {', '.join(names)}\n"
        f"{len(rows)} stretches of {used} of {len(videos)} videos, {'with' if warp else 'without'} time "
        f"warping\n{place}"
    )


def checked(given: Any, item: Item, videos: Sequence[VideoItem], spec: str) -> list[np.ndarray]:
    """Tables that a method gave, as float64.

    Raises
    ------
    MethodError
        Not one for each video, another shape than (seconds of sound, begun ones too; whole seconds of
        video), or not finite real numbers.
    """
    if not isinstance(given, Sequence | np.ndarray) or len(given) != len(videos):
        n = len(given) if isinstance(given, Sequence | np.ndarray) else "no list of"
        raise MethodError(
            f"{spec}: match_seconds gave {n} tables for {len(videos)} videos; give one each"
        )
    rows = max(1, math.ceil(item.duration_s / SEGMENT_S - 1e-6))
    tables = []
    for table, video in zip(given, videos):
        wanted = (rows, max(1, math.floor(video.duration_s / SEGMENT_S + 1e-6)))
        if np.shape(table) != wanted:
            raise MethodError(
                f"{spec}: match_seconds gave a table of shape {np.shape(table)} for {item.duration_s:g} s of "
                f"sound and {video.duration_s:g} s of video; give {wanted}"
            )
        one = np.asarray(table)
        if one.dtype.kind not in "biuf" or not np.isfinite(one).all():
            raise MethodError(
                f"{spec}: match_seconds gave scores that are NaN, infinite or no real numbers; give finite ones"
            )
        tables.append(one.astype(np.float64))
    return tables


def music_of(path: str | Path) -> Item:
    """A music as an item in memory.

    Raises
    ------
    DataError
        It can't be read, is shorter than a second, or silent.
    """
    signal, sr = decode(path)
    if len(signal) < SEGMENT_S * sr:
        raise DataError(
            f"{path}: {len(signal) / sr:.2f} s, shorter than a segment of {SEGMENT_S:g} s; give a longer music"
        )
    if np.abs(signal).max() < 10 ** (SILENT_DB / 20):
        raise DataError(f"{path}: silent; give a music that sounds")
    return Item.from_array(signal, sr)


def videos_in(folder: str | Path) -> list[tuple[Path, VideoItem]]:
    """Videos of a second or more in a folder and below it, by name.

    Raises
    ------
    DataError
        No such folder, or no video in it that can be read.

    Warns
    -----
    UserWarning
        One for each video left out; names it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise DataError(f"{folder}: no such folder; give one that holds videos")
    suffixes = (*PILLOW_SUFFIXES, *AV_SUFFIXES)
    files = [p for p in sorted(root.rglob("*")) if p.is_file() and p.suffix.lower() in suffixes]
    if not files:
        raise DataError(f"{folder}: holds no video; put some in it ({', '.join(suffixes)})")
    kept, faults = [], []
    for path in files:
        try:
            lasts_s = duration_of(path)
            if lasts_s < SEGMENT_S:
                raise DataError(
                    f"{path}: {lasts_s:.2f} s, shorter than a segment; give a longer video"
                )
            video = video_item(path)
            video.frames(rate=1.0, size=8)  # it can be read
            kept.append((path, video))
        except DataError as error:
            faults.append(str(error))
    if not kept:
        raise DataError(
            f"{folder}: none of its {len(files)} videos can be used; the first: {faults[0]}"
        )
    for fault in faults:
        warnings.warn(f"{fault}; left out", stacklevel=2)
    return kept


def write_rows(path: Path, rows: list[dict], music: str, method: str, warp: bool) -> None:
    """Write stretches, a row each in CSV, or in JSON under ``stretches`` with what they came from."""
    if path.suffix.lower() == ".csv":
        text = pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")
    else:
        told = {"music": music, "method": method, "warp": warp, "stretches": rows}
        text = json.dumps(told, indent=1) + "\n"
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))


def _row(one: Stretch, video: Path) -> dict:
    return {**asdict(one), "video": str(video), "score": round(one.score, 6)}
