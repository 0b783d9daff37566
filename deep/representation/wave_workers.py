"""What PASE's regression workers are to tell of a waveform at 16 kHz, every 10 ms.

Pascual et al. 2019, section 2.2: the log power spectrum, MFCCs, prosody and the waveform itself. Windows are
from memory, how pitch is found is our choice.
"""

from __future__ import annotations

import math
from functools import cache

import librosa
import torch
from torch.nn import functional

SR = 16_000
HOP = 160
N_FFT, WINDOW = 2048, 400
"""Samples: 1,025 bins of 25 ms."""
N_MELS, N_MFCC = 40, 20
LOWEST, HIGHEST = 60.0, 500.0
"""Hz, of the pitch."""
FLOOR = 1e-7


def power(x: torch.Tensor) -> torch.Tensor:
    """Power spectra of centred windows, (batch, steps, 1025) of (batch, steps * 160)."""
    window = torch.hann_window(WINDOW, device=x.device)
    found = torch.stft(x, N_FFT, HOP, WINDOW, window, pad_mode="constant", return_complex=True)
    return found.abs().square()[:, :, : x.shape[1] // HOP].transpose(1, 2)


def spectrum(x: torch.Tensor) -> torch.Tensor:
    """Log power spectrum, (batch, steps, 1025)."""
    return (power(x) + FLOOR).log()


def mfcc(x: torch.Tensor) -> torch.Tensor:
    """Orthonormal DCT-II of log power in 40 mel bands, (batch, steps, 20)."""
    bands = (power(x) @ mel_bands().to(x).T + FLOOR).log()
    angles = math.pi / N_MELS * torch.outer(torch.arange(N_MELS) + 0.5, torch.arange(N_MFCC))
    basis = math.sqrt(2 / N_MELS) * torch.cos(angles)
    basis[:, 0] /= math.sqrt(2)
    return bands @ basis.to(x)


def prosody(x: torch.Tensor) -> torch.Tensor:
    """Log pitch (Hz), how voiced, zero crossings a sample, log energy: (batch, steps, 4).

    Pitch is the lag of the greatest autocorrelation of a window of 50 ms, which over that at lag 0 says
    how voiced it is; where a step isn't voiced the number says little, as nothing is interpolated.
    """
    frames = windows(x, 2 * WINDOW)
    spectra = torch.fft.rfft(frames, n=2 * frames.shape[2]).abs().square()
    lags = torch.fft.irfft(spectra)
    energy = lags[:, :, 0]
    first, last = int(SR / HIGHEST), int(SR / LOWEST)
    best = lags[:, :, first : last + 1].max(dim=2)
    hz = SR / (best.indices + first)
    crossings = (frames[:, :, 1:] * frames[:, :, :-1] < 0).to(x).mean(dim=2)
    voiced = best.values / energy.clamp(min=FLOOR)
    return torch.stack([hz.log(), voiced, crossings, (energy + FLOOR).log()], dim=2)


def waveform(x: torch.Tensor) -> torch.Tensor:
    """The samples of each step, (batch, steps, 160)."""
    return windows(x, HOP)


def windows(x: torch.Tensor, length: int) -> torch.Tensor:
    """``length`` samples around each step, zeros beyond the ends: (batch, steps, length)."""
    beyond = length - HOP
    padded = functional.pad(x, (beyond // 2, beyond - beyond // 2))
    return padded.unfold(1, length, HOP)[:, : x.shape[1] // HOP]


@cache
def mel_bands() -> torch.Tensor:
    """Filters of 40 mel bands, (40, 1025)."""
    return torch.from_numpy(librosa.filters.mel(sr=SR, n_fft=N_FFT, n_mels=N_MELS))


TARGETS = {f.__name__: f for f in (spectrum, mfcc, prosody, waveform)}
