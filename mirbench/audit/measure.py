"""Numbers about one item's signal: what the checks of faults and the shortcut probes look at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

FULL_SCALE = 0.9999  # 16-bit audio reaches 32767/32768
FLOOR_DB = -120.0
FRAME_S = 0.02
N_FFT = 2048
HIGH_HZ = 8000.0


@dataclass(frozen=True)
class Measured:
    """One item's signal in numbers.

    Attributes
    ----------
    sha256 : str
        Of the decoded float32 samples and their rate.
    peak : float
        Largest magnitude, full scale = 1.
    clipped : float
        Share of samples at full scale.
    numbers : dict of str to float
        What the probes look at, by name with unit.
    """

    sha256: str
    peak: float
    clipped: float
    numbers: dict[str, float]

    @property
    def level_db(self) -> float:
        """RMS re full scale (dB)."""
        return self.numbers["level (dB)"]


def measure(signal: np.ndarray, sr: int, channels: int = 1) -> Measured:
    """Measure a mono signal.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
        Full scale = 1.
    sr : int
        Rate of the file (Hz).
    channels : int
        Channels of the file.
    """
    magnitude = np.abs(signal)
    level_db = _db(float(np.mean(np.square(signal, dtype=np.float64))))
    frames = _frame_levels(signal, sr)
    power = _spectrum(signal)
    hz = np.arange(len(power)) * sr / N_FFT
    share = np.cumsum(power) / max(float(power.sum()), 1e-20)
    high = float(power[hz > HIGH_HZ].sum() / max(float(power.sum()), 1e-20))
    numbers = {
        "level (dB)": level_db,
        "95 % roll-off (Hz)": float(hz[np.searchsorted(share, 0.95).clip(max=len(hz) - 1)]),
        "99 % roll-off (Hz)": float(hz[np.searchsorted(share, 0.99).clip(max=len(hz) - 1)]),
        "energy above 8 kHz (dB re all)": _db(high),
        "DC offset (re RMS)": abs(float(signal.mean(dtype=np.float64))) / 10 ** (level_db / 20),
        "10th percentile of frame level (dB re level)": float(np.percentile(frames, 10)) - level_db,
        "share of silent frames": float(np.mean(frames <= -90.0)),
        "crest factor (dB)": _db(float(magnitude.max()) ** 2) - level_db,
        "duration (s)": len(signal) / sr,
        "sampling rate (Hz)": float(sr),
        "channels": float(channels),
    }
    return Measured(
        sha256=hashlib.sha256(str(sr).encode() + signal.tobytes()).hexdigest(),
        peak=float(magnitude.max()),
        clipped=float(np.mean(magnitude >= FULL_SCALE)),
        numbers=numbers,
    )


def _frame_levels(signal: np.ndarray, sr: int) -> np.ndarray:
    hop = max(1, min(round(FRAME_S * sr), len(signal)))
    frames = signal[: len(signal) // hop * hop].reshape(-1, hop)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    return 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))


def _spectrum(signal: np.ndarray) -> np.ndarray:
    """Mean power spectrum over blocks of 2048 samples (Hann), shape (1025,)."""
    padded = np.pad(signal, (0, max(0, N_FFT - len(signal))))
    blocks = padded[: len(padded) // N_FFT * N_FFT].reshape(-1, N_FFT)
    return np.mean(np.abs(np.fft.rfft(blocks * np.hanning(N_FFT))) ** 2, axis=0)


def _db(power: float) -> float:
    return 10 * float(np.log10(max(power, 10 ** (FLOOR_DB / 10))))
