"""Augmentations of a batch of standardised patches, named, and put behind one another by "+".

Patches are standardised, so 0 is a band's mean and 1 its deviation over the training items. All
ranges are our choice, except where a source is named.
"""

from __future__ import annotations

import numpy as np
import torch

from deep.tracks.batches import Augment
from mirbench.errors import MethodError

MIX = 0.2
"""Both parameters of mixup's beta distribution."""
MASKS, WIDEST = 2, 1 / 6
"""Masks an axis, and the widest as a share of the axis."""
RATES = (0.8, 1.25)
"""Slowest and fastest tempo."""
SHIFT = 1 / 24
"""Largest shift of pitch, as a share of the bands: 4 of 96."""
NOISE = 0.3
"""Largest deviation of the noise."""


def augmentation(names: str) -> Augment | None:
    """One function for names joined by "+", applied in that order; None for "".

    Raises
    ------
    MethodError
        An unknown name.
    """
    if not names:
        return None
    parts = names.split("+")
    if unknown := [name for name in parts if name not in AUGMENTATIONS]:
        raise MethodError(
            f'unknown augmentation "{unknown[0]}": use {", ".join(AUGMENTATIONS)}, joined by "+"'
        )

    def apply(
        x: torch.Tensor, targets: torch.Tensor, rng: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        for name in parts:
            x, targets = AUGMENTATIONS[name](x, targets, rng)
        return x, targets

    return apply


def mixup(
    x: torch.Tensor, targets: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Each patch mixed with another of the batch, its targets in the same proportion.

    Zhang et al. 2018, equation 1; a proportion of its own for each patch.

    Parameters
    ----------
    x : Tensor, shape (batch, channels, frames, bins)
    targets : Tensor, shape (batch, n_outputs)
    rng : Generator
    """
    part = _tensor(rng.beta(MIX, MIX, len(x)), x)
    other = torch.as_tensor(rng.permutation(len(x)), device=x.device)
    mixed = x.index_select(0, other).lerp_(x, part[:, None, None, None])
    return mixed, torch.lerp(targets[other], targets, part[:, None])


def specaugment(
    x: torch.Tensor, targets: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Spans of frames and of bands set to the mean, `MASKS` of each, up to `WIDEST` wide.

    Park et al. 2019, section 2, without its time warp. A waveform, of one band, is masked in time
    only. Parameters as in `mixup`.
    """
    frames = _tensor(_spans(len(x), x.shape[2], rng), x)[:, None, :, None]
    bands = _tensor(_spans(len(x), x.shape[3], rng), x)[:, None, None]
    return x * (frames * bands), targets


def stretch(
    x: torch.Tensor, targets: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Another tempo, within `RATES`, around the middle of the patch, its pitch unchanged.

    Frames are interpolated linearly; a faster patch goes back and forth at its ends.
    Parameters as in `mixup`.
    """
    _need_bands(x, "stretch")
    slow, fast = np.log(RATES)
    rates = np.exp(rng.uniform(slow, fast, len(x)))
    last = x.shape[2] - 1
    places = last / 2 + (np.arange(last + 1) - last / 2) * rates[:, None]
    places = last - np.abs(last - np.abs(places))
    lower, part = _neighbours(places, last)
    rows = torch.arange(len(x), device=x.device)[:, None]
    frames = x.transpose(1, 2)  # (batch, frames, channels, bins)
    low = torch.as_tensor(lower, device=x.device)
    next_ = (low + 1).clamp(max=last)
    weight = _tensor(part, x)[:, :, None, None]
    return torch.lerp(frames[rows, low], frames[rows, next_], weight).transpose(1, 2), targets


def pitch(
    x: torch.Tensor, targets: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Bands moved up or down by up to `SHIFT`, the outer ones repeated, the tempo unchanged.

    On mel bands a shift of pitch only where they are logarithmic, above 1 kHz; below it moves more.
    Parameters as in `mixup`.
    """
    _need_bands(x, "pitch")
    last = x.shape[3] - 1
    shifts = rng.uniform(-SHIFT, SHIFT, len(x)) * (last + 1)
    low, part = _neighbours(np.clip(np.arange(last + 1) - shifts[:, None], 0, last), last)
    mix = np.zeros(
        (len(x), last + 1, last + 1), dtype=np.float32
    )  # a product is faster than gather
    rows, bands = np.ogrid[: len(x), : last + 1]
    mix[rows, low, bands] = 1 - part
    mix[rows, np.minimum(low + 1, last), bands] += part
    return x @ torch.as_tensor(mix, device=x.device)[:, None], targets


def noise(
    x: torch.Tensor, targets: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gaussian noise of a random deviation up to `NOISE`, torch's generator.

    Parameters as in `mixup`.
    """
    levels = _tensor(rng.uniform(0, NOISE, len(x)), x)
    return torch.addcmul(x, torch.randn_like(x), levels[:, None, None, None]), targets


AUGMENTATIONS: dict[str, Augment] = {
    "mixup": mixup,
    "specaugment": specaugment,
    "stretch": stretch,
    "pitch": pitch,
    "noise": noise,
}


def _spans(n: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """What `MASKS` random spans of each of ``n`` rows leave: bool (n, size)."""
    widths = rng.integers(0, int(size * WIDEST) + 1, (MASKS, n, 1))
    starts = rng.integers(0, size - widths + 1)
    places = np.arange(size)
    hidden = (places >= starts) & (places < starts + widths)
    return np.logical_not(hidden.any(axis=0))


def _neighbours(places: np.ndarray, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower neighbour of places on an axis, and how far they are from it."""
    low = np.minimum(places.astype(np.int64), last)
    return low, places - low


def _tensor(values: np.ndarray, like: torch.Tensor) -> torch.Tensor:
    return torch.as_tensor(values, dtype=like.dtype, device=like.device)


def _need_bands(x: torch.Tensor, name: str) -> None:
    if x.shape[3] == 1:
        raise MethodError(
            f'"{name}" moves frames and bands: use mixup, specaugment or noise on waveforms'
        )
