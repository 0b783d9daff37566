"""Percussion of a catalogue's tracks: five kinds, four patterns, and the waltz."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mirbench.corpora.synthetic import instruments
from mirbench.corpora.synthetic.signals import band, decay, highpass, phase, sine, white

if TYPE_CHECKING:
    from mirbench.corpora.synthetic.catalogue_score import Score

PATTERNS = {  # beats (of four) of the low, the high and the ticking sound
    "four on the floor": ((0, 1, 2, 3), (), (0.5, 1.5, 2.5, 3.5)),
    "backbeat": ((0, 2), (1, 3), (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)),
    "breakbeat": ((0, 0.75, 2.5), (1, 1.75, 3, 3.75), (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)),
    "tresillo": ((0, 1.5, 3), (0.75, 2.25), (0, 1, 2, 3)),
    "": ((0,), (1, 2), (0, 1, 2)),  # in three
}
LEVELS = (1.0, 0.7, 0.3)


def play(score: Score) -> np.ndarray:
    """The percussion of a track, shape (n,)."""
    out, rng, kind = np.zeros(score.n), score.rng, score.plan["percussion"]
    if kind in ("shaker", "handclaps"):
        hit = _shake(score) if kind == "shaker" else clap(score.sr, rng)
        steps = 4 if kind == "shaker" else 1
        for k in range(steps * score.beats):
            if kind == "handclaps" and k % score.bar == 0:
                continue  # claps leave out the first beat of a bar
            score.put(out, hit, k / steps, 1.0 if k % steps == 0 else 0.55)
        return out
    kit, length = _kit(score, kind), score.bar
    for row, sound, level in zip(PATTERNS[score.plan["pattern"]], kit, LEVELS):
        for bar in range(score.beats // length + 1):
            for beat in row:
                if bar * length + beat < score.beats:
                    at = float(bar * length + beat)
                    score.put(out, sound, at, level * rng.uniform(0.85, 1.0))
    return out


def _kit(score: Score, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Low, high and ticking sound."""
    sr, rng = score.sr, score.rng
    size = rng.uniform(0.85, 1.2)
    if kind == "drum kit":
        return (
            instruments.kick(sr, 55 * size),
            instruments.snare(sr, rng, 190 * size),
            instruments.hat(sr, rng, 0.12),
        )
    if kind == "hand drums":
        low, high, rim = (instruments.hand_drum(sr, rng, hz * size) for hz in (110, 240, 420))
        return low, high, rim
    return boom(sr, 48 * size), clap(sr, rng), blip(sr, 3200 * size)


def boom(sr: int, hz: float) -> np.ndarray:
    """Electronic bass drum: a long sine that starts two octaves higher."""
    n = int(0.6 * sr)
    return sine(phase(hz * (1 + 3 * decay(n, sr, 0.06)), sr)) * decay(n, sr, 0.9)


def blip(sr: int, hz: float) -> np.ndarray:
    """Electronic tick: a short high tone."""
    n = int(0.06 * sr)
    return 0.6 * sine(phase(np.full(n, hz), sr)) * decay(n, sr, 0.06)


def clap(sr: int, rng: np.random.RandomState) -> np.ndarray:
    """Hands: three bursts of band noise in 25 ms, then a tail."""
    n = int(0.2 * sr)
    noise = band(white(rng, n), 1400.0, 1200.0, sr)
    envelope = 0.7 * decay(n, sr, 0.22)
    for k in range(3):
        start = int(0.012 * k * sr)
        envelope[start:] += decay(n - start, sr, 0.02)
    return noise * envelope


def _shake(score: Score) -> np.ndarray:
    """Shaker: high noise that swells and stops."""
    n = int(0.07 * score.sr)
    swell = np.minimum(np.arange(n) / (0.4 * n), (n - np.arange(n)) / (0.6 * n))
    return highpass(white(score.rng, n), 4500.0, score.sr) * swell
