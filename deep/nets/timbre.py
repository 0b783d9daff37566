"""Musically shaped filters: tall over frequency, short in time, wherever on the axis they fit."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from deep.nets.stem import MeanMax, pool_frames


class TimbreCNN(nn.Module):
    """Filters that span part of the bands and a few frames, maximum over frequency.

    After Pons et al.: a filter as tall as a timbre's spectral envelope, moved over frequency with
    the maximum taken over its places, answers alike at any pitch [1]_ ; several heights and
    lengths side by side, as in [2]_ (from memory). Heights are shares of the axis. A convolution
    over time and the mean and maximum over time follow, our choice.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_classes : int
    heights : sequence of float
        Shares of the bands that filters span, in (0, 1].
    lengths : sequence of int
        Odd numbers of frames that filters span, after pooling.
    maps : sequence of int
        Filters for each length, of every height.
    input_pool : int
        Frames averaged before the filters.
    units : int
        Channels of the convolution over time.
    dropout : float
        Before the convolution over time and before the last layer.

    References
    ----------
    .. [1] J. Pons, T. Lidy, X. Serra, "Experimenting with musically motivated convolutional neural
       networks", CBMI 2016.
    .. [2] J. Pons, O. Slizovskaia, R. Gong, E. Gomez, X. Serra, "Timbre analysis of music audio
       signals with convolutional neural networks", EUSIPCO 2017.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_classes: int,
        heights: Sequence[float] = (0.9, 0.5, 0.2),
        lengths: Sequence[int] = (1, 5),
        maps: Sequence[int] = (24, 12),
        input_pool: int = 2,
        units: int = 64,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        self.pool = pool_frames(input_pool)
        self.filters = nn.ModuleList(
            TallFilters(channels, width, max(1, round(height * bins)), length)
            for height in heights
            for length, width in zip(lengths, maps)
        )
        self.time = nn.Sequential(
            nn.Dropout(dropout),
            nn.Conv1d(len(heights) * sum(maps), units, 3, padding=1, bias=False),
            nn.BatchNorm1d(units),
            nn.ReLU(),
        )
        self.head = MeanMax(units, n_classes, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_classes)."""
        x = self.pool(x)
        return self.head(self.time(torch.cat([filters(x) for filters in self.filters], dim=1)))


class TallFilters(nn.Module):
    """Convolution without padding over frequency, its maximum over frequency, batch norm, ReLU."""

    def __init__(self, channels: int, maps: int, height: int, length: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            channels, maps, (length, height), padding=(length // 2, 0), bias=False
        )
        self.norm = nn.BatchNorm1d(maps)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, maps, frames)."""
        return torch.relu(self.norm(self.conv(x).max(dim=3).values))
