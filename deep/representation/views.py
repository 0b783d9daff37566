"""Two hearings of a patch that mean the same: chains of changes made to standardised log-mel.

Stand-ins, of our own, for the changes that CLMR makes to the waveform (Spijkervet and Burgoyne 2021,
with their probabilities as in `CHANCES`); a change of polarity isn't seen in log-mel and is left out.
Units are deviations of a band over the training frames, so a gain, the same for all bands here,
is near to one only where bands deviate alike. Every patch of a batch draws for itself.
"""

from __future__ import annotations

import torch

CROP = 48
"""Frames of a view, of a patch of 64."""
CHANCES = {"pitch": 0.6, "filter": 0.8, "delay": 0.3, "reverb": 0.6, "gain": 0.3, "noise": 0.01}
SHIFT = 2
"""Bands up or down, about two semitones where bands are narrowest."""
CUT = 1 / 3
"""Largest share of the bands that a filter takes away."""
GAIN, NOISE = 0.5, 0.3
"""Largest gain, and the deviation of the noise."""
LAG = 8
"""Frames, the longest delay."""
FADE = (0.1, 0.5)
"""What an echo loses, a frame of reverberation or once for a delay."""


def view(x: torch.Tensor, length: int = CROP) -> torch.Tensor:
    """A crop in time, then each change by its chance.

    Parameters
    ----------
    x : Tensor, shape (batch, channels, frames, bins)
        Of ``length`` frames or more.
    length : int
        Frames of the view.

    Returns
    -------
    Tensor, shape (batch, channels, length, bins)
    """
    x = crop(x, length)
    for change in (pitch, filtered, delay, reverb, gain, noise):
        chance = CHANCES["filter" if change is filtered else change.__name__]
        chosen = torch.rand(len(x), 1, 1, 1, device=x.device) < chance
        x = torch.where(chosen, change(x), x)
    return x


def crop(x: torch.Tensor, length: int) -> torch.Tensor:
    """``length`` frames from a random one on."""
    first = _integers(x, 0, x.shape[2] - length)
    rows = first + torch.arange(length, device=x.device)
    return x.gather(2, rows[:, None, :, None].expand(-1, x.shape[1], -1, x.shape[3]))


def pitch(x: torch.Tensor) -> torch.Tensor:
    """Bands moved up or down by up to `SHIFT`, the outermost repeated; not 0."""
    by = _integers(x, 1, SHIFT) * (2 * _integers(x, 0, 1) - 1)
    bands = (torch.arange(x.shape[3], device=x.device) - by).clamp(0, x.shape[3] - 1)
    return x.gather(3, bands[:, None, None].expand_as(x))


def filtered(x: torch.Tensor) -> torch.Tensor:
    """A low- or a high-pass: up to `CUT` of the bands, from one end on, are set to their mean."""
    width = _integers(x, 1, max(1, int(CUT * x.shape[3])))
    bands = torch.arange(x.shape[3], device=x.device)
    low = _integers(x, 0, 1).bool()
    gone = torch.where(low, bands < width, bands >= x.shape[3] - width)
    return x.masked_fill(gone[:, None, None], 0.0)


def delay(x: torch.Tensor) -> torch.Tensor:
    """The patch and a softer echo up to `LAG` frames later: the louder of both in each band."""
    frames = torch.arange(x.shape[2], device=x.device) - _integers(x, 1, LAG)
    echo = x.gather(2, frames.clamp(min=0)[:, None, :, None].expand_as(x)) - _uniform(x, *FADE)
    return torch.where((frames >= 0)[:, None, :, None], torch.maximum(x, echo), x)


def reverb(x: torch.Tensor) -> torch.Tensor:
    """A band falls by no more than a few tenths a frame."""
    slope = _uniform(x, *FADE) * torch.arange(x.shape[2], device=x.device)[:, None]
    return (x + slope).cummax(dim=2).values - slope


def gain(x: torch.Tensor) -> torch.Tensor:
    """Louder or softer by up to `GAIN`."""
    return x + _uniform(x, -GAIN, GAIN)


def noise(x: torch.Tensor) -> torch.Tensor:
    """Gaussian noise, each number its own."""
    return x + NOISE * torch.randn_like(x)


def _integers(x: torch.Tensor, low: int, high: int) -> torch.Tensor:
    """A number of low...high for each patch, (batch, 1)."""
    return torch.randint(low, high + 1, (len(x), 1), device=x.device)


def _uniform(x: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """A number for each patch, (batch, 1, 1, 1)."""
    return low + (high - low) * torch.rand(len(x), 1, 1, 1, device=x.device)
