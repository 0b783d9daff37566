"""The production of an album: what all its tracks share and their tags know nothing of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mirbench.corpora.synthetic.rooms import pcm
from mirbench.corpora.synthetic.signals import (
    band,
    db,
    glide,
    highpass,
    lowpass,
    rms,
    room,
    steady,
    to_level,
    white,
)

HOP_S, REACH = 0.01, 5  # of the compressor: a frame, and frames that it hears to each side
PEAKS = 8  # of an equaliser
NOISE_DB = (-40.0, -16.0)


@dataclass(frozen=True)
class Production:
    """How an album was recorded and mastered.

    Attributes
    ----------
    low, high : float
        Gains of what is below 250 Hz and above 2 kHz.
    peaks : tuple of (Hz, Q, gain)
        Broad resonances (gain > 0) and notches (gain < 0), added to the signal.
    delay_s, echo : float
        A reflection near the microphone, which colours the sound as a comb.
    top_hz, bottom_hz : float
        Bandwidth.
    squeeze : float
        Compression: 0 none, 1 all level changes slower than 0.1 s gone.
    t60_s, wet : float
        Reverberation time and level re the dry sound.
    noise_db : float
        Noise floor re the signal.
    noise_hz, noise_at_hz : float
        Upper edge of the noise, and where it is strongest.
    level_db : float
        RMS re full scale.
    """

    low: float
    high: float
    peaks: tuple[tuple[float, float, float], ...]
    delay_s: float
    echo: float
    top_hz: float
    bottom_hz: float
    squeeze: float
    t60_s: float
    wet: float
    noise_db: float
    noise_hz: float
    noise_at_hz: float
    level_db: float


def draw_production(own: np.random.RandomState) -> Production:
    """An album's production; ``own`` is the album's dice."""
    peaks = []
    for _ in range(PEAKS):
        hz = float(steady(150.0 * 40.0 ** own.random_sample()))
        gain = own.uniform(1.5, 5.0) if own.random_sample() < 0.6 else own.uniform(-0.9, -0.6)
        peaks.append((hz, own.uniform(1.0, 6.0), gain))
    return Production(
        low=db(own.uniform(-12, 10)),
        high=db(own.uniform(-12, 12)),
        peaks=tuple(peaks),
        delay_s=own.uniform(0.0004, 0.0022),
        echo=own.uniform(-0.85, 0.85),
        top_hz=own.uniform(2200, 7800),
        bottom_hz=own.uniform(20, 70),
        squeeze=own.uniform(0.0, 0.6),
        t60_s=own.uniform(0.2, 1.6),
        wet=own.uniform(0.0, 0.8),
        noise_db=own.uniform(*NOISE_DB),
        noise_hz=float(steady(200.0 * 30.0 ** own.random_sample())),
        noise_at_hz=float(steady(200.0 * 30.0 ** own.random_sample())),
        level_db=own.uniform(-36, -14),
    )


def master(dry: np.ndarray, made: Production, sr: int, rng: np.random.RandomState) -> np.ndarray:
    """The recording: 16-bit samples, shape (n,)."""
    signal = _compress(to_level(dry, 0.0), made.squeeze, sr)
    wet = room(signal, made.t60_s, sr)
    signal = signal + wet * float(steady(made.wet * rms(signal) / max(rms(wet), 1e-9)))
    bass, body = lowpass(signal, 250.0, sr), lowpass(signal, 2000.0, sr)
    signal = signal + (made.low - 1) * bass + (made.high - 1) * (signal - body)
    shaped = signal
    for hz, q, gain in made.peaks:
        shaped = shaped + gain * band(signal, hz, hz / q, sr)
    lag = int(made.delay_s * sr)
    reflected = shaped.copy()
    reflected[lag:] += made.echo * shaped[:-lag]
    shaped = highpass(reflected, made.bottom_hz, sr)
    shaped = lowpass(lowpass(shaped, made.top_hz, sr), made.top_hz, sr)
    hiss = white(rng, len(dry))
    noise = lowpass(hiss, made.noise_hz, sr) + band(
        hiss, made.noise_at_hz, made.noise_at_hz / 3, sr
    )
    mixed = to_level(shaped, 0.0) + to_level(noise, made.noise_db)
    return pcm(to_level(mixed, made.level_db))


def _compress(signal: np.ndarray, squeeze: float, sr: int) -> np.ndarray:
    """Gain = (smoothed level) ** -squeeze, a straight line between 10-ms frames."""
    hop = int(HOP_S * sr)
    frames = -(-len(signal) // hop)
    padded = np.concatenate([signal, np.zeros(frames * hop - len(signal))]).reshape(frames, hop)
    level = np.pad(np.mean(padded * padded, axis=1), REACH, mode="edge")
    power = sum(level[k : k + frames] for k in range(2 * REACH + 1)) / (2 * REACH + 1)
    gain = steady(np.maximum(power, 0.003) ** (-squeeze / 2))
    return signal * glide(gain, hop)[: len(signal)]
