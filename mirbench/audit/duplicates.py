"""Near duplicates: the same recording at another level, re-encoded, noisy or trimmed.

Fingerprints after Haitsma and Kalker, "A highly robust audio fingerprinting system" (ISMIR 2002;
from memory): one 32-bit word a frame, whose bits are the signs of energy differences between
neighbouring bands, differentiated in time; candidates share words at one offset, and are kept if few
bits differ over the overlap. The frame step is twice the paper's (our choice: half the words).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mirbench.audio import resample

RATE = 5512  # Hz
N_FFT = 2048  # 0.37 s
HOP = 128  # 23 ms
BANDS = 33
EDGES_HZ = (300.0, 2000.0)
SILENT = 1e-7  # power re full scale: frames below are left out
COMMON = 200  # how far apart two equal words may stand in the sorted list to be paired
VOTES = 3  # words two items must share at one offset to be compared
MIN_FRAMES = 60  # compared frames: 1.4 s
MAX_ERRORS = 0.25  # share of differing bits; stricter than the paper's 0.35, over fewer frames


class Fingerprint(NamedTuple):
    """Words (uint32) and whether each frame is loud enough to count, both of shape (n_frames,)."""

    words: np.ndarray
    heard: np.ndarray


class Match(NamedTuple):
    """Items ``first`` and ``second`` (positions) share ``seconds`` s; ``errors`` of the bits differ.

    ``offset_s`` is how much later the shared part starts in ``first``.
    """

    first: int
    second: int
    offset_s: float
    seconds: float
    errors: float


def fingerprint(signal: np.ndarray, sr: int) -> Fingerprint:
    """Fingerprint of a mono signal at ``sr`` Hz; empty below 0.4 s."""
    low = np.asarray(resample(signal, sr, RATE), dtype=np.float32)
    if len(low) < N_FFT + HOP:
        return Fingerprint(np.zeros(0, np.uint32), np.zeros(0, bool))
    frames = np.lib.stride_tricks.sliding_window_view(low, N_FFT)[::HOP]
    window = np.hanning(N_FFT).astype(np.float32)
    edges = np.geomspace(*EDGES_HZ, BANDS + 1) * N_FFT / RATE
    bins = np.unique(np.round(edges).astype(int))
    energy = np.empty((len(frames), len(bins) - 1))
    for start in range(0, len(frames), 512):  # bounded memory
        power = np.abs(np.fft.rfft(frames[start : start + 512] * window)) ** 2
        energy[start : start + 512] = np.add.reduceat(power, bins[:-1], axis=1)
    across = np.diff(energy, axis=1)
    bits = np.diff(across, axis=0) > 0
    words = (bits.astype(np.uint32) << np.arange(bits.shape[1], dtype=np.uint32)).sum(
        axis=1, dtype=np.uint32
    )
    loud = np.mean(np.square(frames), axis=1) > SILENT
    return Fingerprint(words, loud[1:] & loud[:-1])


def near_duplicates(prints: list[Fingerprint]) -> list[Match]:
    """All pairs of items that share a stretch of sound."""
    if not prints:
        return []
    votes = _votes(prints)
    matches: dict[tuple[int, int], Match] = {}
    for first, second, offset in votes:
        for at in (offset, offset - 1, offset + 1):
            frames, errors = _compare(prints[first], prints[second], at)
            known = matches.get((first, second))
            if errors <= MAX_ERRORS and (known is None or errors < known.errors):
                seconds = frames * HOP / RATE
                matches[first, second] = Match(first, second, at * HOP / RATE, seconds, errors)
    return [matches[pair] for pair in sorted(matches)]


def _votes(prints: list[Fingerprint]) -> list[tuple[int, int, int]]:
    """(first, second, offset in frames) for which at least VOTES equal words speak."""
    item = np.concatenate([np.full(p.heard.sum(), i) for i, p in enumerate(prints)])
    frame = np.concatenate([np.flatnonzero(p.heard) for p in prints])
    word = np.concatenate([p.words[p.heard] for p in prints])
    order = np.argsort(word, kind="stable")
    item, frame, word = item[order], frame[order], word[order]
    found = []
    for lag in range(1, COMMON):  # all pairs inside a run of equal words, a lag at a time
        same = np.flatnonzero(word[lag:] == word[:-lag])
        if not len(same):
            break
        first, second = item[same], item[same + lag]
        offset = frame[same] - frame[same + lag]
        other = first != second
        found.append(np.stack([first, second, offset], axis=1)[other])
    if not found:
        return []
    triples, counts = np.unique(np.concatenate(found), axis=0, return_counts=True)
    return [(int(a), int(b), int(d)) for a, b, d in triples[counts >= VOTES]]


def _compare(first: Fingerprint, second: Fingerprint, offset: int) -> tuple[int, float]:
    """Compared frames and share of differing bits when ``second`` starts ``offset`` frames late."""
    start, end = max(0, offset), min(len(first.words), len(second.words) + offset)
    if end - start < MIN_FRAMES:
        return 0, 1.0
    here, there = slice(start, end), slice(start - offset, end - offset)
    heard = first.heard[here] & second.heard[there]
    if heard.sum() < MIN_FRAMES:
        return 0, 1.0
    differing = np.bitwise_count(first.words[here] ^ second.words[there])[heard]
    return int(heard.sum()), float(differing.mean()) / (BANDS - 1)
