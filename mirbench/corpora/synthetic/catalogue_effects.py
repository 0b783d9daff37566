"""What is done to a whole track as music: echo, distortion, a moving filter, dynamics, stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mirbench.corpora.synthetic.signals import lowpass, rms, steady

if TYPE_CHECKING:
    from mirbench.corpora.synthetic.catalogue_score import Score

SWEEP_S = 2.0  # the filter opens and closes once
RANGE = 0.1  # softest part of a crescendo, re the loudest


def add_effect(signal: np.ndarray, effect: str, beat_s: float, sr: int) -> np.ndarray:
    """The signal through one of the effects; as it is without one.

    Shape (n,) -> (n,), about as loud as before.
    """
    if effect == "echo":  # three repeats, three quarters of a beat apart
        out, lag = signal.copy(), int(0.75 * beat_s * sr)
        for k, level in ((1, 0.65), (2, 0.45), (3, 0.3)):
            if k * lag < len(signal):
                out[k * lag :] += level * signal[: -k * lag]
        return out
    if effect == "distortion":
        driven = signal * float(steady(7.0 / max(rms(signal), 1e-9)))
        bent = driven / (1 + np.abs(driven))
        return bent * float(steady(rms(signal) / max(rms(bent), 1e-9)))
    if effect == "filter sweep":
        dark = lowpass(lowpass(lowpass(signal, 350.0, sr), 350.0, sr), 350.0, sr)
        cycles = (np.arange(len(signal)) / (SWEEP_S * sr)) % 1.0
        opened = 2 * np.minimum(cycles, 1 - cycles)
        return 1.5 * dark + (signal - dark) * opened * opened
    return signal


def shape(pitched: np.ndarray, percussion: np.ndarray, score: Score) -> np.ndarray:
    """Dynamics and stops over the whole: shapes (n,), (n,) -> (n,)."""
    dynamics, at = score.plan["dynamics"], np.arange(score.n) / score.n
    beat = (np.arange(score.n) / (score.beat_s * score.sr)) % 1.0
    if dynamics == "pumping":
        pitched = pitched * np.minimum(1.0, 0.08 + 1.3 * beat)
    mix = pitched + percussion
    if dynamics in ("crescendo", "fade-out"):
        line = at if dynamics == "crescendo" else 1 - at
        mix = mix * (RANGE + (1 - RANGE) * line * line)
    if score.plan["break"]:  # the last beat of every bar is silent
        place = (np.arange(score.n) / (score.beat_s * score.sr)) % float(score.bar)
        inside = place - (score.bar - 1)
        edge = 0.05
        gate = np.minimum(1.0, np.maximum(0.0, -inside / edge))
        mix = mix * gate
    return mix
