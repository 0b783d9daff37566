"""musicnn: filters shaped for timbre and for rhythm, three convolutions over time, two statistics."""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.norms import VectorNorm

SCALE = 1.6
TIMBRAL = int(SCALE * 128)
"""Filters of each timbral shape: 204."""
TEMPORAL = int(SCALE * 32)
"""Filters of each temporal length: 51."""
HEIGHTS = (0.7, 0.4)
"""Shares of the bands that timbral filters span, over 7 frames."""
LENGTHS = (128, 64, 32)
"""Frames that temporal filters span, over one band."""
FRAMES = 7
"""Of the timbral filters and the convolutions over time."""


class MusiCNN(nn.Module):
    """Front-end over time and frequency, mid-end over time, back-end on maximum and mean.

    Front-end: batch norm of the input; timbral and temporal filters side by side, each ReLU, batch
    norm, maximum over frequency. Mid-end: three convolutions over time, ReLU, batch norm, the
    second and third added to what they take; the front-end and all three are joined. Back-end:
    maximum and mean over time, then a dense layer, with batch norm and dropout before each layer.
    Any length of input works.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used. Published: 187 frames (2.99 s) of 96 mel bands at 16 kHz.
    n_outputs : int
    mid : int
        Channels of the mid-end.
    units : int
        Of the dense layer.
    dropout : float
        Before each dense layer.
    width : float
        Scales filters, channels and units.

    References
    ----------
    .. [1] J. Pons, X. Serra, "musicnn: pre-trained convolutional neural networks for music audio
       tagging", ISMIR late-breaking demo 2019; sizes as in the authors' code.
    .. [2] J. Pons, O. Nieto, M. Prockup, E. M. Schmidt, A. F. Ehmann, X. Serra, "End-to-end learning
       for music audio tagging at scale", ISMIR 2018.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        mid: int = 64,
        units: int = 200,
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        timbral, temporal = scaled(TIMBRAL, width), scaled(TEMPORAL, width)
        mid, units = scaled(mid, width), scaled(units, width)
        self.norm = nn.BatchNorm2d(channels)
        self.front = nn.ModuleList(
            [Timbral(channels, timbral, max(1, int(h * bins))) for h in HEIGHTS]
            + [Temporal(channels, temporal, length) for length in LENGTHS]
        )
        front = len(HEIGHTS) * timbral + len(LENGTHS) * temporal
        self.mid = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(n, mid, FRAMES, padding=FRAMES // 2), nn.ReLU(), VectorNorm(mid)
            )
            for n in (front, mid, mid)
        )
        pooled = 2 * (front + 3 * mid)
        self.back = nn.Sequential(
            VectorNorm(pooled),
            nn.Dropout(dropout),
            nn.Linear(pooled, units),
            nn.ReLU(),
            VectorNorm(units),
            nn.Dropout(dropout),
            nn.Linear(units, n_outputs),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        x = self.norm(x)
        front = torch.cat([filters(x) for filters in self.front], dim=1)
        first = self.mid[0](front)
        second = self.mid[1](first) + first
        third = self.mid[2](second) + second
        frames = torch.cat([front, first, second, third], dim=1)
        return self.back(torch.cat([frames.amax(dim=2), frames.mean(dim=2)], dim=1))


class Timbral(nn.Module):
    """Filters over some frames and bands, ReLU, batch norm, maximum over frequency.

    Parameters
    ----------
    channels, filters : int
    height : int
        Bands that a filter spans; frequency isn't padded, time is.
    """

    def __init__(self, channels: int, filters: int, height: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, (FRAMES, height), padding=(FRAMES // 2, 0))
        self.norm = nn.BatchNorm2d(filters)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, filters, frames)."""
        return self.norm(torch.relu(self.conv(x))).amax(dim=3)


class Temporal(nn.Module):
    """Filters over time in each band alone, ReLU, batch norm, maximum over frequency.

    Bands are taken as items of a convolution over time, which on a processor is four times faster
    than a convolution one band high.

    Parameters
    ----------
    channels, filters : int
    length : int
        Frames that a filter spans; zeros fill up, one fewer in front where it is even.
    """

    def __init__(self, channels: int, filters: int, length: int) -> None:
        super().__init__()
        self.pad = ((length - 1) // 2, length // 2)
        self.conv = nn.Conv1d(channels, filters, length)
        self.norm = nn.BatchNorm1d(filters)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, filters, frames)."""
        bands = nn.functional.pad(x.permute(0, 3, 1, 2).flatten(0, 1), self.pad)
        maps = self.norm(torch.relu(self.conv(bands)))
        return maps.unflatten(0, (x.shape[0], x.shape[3])).amax(dim=1)


FREE_CHOICES = (
    "Batch norm of the mid-end feeds the residual sums, as in the authors' released package; their "
    "training code adds the values in front of it.",
    "Initial weights and the constants of batch norm are PyTorch's.",
)

"""787 k is printed for musicnn; its exact count is worked out from the sizes in the authors' code."""

ARCHITECTURES = (
    Architecture("musicnn", MusiCNN, (1, 187, 96), 50, 787_159, "derived", {}, FREE_CHOICES),
    Architecture(
        "musicnn-big",
        MusiCNN,
        (1, 187, 96),
        50,
        7_980_235,
        "derived",
        {"mid": 512, "units": 500},
        FREE_CHOICES,
    ),
)
