"""Bits a sample of nets of the waveform: beside linear predictors, and under the right instrument or another."""

from __future__ import annotations

import numpy as np

from deep.criteria.notes import Notes
from deep.criteria.steps import given
from deep.generative.bits import linear_bits, net_bits
from deep.generative.wavenet import wavenet_by_instrument
from deep.representation.sample_rnn import encoder_samplernn
from deep.representation.wavenet import encoder_wavenet


def waveforms(notes: Notes, seed: int, steps: int | None = None) -> dict[str, float]:
    """Bits a sample of notes that weren't trained on; 256 levels that are all alike cost 8."""
    found = {}
    for name, make in (("WaveNet", encoder_wavenet), ("SampleRNN", encoder_samplernn)):
        net = make(seed).set_params(**given(steps)).fit(notes.X)
        found[f"bits, {name}"] = net_bits(net, notes.T)
    # the levels of both nets are the same
    found["bits, linear, fitted to the training notes"] = linear_bits(net, notes.T, notes.X)
    found["bits, linear, fitted to the 512 samples before"] = linear_bits(net, notes.T, None)
    return found


def told(notes: Notes, seed: int, steps: int | None = None) -> dict[str, float]:
    """A WaveNet that is told the instrument: bits under the right one and under others, and how often the
    right one needs fewest (the mean over classes)."""
    net = wavenet_by_instrument(seed).set_params(**given(steps)).fit(notes.X, notes.y)
    bits = net.bits(notes.T)
    column = np.searchsorted(net.classes_, notes.t)
    right = bits[np.arange(len(notes.t)), column]
    hit = bits.argmin(axis=1) == column
    return {
        "bits, right instrument": float(right.mean()),
        "bits, other instruments": float((bits.sum(axis=1) - right).mean() / (bits.shape[1] - 1)),
        "named by fewest bits (%)": 100 * recall(hit, notes.t),
        "named by chance (%)": 100 / bits.shape[1],
    }


def recall(hit: np.ndarray, t: np.ndarray) -> float:
    """Share of hits of each class, the mean over classes."""
    return float(np.mean([hit[t == c].mean() for c in np.unique(t)]))
