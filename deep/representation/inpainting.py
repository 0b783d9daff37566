"""Context encoder: what lies in rectangles of time and frequency is drawn from what is around them.

Pathak, Krahenbuhl, Donahue, Darrell and Efros 2016, equation 1 and section 3.3 (from memory): blocks that
cover about a quarter are set to the mean, and the squared error counts within them. The paper's adversarial
loss is left out: it makes pictures sharp, and was left out of the features that it reports.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from deep.representation.autoencoder import Autoencoder
from deep.representation.budget import log_mel
from deep.representation.encoder import Representation

RECTANGLES = 5
"""A patch; they may overlap. Sides are 1/8 to 3/8 of the patch's: a quarter of it is hidden. Our choice."""


class Inpainting(Autoencoder):
    """``mean (x - d(e(x hidden)))^2`` over the hidden numbers."""

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean squared error where patches were hidden."""
        n, _, frames, bins = x.shape
        hidden = rectangles(n, frames, bins, x.device)[:, None].expand_as(x)
        drawn = self.decoder(self.encoder.frames(x * ~hidden))
        return functional.mse_loss(drawn[hidden], x[hidden])


def rectangles(n: int, frames: int, bins: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """Bool, (n, frames, bins): whether a number lies in one of a patch's rectangles, drawn at random."""
    rows, columns = _stretches(n, frames, device), _stretches(n, bins, device)
    return (rows[:, :, :, None] & columns[:, :, None, :]).any(dim=1)


def _stretches(n: int, size: int, device: torch.device | str) -> torch.Tensor:
    """One side of each rectangle: bool, (n, RECTANGLES, size)."""
    shape = (n, RECTANGLES, 1)
    length = torch.randint(max(size // 8, 1), 3 * size // 8 + 1, shape, device=device)
    first = (torch.rand(shape, device=device) * (size - length + 1)).long()
    place = torch.arange(size, device=device)
    return (place >= first) & (place < first + length)


def encoder_inpainting(random_state: int = 0) -> Representation:
    """Context encoder: hidden rectangles are drawn from around them.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), Inpainting, random_state=random_state)


encoder_inpainting.family = "deep"  # type: ignore[attr-defined]
encoder_inpainting.cite = "pathak2016context"  # type: ignore[attr-defined]
