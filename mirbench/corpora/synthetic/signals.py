"""Building blocks of the synthesised corpora, chosen so that every machine renders the same bytes.

Long arrays only meet IEEE-exact operations (+, -, *, /, comparison, table look-up) and recursive
filters; sines come out of a rounded table, noise out of ``RandomState``'s uniform generator, and
coefficients and gains are rounded to 12 digits before use. What is left (the last bit of a filter's
state) is far smaller than the distance to the next 16-bit step.
"""

from __future__ import annotations

import zlib

import numpy as np
from scipy.signal import lfilter

_TABLE = 8192
_SINE = np.round(np.sin(2 * np.pi * np.arange(_TABLE + 1) / _TABLE), 12)
# Freeverb's mutually prime delays (samples at 44.1 kHz), shortened: combs, then all-passes
_COMBS, _ALLPASSES = (1116, 1277, 1422, 1557), (225, 556)


def random_for(seed: int, name: str) -> np.random.RandomState:
    """Generator of one named thing (a clip, a speaker): independent of what is rendered beside it."""
    return np.random.RandomState([seed, zlib.crc32(name.encode())])


def steady(values):
    """Round to 12 decimals: the last bits of ``sin``, ``exp`` and ``pow`` differ between machines."""
    return np.round(values, 12)


def db(level: float) -> float:
    """Amplitude of a level in dB."""
    return float(steady(10.0 ** (level / 20)))


def midi_hz(note: float) -> float:
    """Frequency (Hz) of a MIDI note number."""
    return float(steady(440.0 * 2.0 ** ((note - 69) / 12)))


def white(rng: np.random.RandomState, n: int) -> np.ndarray:
    """White noise of unit variance, uniformly distributed, shape (n,)."""
    return 3.4641016151 * (rng.random_sample(n) - 0.5)


def phase(hz: np.ndarray, sr: int) -> np.ndarray:
    """Running phase in cycles, in [0, 1), of a frequency track (Hz) of shape (n,)."""
    cycles = np.cumsum(hz / sr)
    return cycles - np.floor(cycles)


def lookup(table: np.ndarray, cycles: np.ndarray) -> np.ndarray:
    """Read one period (last value = first) at phases in [0, 1), with linear interpolation."""
    at = cycles * (len(table) - 1)
    left = at.astype(np.int64)
    return table[left] + (at - left) * (table[left + 1] - table[left])


def sine(cycles: np.ndarray) -> np.ndarray:
    """Sine of phases in cycles, in [0, 1)."""
    return lookup(_SINE, cycles)


def wavetable(partials: np.ndarray, size: int = 2048) -> np.ndarray:
    """One period of a sum of harmonics with amplitudes ``partials``; peak 1."""
    at = np.arange(size + 1) * (_TABLE // size)
    table = np.zeros(size + 1)
    for k, amplitude in enumerate(partials, start=1):
        table += float(steady(amplitude)) * _SINE[(k * at) % _TABLE]
    return table / np.abs(table).max()


def decay(n: int, sr: int, t60_s: float) -> np.ndarray:
    """Exponential envelope from 1 that falls by 60 dB in ``t60_s`` seconds, shape (n,)."""
    return np.cumprod(np.full(n, float(steady(10.0 ** (-3.0 / (t60_s * sr))))))


def fades(n: int, attack: int, release: int) -> np.ndarray:
    """Straight attack and release of so many samples around 1, shape (n,)."""
    at = np.arange(n, dtype=float)
    return np.minimum(1.0, np.minimum((at + 1) / max(attack, 1), (n - at) / max(release, 1)))


def glide(values: np.ndarray, hop: int) -> np.ndarray:
    """Straight lines through frame values: shape (n_frames,) -> (n_frames * hop,)."""
    ends = np.append(values[1:], values[-1])
    lines = ((ends - values) / hop)[:, None] * np.arange(float(hop))
    lines += values[:, None]
    return lines.ravel()


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Centred moving average over ``width`` (odd) frames along the first axis, edges repeated."""
    half = width // 2
    padded = np.concatenate([values[:1].repeat(half + 1, 0), values, values[-1:].repeat(half, 0)])
    sums = np.cumsum(padded, axis=0)
    return (sums[width:] - sums[:-width]) / width


def resonators(hz: np.ndarray, width_hz: np.ndarray, sr: int) -> np.ndarray:
    """Second-order resonators of unit gain at 0 Hz (Klatt 1980), as sections of ``sosfilt``.

    Shapes (..., k) -> (..., k, 6).
    """
    radius = np.exp(-np.pi * width_hz / sr)
    a1 = steady(-2 * radius * np.cos(2 * np.pi * np.minimum(hz, 0.46 * sr) / sr))
    a2 = steady(radius * radius)
    a1, a2 = np.broadcast_arrays(a1, a2)
    zero, one = np.zeros(a1.shape), np.ones(a1.shape)
    return np.stack([1 + a1 + a2, zero, zero, one, a1, a2], axis=-1)


def band(signal: np.ndarray, hz: float, width_hz: float, sr: int) -> np.ndarray:
    """Band-pass of unit gain at its centre (two zeros at 0 Hz and Nyquist)."""
    radius = float(steady(np.exp(-np.pi * min(width_hz, 0.4 * sr) / sr)))
    turn = float(steady(np.cos(2 * np.pi * min(hz, 0.44 * sr) / sr)))
    gain = (1 - radius * radius) / 2
    return lfilter([gain, 0.0, -gain], [1.0, -2 * radius * turn, radius * radius], signal)


def highpass(signal: np.ndarray, hz: float, sr: int) -> np.ndarray:
    """First-order high-pass."""
    pole = float(steady(np.exp(-2 * np.pi * hz / sr)))
    return lfilter([(1 + pole) / 2, -(1 + pole) / 2], [1.0, -pole], signal)


def lowpass(signal: np.ndarray, hz: float, sr: int) -> np.ndarray:
    """First-order low-pass."""
    pole = float(steady(np.exp(-2 * np.pi * hz / sr)))
    return lfilter([1 - pole], [1.0, -pole], signal)


def room(signal: np.ndarray, t60_s: float, sr: int) -> np.ndarray:
    """Reverberation after Schroeder (1962): four parallel combs, two all-passes in series."""
    wet = np.zeros_like(signal)
    for delay in _COMBS:
        lag = delay * sr // 44100
        wet += _comb(signal, lag, float(steady(10.0 ** (-3.0 * lag / (t60_s * sr)))))
    for delay in _ALLPASSES:
        lag = delay * sr // 44100
        loop = _comb(wet, lag, 0.5)
        wet = -0.5 * loop
        wet[lag:] += loop[:-lag]
    return wet / 4


def _comb(signal: np.ndarray, lag: int, gain: float) -> np.ndarray:
    """``y[n] = x[n] + gain * y[n - lag]``, a block of ``lag`` samples at a time."""
    out = np.concatenate([signal, np.zeros(-len(signal) % lag)]).reshape(-1, lag)
    for i in range(1, len(out)):
        out[i] += gain * out[i - 1]
    return out.ravel()[: len(signal)]


def rms(signal: np.ndarray) -> float:
    """Root mean square, rounded so that the order of summation can't be seen."""
    return float(steady(np.sqrt(np.mean(signal * signal))))


def to_level(signal: np.ndarray, level_db: float) -> np.ndarray:
    """Scale to an RMS level (dB re full scale)."""
    return signal * float(steady(db(level_db) / max(rms(signal), 1e-9)))
