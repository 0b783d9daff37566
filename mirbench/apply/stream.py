"""A fitted frame method block by block: bounded memory, known latency, the offline scores.

Each block is scored with ``past_s`` of sound before it and ``future_s`` after it; only its own rows
are kept. A method whose frames depend on no more than that gives the scores it gives offline: the
resampler keeps its state from chunk to chunk, and windows begin on frame boundaries.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import soxr

from mirbench.apply.offline import frame_scores
from mirbench.apply.segments import scores_to_segments
from mirbench.audio import RESAMPLER, info
from mirbench.errors import DataError, MethodError
from mirbench.features import Extract
from mirbench.frames import Grid, Segment
from mirbench.items import Item, as_items
from mirbench.tasks import Task

READ_S = 0.1  # sound decoded at a time
CONTEXT_S = (8.0, 0.0)  # holds the longest memory of the hand-crafted frame methods; causal


@dataclass(frozen=True)
class Block:
    """Scores of one block.

    Attributes
    ----------
    start_s, end_s : float
        Span of its frames (s).
    scores : ndarray of shape (n_frames, n_classes)
    latency_s : float
        Sound (s) that had gone in when the block came out, from the block's start: the block, the
        future context and what the resampler and the reads of 0.1 s hold back.
    compute_s : float
        Time (s) spent on it: decoding, resampling, features, scores.
    """

    start_s: float
    end_s: float
    scores: np.ndarray
    latency_s: float
    compute_s: float


@dataclass(frozen=True)
class StreamReport:
    """What a stream cost.

    Attributes
    ----------
    latency_s : float
        Longest wait (s) from a sound to its decision, computing left out.
    compute_s : float
        Longest time (s) spent on a block.
    real_time_factor : float
        Time spent over the length of the sound: below 1 keeps up.
    """

    latency_s: float
    compute_s: float
    real_time_factor: float


def stream_file(
    estimator: Any,
    path: str | Path,
    *,
    block_s: float = 1.0,
    past_s: float = CONTEXT_S[0],
    future_s: float = CONTEXT_S[1],
    grid: Grid | None = None,
) -> Iterator[Block]:
    """Frame scores of a file, block by block, in order and without gaps.

    Parameters
    ----------
    estimator : fitted estimator
        ``predict_proba(items)`` gives frame scores: a frame method, or a segmenter around one.
    path : path-like
    block_s : float
        Length of a block (s), rounded up to whole frames. Longer blocks cost less.
    past_s, future_s : float
        Context (s) that the method needs around a frame, see :func:`context_of`.
    grid : Grid, optional
        The method's frame grid, 20 ms by default.

    Yields
    ------
    Block

    Raises
    ------
    DataError
        The file can't be decoded, is truncated or holds NaN.
    MethodError
        A block shorter than a frame, a method that takes sound at several rates or at no known one,
        or a wrong answer of the method.
    """
    grid = grid or Grid()
    sr = method_rate(estimator)
    hop = Fraction(grid.hop_s).limit_denominator(1_000_000)
    unit = (hop * sr).denominator  # frames after which a frame boundary falls on a sample
    block, past, future = (_frames(s, hop, unit) for s in (block_s, past_s, future_s))
    if block < 1:
        raise MethodError(
            f"block_s is {block_s} s, shorter than a frame; give {float(hop)} or more"
        )

    held = np.empty(0, dtype=np.float32)  # sound from frame `first` on
    waiting: list[np.ndarray] = []
    first = start = taken = 0  # frames, frames, samples gone in
    clock = time.perf_counter()
    for chunk, fed_s, last in resampled(path, sr):
        waiting.append(chunk)
        taken += len(chunk)
        n_frames = int(taken / (hop * sr) + Fraction(1, 1_000_000))
        while (ready := start + block + future <= n_frames) or (last and start < n_frames):
            stop = start + block if ready else min(start + block, n_frames)
            held, waiting = np.concatenate([held, *waiting]), []
            # the last blocks see the end of the file as it is, a part of a frame included
            window_end = int((stop + future) * hop * sr) if ready else taken
            window = held[: window_end - int(first * hop * sr)]
            rows = frame_scores(estimator, as_items([Item.from_array(window, sr)]), grid)
            now = time.perf_counter()
            yield Block(
                float(start * hop),
                float(stop * hop),
                rows[start - first : stop - first],
                fed_s - float(start * hop),
                now - clock,
            )
            clock = time.perf_counter()
            kept_from = max(stop - past, 0)
            held = held[int((kept_from - first) * hop * sr) :].copy()
            first, start = kept_from, stop


def context_of(function: Callable[..., Any], params: Mapping[str, Any]) -> tuple[float, float]:
    """Past and future context (s) that a method declares, ``(8.0, 0.0)`` if it doesn't.

    Parameters
    ----------
    function : callable
        A method. Its attribute ``context_s`` is a pair, or a function of the method's parameters
        that gives one.
    params : mapping
        The method's parameters where they differ from their defaults.
    """
    declared = getattr(function, "context_s", CONTEXT_S)
    past, future = declared(**params) if callable(declared) else declared
    return float(past), float(future)


def segmenter(
    estimator: Any, task: Task, grid: Grid | None = None
) -> Callable[[np.ndarray, float], list[Segment]]:
    """How a stream's scores become segments: a function of scores and duration (s).

    A segmenter's own way (``estimator.segment``), or for a frame method
    :func:`mirbench.apply.segments.scores_to_segments`.

    Raises
    ------
    MethodError
        A method that gives segments from the whole recording only.
    """
    if hasattr(estimator, "segment"):
        return estimator.segment
    if task.kind != "frames":
        raise MethodError(
            f"{type(estimator).__name__} needs the whole recording to find its segments; stream a "
            "frame method, label-then-segment or joint-viterbi, or leave the stream out"
        )
    hop_s = (grid or Grid()).hop_s
    return partial(_segments, classes=np.asarray(estimator.classes_), hop_s=hop_s)


def _segments(
    scores: np.ndarray, duration_s: float, *, classes: np.ndarray, hop_s: float
) -> list[Segment]:
    return scores_to_segments(scores, classes, duration_s, hop_s=hop_s)


def report(blocks: Sequence[Block]) -> StreamReport:
    """Latency and cost over the blocks of a stream, at least one."""
    if not blocks:
        raise DataError("the recording is shorter than a frame: nothing to report")
    return StreamReport(
        max(block.latency_s for block in blocks),
        max(block.compute_s for block in blocks),
        sum(block.compute_s for block in blocks) / (blocks[-1].end_s - blocks[0].start_s),
    )


def method_rate(estimator: Any) -> int:
    """Rate (Hz) at which a method takes its sound.

    That of its ``Extract`` steps, or else its parameter ``sr``.

    Raises
    ------
    MethodError
        None, or several.
    """
    frame_method = getattr(estimator, "base", estimator)
    if not hasattr(frame_method, "get_params"):
        frame_method = estimator
    params = {"": frame_method} | frame_method.get_params(deep=True)
    rates = {int(value.sr) for value in params.values() if isinstance(value, Extract)}
    if not rates:
        names = [name for name in params if name.rpartition("__")[2] == "sr"]
        rates = {int(params[name]) for name in names if params[name]}
    if len(rates) != 1:
        found = ", ".join(f"{rate} Hz" for rate in sorted(rates)) or "no rate"
        raise MethodError(
            f"a stream is resampled once, and the method takes {found}; give all its Extract steps "
            "(or its parameter sr) one rate"
        )
    return rates.pop()


def resampled(path: str | Path, sr: int) -> Iterator[tuple[np.ndarray, float, bool]]:
    """Mono sound of a file at ``sr`` Hz, a little at a time.

    Yields
    ------
    chunk : ndarray of float32, shape (n,)
        Together exactly ``floor(duration_s * sr)`` samples, equal to those of ``Item.signal(sr)``.
    fed_s : float
        Sound (s) read so far.
    last : bool
    """
    head = info(path)
    read = max(round(READ_S * head.samplerate), 1)
    resampler = soxr.ResampleStream(head.samplerate, sr, 1, dtype="float32", quality=RESAMPLER)
    wanted = int(np.floor(head.duration_s * sr + 1e-6))
    fed = given = 0
    try:
        with sf.SoundFile(str(path)) as file:
            while fed < head.frames:
                data = file.read(read, dtype="float32", always_2d=True)
                if len(data) == 0:
                    break
                fed += len(data)
                mono = data.mean(axis=1) if data.shape[1] > 1 else data[:, 0]
                if not np.isfinite(mono).all():
                    raise DataError(
                        f"{path}: holds NaN or infinite samples; write it again from its source"
                    )
                last = fed >= head.frames
                if head.samplerate != sr:
                    mono = resampler.resample_chunk(mono, last=last)
                missing = max(wanted - given - len(mono), 0) if last else 0
                mono = np.pad(mono, (0, missing))[: wanted - given]
                given += len(mono)
                yield mono, fed / head.samplerate, last
    except (sf.LibsndfileError, RuntimeError) as error:
        raise DataError(
            f"{path}: not readable as audio ({error}); fetch it again or convert it"
        ) from error
    if fed < head.frames:
        raise DataError(
            f"{path}: truncated, {fed / head.samplerate:.2f} s decoded where "
            f"{head.duration_s:.2f} s are expected; fetch the file again"
        )


def _frames(seconds: float, hop: Fraction, unit: int) -> int:
    """Frames in ``seconds``, rounded up to a multiple of ``unit``."""
    return int(np.ceil(seconds / float(hop * unit) - 1e-6)) * unit
