"""Two hearings of a waveform that mean the same: the changes of CLMR, each by its chance.

Spijkervet and Burgoyne 2021, section 3: polarity, noise, gain, filter, delay, pitch and reverberation, with
the probabilities of `CHANCES`; their ranges are from memory. Theirs shift pitch at the same tempo and
have reverberation from a sound editor; here pitch moves with tempo, as a record that turns faster, and
reverberation is noise that decays, our choices that stay on the GPU. Every waveform of a batch draws for
itself.
"""

from __future__ import annotations

import math

import torch

SR = 22_050
"""Hz."""
CHANCES = {
    "pitch": 0.6,
    "polarity": 0.8,
    "noise": 0.01,
    "gain": 0.3,
    "filtered": 0.8,
    "delay": 0.3,
    "reverb": 0.6,
}
SEMITONES = 7.0
"""Up or down at most."""
NOISE = (1e-4, 1e-2)
"""Deviation of the noise, of the waveform's."""
GAIN_DB = (-20.0, -1.0)
LOW_PASS, HIGH_PASS = (2200.0, 4000.0), (200.0, 1200.0)
"""Hz, where a filter of second order has lost 3 dB; one of the two, as likely as the other."""
DELAY_S, DELAYED = (0.2, 0.5), 0.5
"""Seconds, and the gain of the echo."""
REVERB_S, WET = (0.1, 1.0), 0.3
"""Seconds in which reverberation falls by 60 dB; its level to the sound's (our choice)."""


def view(x: torch.Tensor, length: int) -> torch.Tensor:
    """A crop, at its pitch or another, then each change by its chance.

    Parameters
    ----------
    x : Tensor, shape (batch, 1, samples, 1)
        Of ``1.5 * length`` samples or more, so that the highest pitch has enough.
    length : int
        Samples of the view.

    Returns
    -------
    Tensor, shape (batch, 1, length, 1)
    """
    waves = x[:, 0, :, 0]
    semitones = _uniform(waves, -SEMITONES, SEMITONES)
    semitones = torch.where(_chosen(waves, "pitch"), semitones, torch.zeros_like(semitones))
    waves = crop(waves, length, 2 ** (semitones / 12))
    for change in (polarity, noise, gain, filtered, delay, reverb):
        waves = torch.where(_chosen(waves, change.__name__), change(waves), waves)
    return waves[:, None, :, None]


def crop(waves: torch.Tensor, length: int, speed: torch.Tensor) -> torch.Tensor:
    """``length`` samples from a random one on, read ``speed`` times as fast, between two linearly.

    Parameters
    ----------
    waves : Tensor, shape (batch, samples)
    length : int
    speed : Tensor, shape (batch, 1)
        ``(length - 1) * speed + 1`` samples must be there.
    """
    room = waves.shape[1] - 1 - (length - 1) * speed
    where = _uniform(waves, 0, 1) * room + torch.arange(length, device=waves.device) * speed
    left = where.floor().long().clamp(max=waves.shape[1] - 2)
    part = (where - left).clamp(0, 1)
    return waves.gather(1, left) * (1 - part) + waves.gather(1, left + 1) * part


def polarity(waves: torch.Tensor) -> torch.Tensor:
    """Upside down."""
    return -waves


def noise(waves: torch.Tensor) -> torch.Tensor:
    """White noise, far below the waveform."""
    return waves + _uniform(waves, *NOISE) * _level(waves) * torch.randn_like(waves)


def gain(waves: torch.Tensor) -> torch.Tensor:
    """Softer by up to 20 dB."""
    return waves * 10 ** (_uniform(waves, *GAIN_DB) / 20)


def filtered(waves: torch.Tensor) -> torch.Tensor:
    """Without the highest or without the lowest frequencies; no phase is turned."""
    hz = torch.fft.rfftfreq(waves.shape[1], 1 / SR, device=waves.device)
    low = (1 + (hz / _uniform(waves, *LOW_PASS)) ** 4).rsqrt()
    high = (1 + (_uniform(waves, *HIGH_PASS) / hz.clamp(min=1e-3)) ** 4).rsqrt()
    kept = torch.where(_uniform(waves, 0, 1) < 0.5, low, high)
    return torch.fft.irfft(torch.fft.rfft(waves) * kept, n=waves.shape[1])


def delay(waves: torch.Tensor) -> torch.Tensor:
    """One echo."""
    late = (_uniform(waves, *DELAY_S) * SR).long()
    where = torch.arange(waves.shape[1], device=waves.device) - late
    return waves + DELAYED * waves.gather(1, where.clamp(min=0)) * (where >= 0)


def reverb(waves: torch.Tensor) -> torch.Tensor:
    """Reverberation of decaying noise, `WET` times the waveform's level."""
    n = waves.shape[1]
    t = torch.arange(n, device=waves.device) / SR
    tail = torch.randn_like(waves) * torch.exp(-math.log(1000) * t / _uniform(waves, *REVERB_S))
    spectrum = torch.fft.rfft(waves, n=2 * n) * torch.fft.rfft(tail, n=2 * n)
    wet = torch.fft.irfft(spectrum, n=2 * n)[:, :n]
    return waves + WET * wet * _level(waves) / _level(wet).clamp(min=1e-9)


def _level(waves: torch.Tensor) -> torch.Tensor:
    """Root mean square of each, (batch, 1)."""
    return waves.square().mean(dim=1, keepdim=True).sqrt()


def _uniform(waves: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """A number for each waveform, (batch, 1)."""
    return low + (high - low) * torch.rand(len(waves), 1, device=waves.device)


def _chosen(waves: torch.Tensor, change: str) -> torch.Tensor:
    return _uniform(waves, 0, 1) < CHANCES[change]
