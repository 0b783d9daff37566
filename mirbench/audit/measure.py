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
ABOVE_DB = -70.0  # re the strongest bin: what is softer counts as nothing
EDGE_HZ = 500.0
GAP_HZ = 200.0  # as wide as a filter's slope may be
CUT_DB = 20.0  # our choice: sounds that fade by 12 dB an octave lose 1 dB in such a gap at 4 kHz
LEAST_HZ = 3000.0  # below, it may be where a low voice or instrument ends
FAR = 0.85


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
    codec : str
        Container and coding of the file, ``"OGG VORBIS"``.
    """

    sha256: str
    peak: float
    clipped: float
    numbers: dict[str, float]
    codec: str = ""

    @property
    def sr(self) -> int:
        """Rate of the file (Hz)."""
        return int(self.numbers["sampling rate (Hz)"])

    @property
    def cut_off_hz(self) -> float | None:
        """Where the spectrum ends abruptly far under half the rate (Hz); None where it doesn't.

        Sound itself fades; a lasting fall of `CUT_DB` within `GAP_HZ` is a filter's: of an encoder, a
        line, or a lower rate before. What ends at `FAR` of half the rate or later is usual.
        """
        edge = self.numbers["cut-off (Hz)"]
        steep = self.numbers["fall at the cut-off (dB)"] >= CUT_DB
        return edge if steep and LEAST_HZ <= edge < FAR * self.sr / 2 else None

    @property
    def level_db(self) -> float:
        """RMS re full scale (dB)."""
        return self.numbers["level (dB)"]


def measure(signal: np.ndarray, sr: int, channels: int = 1, codec: str = "") -> Measured:
    """Measure a mono signal.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
        Full scale = 1.
    sr : int
        Rate of the file (Hz).
    channels : int
        Channels of the file.
    codec : str
        Its container and coding.
    """
    magnitude = np.abs(signal)
    level_db = _db(float(np.mean(np.square(signal, dtype=np.float64))))
    frames = _frame_levels(signal, sr)
    power = _spectrum(signal)
    hz = np.arange(len(power)) * sr / N_FFT
    share = np.cumsum(power) / max(float(power.sum()), 1e-20)
    high = float(power[hz > HIGH_HZ].sum() / max(float(power.sum()), 1e-20))
    bandwidth, cut_off, fall = _edges(power, sr)
    numbers = {
        "level (dB)": level_db,
        "bandwidth (Hz)": bandwidth,
        "cut-off (Hz)": cut_off,
        "fall at the cut-off (dB)": fall,
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
        codec=codec,
    )


def _edges(power: np.ndarray, sr: int) -> tuple[float, float, float]:
    """Highest frequency (Hz) over `ABOVE_DB`; where the spectrum ends most abruptly (Hz); how
    abruptly (dB).

    The fall is from the median over `EDGE_HZ` below, which lone partials don't raise, to the loudest
    of all that is `GAP_HZ` and more above.
    """
    bin_hz = sr / N_FFT
    level = 10 * np.log10(np.maximum(power, 1e-20))
    level = np.maximum(level - level.max(), FLOOR_DB)
    highest = float(np.flatnonzero(level > ABOVE_DB)[-1]) * bin_hz
    width, gap = max(2, round(EDGE_HZ / bin_hz)), max(1, round(GAP_HZ / bin_hz))
    if len(level) < 2 * width + gap:
        return highest, 0.0, 0.0
    even = np.convolve(np.pad(level, 2, mode="edge"), np.full(5, 0.2), "valid")
    beyond = np.maximum.accumulate(even[::-1])[::-1]
    below = np.median(np.lib.stride_tricks.sliding_window_view(level, width), axis=1)
    falls = below[: len(level) - width - gap] - beyond[width + gap :]
    falls[below[: len(falls)] < ABOVE_DB] = 0.0
    at = int(np.argmax(falls))
    return highest, (at + width) * bin_hz, float(max(falls[at], 0.0))


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
