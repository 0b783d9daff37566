"""One picture of a recording: waveform, frame scores over it, coloured segments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mirbench.apply.stream import resampled
from mirbench.errors import DataError
from mirbench.frames import Segment

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
"""The palette of Okabe and Ito, told apart by colour-blind readers and in print."""

_COLUMNS = 1600  # points of the drawn curves: more than the width of a page holds


def plot_segments(
    path: str | Path,
    picture: str | Path,
    segments: Sequence[Segment],
    labels: Sequence[str],
    scores: np.ndarray | None = None,
    *,
    truth: Sequence[Segment] | None = None,
    hop_s: float = 0.02,
    title: str = "",
) -> None:
    """Draw a recording and what a method says about it.

    Parameters
    ----------
    path : path-like
        The recording; read a little at a time, so its length doesn't matter.
    picture : path-like
        Written in the format of its suffix (``.png``, ``.pdf``, ``.svg``).
    segments : sequence of (start_s, end_s, code)
    labels : sequence of str
        Label of each code and of each score column.
    scores : ndarray of shape (n_frames, n_labels), optional
        Drawn over the waveform from 0 to 1; columns that are 0 throughout are left out, and of two
        the first, its complement. Long recordings show the mean over each point's span.
    truth : sequence of (start_s, end_s, code), optional
        A second strip below the first.
    hop_s : float
        Frame period of the scores (s).
    title : str

    Raises
    ------
    DataError
        The recording can't be decoded or the picture can't be written.
    """
    low, high, duration_s = envelope(path, _COLUMNS)
    strips = [("estimate", segments)] + ([("truth", truth)] if truth is not None else [])
    figure = Figure(figsize=(10, 2.6 + 0.35 * len(strips)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(
        1 + len(strips), 1, sharex=True, height_ratios=[6] + [1] * len(strips), squeeze=False
    )[:, 0]

    peak = max(float(np.abs(low).max()), float(np.abs(high).max()), 1e-9)
    times = (np.arange(len(low)) + 0.5) * duration_s / len(low)
    wave = axes[0]
    wave.fill_between(times, low / peak, high / peak, color="0.78", linewidth=0, zorder=1)
    wave.set(ylim=(-1.05, 1.05), yticks=[], ylabel="waveform")
    if scores is not None and len(scores) > 1:
        _draw_scores(wave, np.asarray(scores), labels, hop_s)
    for axis, (name, strip) in zip(axes[1:], strips, strict=True):
        _draw_strip(axis, strip, name)
    axes[-1].set_xlabel("time (s)" if duration_s < 600 else "time (min:s)")
    if duration_s >= 600:
        axes[-1].xaxis.set_major_formatter(lambda s, _: f"{int(s) // 60}:{int(s) % 60:02d}")
    axes[-1].set_xlim(0, duration_s)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes[:-1]:
        axis.tick_params(bottom=False)

    shown = sorted({int(code) for _, strip in strips for *_, code in strip})
    handles = [Patch(color=_colour(code), label=labels[code]) for code in shown]
    figure.legend(
        handles=handles, loc="outside upper right", ncols=len(handles), frameon=False, fontsize=9
    )
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    try:
        figure.savefig(picture, dpi=200)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{picture}: can't be written ({error}); name a .png, .pdf or .svg"
        ) from error


def envelope(path: str | Path, n: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Least and greatest sample of ``n`` equal spans of a file (fewer if it is shorter), and its
    length in seconds."""
    lows, highs = [], []
    samples, sr = 0, 8_000
    for chunk, *_ in resampled(path, sr):
        samples += len(chunk)
        pieces = np.array_split(chunk, max(len(chunk) // 80, 1)) if len(chunk) else []
        lows += [float(piece.min()) for piece in pieces]
        highs += [float(piece.max()) for piece in pieces]
    n = min(n, len(lows))
    if n == 0:
        raise DataError(f"{path}: too short to draw")
    edges = np.arange(n) * len(lows) // n
    return np.minimum.reduceat(lows, edges), np.maximum.reduceat(highs, edges), samples / sr


def _draw_scores(axis: Axes, scores: np.ndarray, labels: Sequence[str], hop_s: float) -> None:
    n = min(_COLUMNS, len(scores))
    edges = np.arange(n) * len(scores) // n
    means = np.add.reduceat(scores, edges, axis=0) / np.diff(np.r_[edges, len(scores)])[:, None]
    times = (edges + np.r_[edges[1:], len(scores)]) / 2 * hop_s
    twin = axis.twinx()
    drawn = np.flatnonzero(scores.any(axis=0))
    if len(drawn) == 2:  # the other is its complement
        drawn = drawn[1:]
    for code in drawn:
        twin.plot(times, means[:, code], color=_colour(int(code)), linewidth=0.9, alpha=0.9)
    name = f"score of {labels[drawn[0]]}" if len(drawn) == 1 else "score"
    twin.set(ylim=(-0.025, 1.025), yticks=[0, 0.5, 1], ylabel=name)
    twin.spines["top"].set_visible(False)


def _draw_strip(axis: Axes, segments: Sequence[Segment], name: str) -> None:
    for start, end, code in segments:
        axis.axvspan(start, end, color=_colour(int(code)), linewidth=0)
        axis.axvline(start, color="white", linewidth=0.6)
    axis.set(ylim=(0, 1), yticks=[0.5], yticklabels=[name])
    axis.tick_params(left=False)
    axis.spines["left"].set_visible(False)


def _colour(code: int) -> str:
    return COLOURS[code % len(COLOURS)]
