"""The six inputs of Royo-Letelier 2015: pure functions of a 5-s clip.

Sampling rate 22.05 kHz and hops of 512, 256 and 1024 samples, frames centred: the values that the
printed shapes imply (the report names no parameters). No input follows the clip's level, a
shortcut between speech and music: transforms are taken relative to their mean, MFCC of a clip
brought to one RMS, chroma by frame. Channels lie side by side on the last axis.

==========  ====================================  ==================
input       rows                                  shape for 5 s
==========  ====================================  ==================
``cqt``     6 octaves of 24 bins from C1          216 x 144
``stft``    lowest 700 bins of 1025 (7.5 kHz)     431 x 700
``mfcc``    12 coefficients with c0               108 x 12
``chroma``  12 classes                            108 x 12
``cm``      chroma, MFCC                          108 x (2 x 12)
``cmd``     chroma, MFCC, delta-MFCC              108 x (3 x 12)
==========  ====================================  ==================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mirbench.errors import MethodError
from mirbench.features import spectral

SR = 22_050
LONG_HOP: dict[str, Any] = {"n_fft": 2048, "hop_length": 1024, "framing": "center"}


def cqt(signal: np.ndarray, sr: int) -> np.ndarray:
    """Compressed CQT magnitude, 24 bins an octave from C1 (32.7 Hz) over 6 octaves."""
    magnitude = spectral.cqt(
        signal, sr, hop_length=512, n_bins=144, bins_per_octave=24, framing="center"
    )
    return compress(magnitude)


def stft(signal: np.ndarray, sr: int) -> np.ndarray:
    """Compressed STFT magnitude: 2048-sample Hann frames, bins up to 7.5 kHz."""
    magnitude = spectral.stft_magnitude(
        signal, sr, n_fft=2048, hop_length=256, framing="center", n_bins=700
    )
    return compress(magnitude)


def mfcc(signal: np.ndarray, sr: int) -> np.ndarray:
    """12 MFCC with c0 of the clip at -20 dB RMS, bands floored at -50 dB."""
    return spectral.mfcc(levelled(signal), sr, n_mfcc=12, amin=1e-5, **LONG_HOP)


def delta_mfcc(signal: np.ndarray, sr: int) -> np.ndarray:
    """Slope of `mfcc` over 9 frames."""
    return spectral.delta(mfcc(signal, sr))


def chroma(signal: np.ndarray, sr: int) -> np.ndarray:
    """12 chroma, the largest of each frame one."""
    return spectral.chroma(signal, sr, **LONG_HOP)


INPUTS: dict[str, list[Callable[..., np.ndarray]]] = {
    "cqt": [cqt],
    "stft": [stft],
    "mfcc": [mfcc],
    "chroma": [chroma],
    "cm": [chroma, mfcc],
    "cmd": [chroma, mfcc, delta_mfcc],
}


def functions_of(name: str) -> list[Callable[..., np.ndarray]]:
    """The functions that make up a named input, one a channel.

    Raises
    ------
    MethodError
        If there is no such input.
    """
    if name not in INPUTS:
        raise MethodError(f'no input "{name}": use one of {", ".join(INPUTS)}')
    return INPUTS[name]


def compress(magnitude: np.ndarray) -> np.ndarray:
    """log10(1 + 10 x / mean x): no gain, and 10 dB under the mean is about zero. Our choice."""
    mean = np.float32(max(float(magnitude.mean()), 1e-12))
    return np.log10(1 + 10 * magnitude / mean)


def levelled(signal: np.ndarray) -> np.ndarray:
    """The signal at an RMS of 0.1; silence stays silence."""
    rms = float(np.sqrt(np.mean(np.square(signal, dtype=np.float64))))
    return np.asarray(signal, dtype=np.float32) * np.float32(0.1 / max(rms, 1e-9))
