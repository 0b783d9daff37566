"""Convolutions over time only, three statistics of what is left: from sound to latent factors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from mirbench.errors import MethodError

CHANNELS = (256, 256, 256, 512)
"""From memory."""
POOLS = (4, 2, 2, 1)
LENGTH = 4
"""Frames that a filter spans."""
UNITS = 2048


class LatentCNN(nn.Module):
    """Four convolutions over time, all bands as channels; mean, maximum and L2 norm; dense layers.

    No padding: 599 frames become 596, 149, 146, 73, 70, 35, 32. Longer inputs work as they are.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        Published: 599 frames of 128 mel bands.
    n_outputs : int
        Published: 40 factors.
    channels : sequence of int
        Of the four convolutions.
    dropout : float
        Before each dense layer but the first.
    width : float
        Scales channels and units.

    Raises
    ------
    MethodError
        If the input is so short that nothing is left.

    References
    ----------
    .. [1] S. Dieleman, "Recommending music on Spotify with deep learning", 2014, a report on the
       author's pages.
    .. [2] A. van den Oord, S. Dieleman, B. Schrauwen, "Deep content-based music recommendation",
       NIPS 2013, section 4.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        channels: Sequence[int] = CHANNELS,
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        maps, frames, bins = in_shape
        if lengths(frames)[-1] < 1:
            raise MethodError(
                f"{frames} frames are too few for the convolutions: use patches of {shortest()} or more"
            )
        n = maps * bins
        layers: list[nn.Module] = []
        for size, pool in zip(channels, POOLS, strict=True):
            layers += [nn.Conv1d(n, scaled(size, width), LENGTH), nn.ReLU()]
            if pool > 1:
                layers.append(nn.MaxPool1d(pool))
            n = scaled(size, width)
        self.time = nn.Sequential(*layers)
        units = scaled(UNITS, width)
        self.dense = nn.Sequential(
            nn.Linear(3 * n, units),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(units, units),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(units, n_outputs),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        return self.dense(statistics(self.time(x.transpose(2, 3).flatten(1, 2))))


def statistics(x: torch.Tensor) -> torch.Tensor:
    """Mean, maximum and L2 norm over time: (batch, channels, frames) -> (batch, 3 * channels).

    The norm is of the mean square, so that it doesn't grow with the length.
    """
    norm = ((x**2).mean(dim=2) + 1e-12).sqrt()  # no endless slope at 0
    return torch.cat([x.mean(dim=2), x.amax(dim=2), norm], dim=1)


def lengths(frames: int) -> list[int]:
    """Frames at the input, after each convolution and after each pool."""
    left = [frames]
    for pool in POOLS:
        left.append(left[-1] - LENGTH + 1)
        if pool > 1:
            left.append(left[-1] // pool)
    return left


def shortest() -> int:
    """Fewest frames that leave one at the end."""
    frames = 1
    for pool in reversed(POOLS):
        frames = frames * pool + LENGTH - 1
    return frames


ARCHITECTURES = (
    Architecture(
        "latent CNN 2014",
        LatentCNN,
        (1, 599, 128),
        40,
        8_607_016,
        "recalled",
        {},
        (
            "Widths 256, 256, 256, 512 are from memory.",
            "The L2 norm is of the mean square over time, not of the sum.",
            "Dropout .5 follows both dense layers; the source says only that they have it.",
            "The initial weights are PyTorch's.",
        ),
    ),
)
