"""What PASE's regression workers are to tell of a patch, worked out from its standardised log-mel.

Stand-ins, of our own, for numbers that Pascual et al. 2019 take from the waveform. All of them are means
over the encoder's step of four frames, but the tempogram, which is one a patch.
"""

from __future__ import annotations

import math

import torch

from deep.nets.small_encoder import HOP

N_MFCC = 20
LOW, HIGH = 40.0, 7800.0
"""Hz, the range of the bands (`deep.similarity.inputs.track_logmel`)."""


def spectrum(x: torch.Tensor) -> torch.Tensor:
    """The bands themselves, in place of the log power spectrum."""
    return per_step(x[:, 0])


def mfcc(x: torch.Tensor, n_mfcc: int = N_MFCC) -> torch.Tensor:
    """Coefficients of an orthonormal DCT-II of standardised bands, (batch, steps, n_mfcc)."""
    n = x.shape[3]
    angles = math.pi / n * torch.outer(torch.arange(n) + 0.5, torch.arange(n_mfcc))
    basis = math.sqrt(2 / n) * torch.cos(angles)
    basis[:, 0] /= math.sqrt(2)
    return per_step(x[:, 0] @ basis.to(x))


def prosody(x: torch.Tensor) -> torch.Tensor:
    """Energy, zero crossings, voicing, pitch: (batch, steps, 4).

    By proxy: the mean over bands; the centre of the spectrum, which crossings rise with; by how much
    the loudest band of the lower half stands out; and which one that is.
    """
    bands = x[:, 0]
    n = bands.shape[2]
    place = torch.arange(n, device=x.device) / n
    energy = bands.mean(dim=2)
    centre = (bands.softmax(dim=2) * place).sum(dim=2)
    peak = bands[:, :, : n // 2].max(dim=2)
    return per_step(torch.stack([energy, centre, peak.values - energy, place[peak.indices]], dim=2))


def chroma(x: torch.Tensor) -> torch.Tensor:
    """Mean of the bands whose centres are nearest to a pitch class, (batch, steps, 12).

    Coarse: from about 300 Hz on a band is wider than a semitone.
    """
    n = x.shape[3]
    low, high = (2595 * math.log10(1 + f / 700) for f in (LOW, HIGH))
    mels = low + (high - low) * torch.arange(1, n + 1) / (n + 1)
    hz = 700 * (10 ** (mels / 2595) - 1)
    classes = (12 * torch.log2(hz / 440)).round().long() % 12
    member = torch.nn.functional.one_hot(classes, 12).to(x)
    return per_step(x[:, 0] @ (member / member.sum(dim=0).clamp(min=1)))


def tempogram(x: torch.Tensor) -> torch.Tensor:
    """Autocorrelation of the rise of the bands, at lags of 1 frame to half a patch: (batch, lags)."""
    rise = x[:, 0].diff(dim=1).clamp(min=0).mean(dim=2)
    rise = rise - rise.mean(dim=1, keepdim=True)
    n = rise.shape[1]
    power = torch.fft.rfft(rise, n=2 * n).abs() ** 2
    lags = torch.fft.irfft(power, n=2 * n)[:, : n // 2 + 1]
    return lags[:, 1:] / lags[:, :1].clamp(min=1e-6)


def per_step(rows: torch.Tensor) -> torch.Tensor:
    """Means over the encoder's steps: (batch, frames, n) -> (batch, frames / 4, n)."""
    return rows.unflatten(1, (-1, HOP)).mean(dim=2)


TARGETS = {f.__name__: f for f in (spectrum, mfcc, prosody, chroma, tempogram)}
