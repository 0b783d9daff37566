"""Near duplicates: the same recording at another level, re-encoded, noisy, resampled or trimmed.

Fingerprints after Haitsma and Kalker, "A highly robust audio fingerprinting system" (ISMIR 2002;
from memory): one 32-bit word a frame, whose bits are the signs of energy differences between
neighbouring bands, differentiated in time; candidates share words at one offset, and are kept if few
bits differ over the overlap. The frame step is twice the paper's (our choice: half the words).

Why these thresholds. Of unrelated sounds half of the bits differ, and of a mix of one common and one
other part, ``arccos(share of the power that is common) / pi`` of them for Gaussian signals: a third
where half the power is common, as in two tracks over one loop at equal levels, a quarter from 71 %
on. Up to `MAX_ERRORS` (a quarter) something is shared. Re-encoding and noise change up to a third of
the bits in soft and steady sounds; between that and the paper's 0.35 (`MAX_ERRORS_COPY`) only copies
are told.

The bits follow the notes, so that another take of a score changes as few as a copy does (0.07 to 0.21 of
played sample banks whose onsets vary by 20 ms): the levels tell copies. But for one gain a band, which a
filter may have changed, the loud levels of copies differ by 0 to 0.62 dB in the median (1,091 pairs of
encoded, trimmed, noisy, resampled and mixed copies, 40 filtered ones), of takes by 0.70 dB or more (52
pairs, strengths varied by 30 %). What differs by more than `SAME_DB`, or in over `SURE_ERRORS` of the bits
of a part under `SURE_S`, is ``alike``: another take, or a shared part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mirbench.audio import resample

RATE = 5512  # Hz
N_FFT = 2048  # 0.37 s
HOP = 128  # 23 ms
BANDS = 33
EDGES_HZ = (300.0, 2000.0)
SILENT = 1e-10  # power re full scale, about that of 16-bit rounding: frames below are left out
COMMON = 200  # how far apart two equal words may stand in the sorted list to be paired
VOTES = 2  # words two items must share at one offset to be compared
MIN_FRAMES = 60  # compared frames: 1.4 s
MAX_ERRORS = 0.25  # share of differing bits up to which something is shared
MAX_ERRORS_COPY = 0.35  # where levels agree too
SAME_DB = 0.65  # median difference of the levels of a copy's loud bands, a gain a band taken off
SURE_ERRORS = 0.15  # more than these in less than
SURE_S = 2.5  # prove no copy
LEVEL_STEP = 4  # frames: levels are kept every 93 ms, a quarter of the window
LEVEL_DB = 0.25  # resolution of kept levels
LOUD_DB = -30.0  # re the loudest band: softer ones aren't compared
OFFSETS = 1 << 24  # frames: bound of an offset inside a packed number, 54 h


class Fingerprint(NamedTuple):
    """What is kept of a sound.

    ``words`` (uint32) and ``heard`` (bool, whether the frame is loud enough to count) have shape
    (n_frames,); ``levels`` (uint8, shape (ceil(n_frames / LEVEL_STEP), BANDS)) holds how many
    ``LEVEL_DB`` each band is below the loudest one.
    """

    words: np.ndarray
    heard: np.ndarray
    levels: np.ndarray


class Match(NamedTuple):
    """Items ``first`` and ``second`` (positions) share ``seconds`` s; ``errors`` of the bits differ.

    ``offset_s`` is how much later the shared part starts in ``first``; ``levels_db`` how much the
    levels of their bands differ there (median, dB).
    """

    first: int
    second: int
    offset_s: float
    seconds: float
    errors: float
    levels_db: float

    @property
    def alike(self) -> bool:
        """Whether they are no copies, but takes of one score or share a part."""
        short = self.errors > SURE_ERRORS and self.seconds < SURE_S
        return short or self.levels_db > SAME_DB


def fingerprint(signal: np.ndarray, sr: int) -> Fingerprint:
    """Fingerprint of a mono signal at ``sr`` Hz; empty below 0.4 s."""
    low = np.asarray(resample(signal, sr, RATE), dtype=np.float32)
    if len(low) < N_FFT + HOP:
        nothing = np.zeros((0, BANDS), np.uint8)
        return Fingerprint(np.zeros(0, np.uint32), np.zeros(0, bool), nothing)
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
    kept = 10 * np.log10(np.maximum(energy[:-1:LEVEL_STEP], 1e-12) / max(energy.max(), 1e-12))
    levels = np.clip(np.round(-kept / LEVEL_DB), 0, 255).astype(np.uint8)
    return Fingerprint(words, loud[1:] & loud[:-1], levels)


def comparable(print_: Fingerprint) -> bool:
    """Whether an item is long and loud enough to be compared with others."""
    return int(print_.heard.sum()) >= MIN_FRAMES


def near_duplicates(prints: Sequence[Fingerprint]) -> list[Match]:
    """All pairs of items that share a stretch of sound."""
    if not prints:
        return []
    matches: dict[tuple[int, int], Match] = {}
    for first, second, offset in _votes(prints):
        for at in (offset, offset - 1, offset + 1):
            frames, errors = _compare(prints[first], prints[second], at)
            known = matches.get((first, second))
            if errors > MAX_ERRORS_COPY or (known is not None and errors >= known.errors):
                continue
            apart_db = _levels_apart(prints[first].levels, prints[second].levels, at)
            seconds = frames * HOP / RATE
            match = Match(first, second, at * HOP / RATE, seconds, errors, apart_db)
            if errors <= MAX_ERRORS or not match.alike:
                matches[first, second] = match
    return [matches[pair] for pair in sorted(matches)]


def _votes(prints: Sequence[Fingerprint]) -> list[tuple[int, int, int]]:
    """(first, second, offset in frames) for which at least VOTES equal words speak."""
    item = np.concatenate([np.full(p.heard.sum(), i, np.int64) for i, p in enumerate(prints)])
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
        packed = (first * len(prints) + second) * OFFSETS + offset + OFFSETS // 2
        found.append(packed[first != second])
    if not found:
        return []
    packed, counts = np.unique(np.concatenate(found), return_counts=True)
    pairs, offsets = np.divmod(packed[counts >= VOTES], OFFSETS)
    firsts, seconds = np.divmod(pairs, len(prints))
    return list(zip(firsts.tolist(), seconds.tolist(), (offsets - OFFSETS // 2).tolist()))


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


def _levels_apart(first: np.ndarray, second: np.ndarray, offset: int) -> float:
    """Median difference (dB) of the loud bands' levels, a gain a band taken off; offset in frames.

    Copies needn't be cut at a frame: near the limit the least of three offsets half a frame apart counts.
    """
    apart = _apart(first, second, offset)
    if not SAME_DB < apart <= 2 * SAME_DB:
        return apart
    return min(apart, *(_apart(first, second, offset + part) for part in (-0.5, 0.5)))


def _apart(first: np.ndarray, second: np.ndarray, offset: float) -> float:
    at = np.arange(len(first)) - offset / LEVEL_STEP
    inside = (at >= 0) & (at <= len(second) - 1)
    if not inside.any():
        return np.inf
    before = np.floor(at[inside]).astype(int)
    after = np.minimum(before + 1, len(second) - 1)
    part = (at[inside] - before)[:, None]
    here = -LEVEL_DB * first[inside].astype(float)
    there = -LEVEL_DB * ((1 - part) * second[before] + part * second[after])
    loud = np.maximum(here - here.max(), there - there.max()) > LOUD_DB
    ordered = np.sort(
        np.where(loud, here - there, np.inf), axis=0
    )  # of each band, the loud ones first
    n, band = loud.sum(axis=0), np.arange(loud.shape[1])
    middle = (
        ordered[np.maximum(n - 1, 0) // 2, band],
        ordered[np.minimum(n // 2, len(loud) - 1), band],
    )
    gain = np.where(n > 0, (middle[0] + middle[1]) / 2, 0.0)
    return float(np.median(np.abs(here - there - gain)[loud]))
