"""Another look at a picture that goes with the same sound: the changes that L3-Net makes in training.

A random crop, a mirror image, and other brightness and saturation (Arandjelovic and Zisserman 2017, from
memory); the amounts are our choice. Every picture of a batch draws for itself.
"""

from __future__ import annotations

import torch
from torch.nn import functional

SHIFT = 8
"""Pixels that a picture is moved by at most, up or down and left or right; edges are repeated."""
BRIGHTNESS, SATURATION = 0.2, 0.3
"""Largest change: of a full range of 2, and as a share of the distance from grey."""


def changed(x: torch.Tensor) -> torch.Tensor:
    """All of the changes, each drawn from torch's generator.

    Parameters
    ----------
    x : Tensor, shape (batch, 3 n, rows, columns)
        In -1...1; red, green and blue of n pictures behind one another, which change alike.

    Returns
    -------
    Tensor of the same shape
    """
    return coloured(mirrored(moved(x)))


def apart(x: torch.Tensor) -> torch.Tensor:
    """The mean of the pictures of a second, then how each differs from it: what stays and what moves.

    Nothing is lost, but a net that starts from small weights sees what moves at once: our choice.

    Parameters
    ----------
    x : Tensor, shape (batch, 3 n, rows, columns)

    Returns
    -------
    Tensor, shape (batch, 3 + 3 n, rows, columns)
    """
    each = x.unflatten(1, (-1, 3))
    mean = each.mean(dim=1, keepdim=True)
    return torch.cat([mean, each - mean], dim=1).flatten(1, 2)


def moved(x: torch.Tensor) -> torch.Tensor:
    """Pictures moved by up to `SHIFT` pixels."""
    rows, columns = x.shape[2:]
    wide = functional.pad(x, (SHIFT,) * 4, mode="replicate")
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, len(x), 1), device=x.device)
    where = torch.arange(len(x), device=x.device)[:, None, None]
    down = (down + torch.arange(rows, device=x.device))[:, :, None]
    right = (right + torch.arange(columns, device=x.device))[:, None]
    return wide.permute(0, 2, 3, 1)[where, down, right].permute(0, 3, 1, 2)


def mirrored(x: torch.Tensor) -> torch.Tensor:
    """Half of the pictures, left and right exchanged."""
    chosen = torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5
    return torch.where(chosen, x.flip(3), x)


def coloured(x: torch.Tensor) -> torch.Tensor:
    """Brighter or darker, and more or less colourful."""
    light, colour = (2 * torch.rand(2, len(x), 1, 1, 1, 1, device=x.device) - 1).unbind()
    each = x.unflatten(1, (-1, 3))
    grey = each.mean(dim=2, keepdim=True)
    return (grey + (1 + SATURATION * colour) * (each - grey) + BRIGHTNESS * light).flatten(1, 2)
