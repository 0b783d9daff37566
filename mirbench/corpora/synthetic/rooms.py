"""Recording conditions: level, bandwidth, room and noise, which differ between the two domains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt

from mirbench.corpora.synthetic.signals import db, lowpass, rms, room, steady, to_level, white

PEAK = 0.89  # -1 dB: nothing clips


@dataclass(frozen=True)
class Domain:
    """How a collection was recorded.

    Attributes
    ----------
    sr : int
        Sampling rate of the files in Hz.
    level_db, spread_db : float
        Mean RMS level of a clip re full scale, and the half-width of its uniform spread (dB).
    snr_db : tuple of float
        Range of the ratio of signal to background noise (dB).
    wet, t60_s : float
        Share of reverberation (0 is dry) and reverberation time (s).
    band_hz : tuple of float or None
        Pass band (Hz, second-order skirts) of the line, or the full band.
    line_db : float
        White noise of a band-limited line, re the signal (dB).
    """

    name: str
    sr: int
    level_db: float
    spread_db: float
    snr_db: tuple[float, float]
    wet: float = 0.0
    t60_s: float = 0.0
    band_hz: tuple[float, float] | None = None
    line_db: float = -40.0


STUDIO = Domain("studio", 22050, -19.0, 2.0, (45.0, 62.0))
PHONE = Domain("phone", 22050, -30.0, 4.0, (25.0, 30.0), 0.45, 0.5, (300.0, 3400.0))
DOMAINS = {domain.name: domain for domain in (STUDIO, PHONE)}


def record(dry: np.ndarray, domain: Domain, rng: np.random.RandomState) -> np.ndarray:
    """What the domain's microphone and line make of a dry signal: 16-bit samples, shape (n,)."""
    signal = dry
    if domain.wet:
        wet = room(dry, domain.t60_s * rng.uniform(0.7, 1.3), domain.sr)
        signal = dry + wet * float(steady(domain.wet * rms(dry) / rms(wet)))
    hiss = white(rng, len(dry))
    hiss = hiss + 6.0 * lowpass(hiss, 300.0, domain.sr)
    signal = to_level(signal, 0.0) + to_level(hiss, -rng.uniform(*domain.snr_db))
    if domain.band_hz is not None:
        sections = butter(2, domain.band_hz, btype="bandpass", fs=domain.sr, output="sos")
        signal = to_level(sosfilt(steady(sections), signal), 0.0)
        signal = signal + to_level(white(rng, len(dry)), domain.line_db)
    signal = to_level(signal, domain.level_db + domain.spread_db * rng.uniform(-1, 1))
    return pcm(signal)


def pcm(signal: np.ndarray) -> np.ndarray:
    """Round to 16 bit; a signal that would pass -1 dB is turned down whole.

    Parameters
    ----------
    signal : ndarray of shape (n,)
        Full scale = 1.

    Returns
    -------
    ndarray of int16, shape (n,)
    """
    peak = float(np.abs(signal).max())
    gain = float(steady(PEAK / peak)) if peak > PEAK else 1.0
    return np.rint(signal * (gain * 32767.0)).astype("<i2")


def under(bed: np.ndarray, voice: np.ndarray, below_db: float) -> np.ndarray:
    """Mix a music bed ``below_db`` dB under a voice of the same length."""
    return voice + bed * float(steady(rms(voice) * db(-below_db) / rms(bed)))
