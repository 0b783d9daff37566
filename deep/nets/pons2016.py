"""Nets with filters shaped for music: black-box, time, frequency, and time with frequency."""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from mirbench.errors import MethodError

FILTERS = 32
UNITS = 200
DROPOUT = 0.5
"""Before every dense layer."""


class Branch(nn.Module):
    """One convolution without padding, ReLU, max-pooling that drops the remainder.

    A filter or a pool spans at most what is there, so that smaller inputs work.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
    filters : int
    size, pool : tuple (frames, bins)

    Attributes
    ----------
    n_values : int
        Values of an item that come out.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        filters: int,
        size: tuple[int, int],
        pool: tuple[int, int],
    ) -> None:
        super().__init__()
        channels, *axes = in_shape
        size = fitted(size, axes)
        left = [n - k + 1 for n, k in zip(axes, size, strict=True)]
        pool = fitted(pool, left)
        self.conv = nn.Conv2d(channels, filters, size)
        self.pool = nn.MaxPool2d(pool)
        self.n_values = filters * (left[0] // pool[0]) * (left[1] // pool[1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_values)."""
        return self.pool(torch.relu(self.conv(x))).flatten(1)


def fitted(size: tuple[int, int], axes: list[int]) -> tuple[int, int]:
    """``size``, on each axis at most as long as the axis."""
    return min(size[0], axes[0]), min(size[1], axes[1])


class BlackBox(nn.Module):
    """Filters over both axes, pooled by 4 over frequency; two dense layers.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        Published: 80 or 250 frames of 40 mel bands.
    n_outputs : int
    size : tuple (frames, bins)
        Of the filters.
    width : float
        Scales filters and units.

    References
    ----------
    .. [1] J. Pons, T. Lidy, X. Serra, "Experimenting with musically motivated convolutional neural
       networks", CBMI 2016, section III; sizes as in the authors' code. All nets of this file.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        size: tuple[int, int] = (8, 12),
        width: float = 1.0,
    ) -> None:
        super().__init__()
        self.branch = Branch(in_shape, scaled(FILTERS, width), size, (1, 4))
        self.dense = two_dense(self.branch.n_values, n_outputs, width)
        glorot(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        return self.dense(self.branch(x))


class Time(nn.Module):
    """Filters one band high, the maximum over all bands; one dense layer.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
    n_outputs : int
    length : int
        Frames that a filter spans: 60 of 80, or 200 of 250.
    width : float
        Scales the filters.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        length: int = 60,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        self.branch = Branch(in_shape, scaled(FILTERS, width), (length, 1), (1, in_shape[2]))
        self.dense = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(self.branch.n_values, n_outputs))
        glorot(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        return self.dense(self.branch(x))


class Frequency(nn.Module):
    """Filters one frame long, the maximum over all frames; one dense layer.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
    n_outputs : int
    height : int
        Bands that a filter spans: 30, 32 ... 40 of 40.
    width : float
        Scales the filters.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        height: int = 32,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        self.branch = Branch(in_shape, scaled(FILTERS, width), (1, height), (in_shape[1], 1))
        self.dense = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(self.branch.n_values, n_outputs))
        glorot(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        return self.dense(self.branch(x))


class TimeFrequency(nn.Module):
    """The convolutions of `Time` and `Frequency` side by side; two dense layers on both.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
    n_outputs : int
    length, height : int
        Frames and bands that the filters span.
    width : float
        Scales filters and units.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        length: int = 60,
        height: int = 32,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        filters = scaled(FILTERS, width)
        self.time = Branch(in_shape, filters, (length, 1), (1, in_shape[2]))
        self.frequency = Branch(in_shape, filters, (1, height), (in_shape[1], 1))
        self.dense = two_dense(self.time.n_values + self.frequency.n_values, n_outputs, width)
        glorot(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        return self.dense(torch.cat([self.time(x), self.frequency(x)], dim=1))


def load_branches(net: TimeFrequency, time: Time, frequency: Frequency) -> None:
    """Start a net from trained ones (Time-FrequencyInit): its filters become theirs, its dense layers stay.

    The two nets are trained on the training items of the same fold; afterwards all of ``net`` is
    trained.

    Raises
    ------
    MethodError
        If filters differ in number or size.
    """
    for name, branch, trained in (
        ("time", net.time, time.branch),
        ("frequency", net.frequency, frequency.branch),
    ):
        if branch.conv.weight.shape != trained.conv.weight.shape:
            raise MethodError(
                f"the {name} net's filters are {tuple(trained.conv.weight.shape)}, not "
                f"{tuple(branch.conv.weight.shape)}: give it the input, length, height and width of the net"
            )
        branch.load_state_dict(trained.state_dict())


def two_dense(n_values: int, n_outputs: int, width: float) -> nn.Sequential:
    """Dropout, a dense layer, ReLU, dropout, the outputs."""
    units = scaled(UNITS, width)
    return nn.Sequential(
        nn.Dropout(DROPOUT),
        nn.Linear(n_values, units),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(units, n_outputs),
    )


def glorot(net: nn.Module) -> None:
    """Weights uniform after Glorot, biases 0."""
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


SHORT, LONG = (1, 80, 40), (1, 250, 40)
"""1.86 s and 5.8 s of 40 mel bands, a frame every 1024 samples at 44.1 kHz."""

N_GENRES = 8

ARCHITECTURES = (
    Architecture("Black-box 40x80", BlackBox, SHORT, N_GENRES, 3_275_312, "published"),
    Architecture(
        "Black-box 40x250", BlackBox, LONG, N_GENRES, 2_363_440, "published", {"size": (200, 12)}
    ),
    Architecture("Time 40x80", Time, SHORT, N_GENRES, 7_336, "published"),
    Architecture("Time 40x250", Time, LONG, N_GENRES, 19_496, "published", {"length": 200}),
    *(
        Architecture(
            f"Frequency {height}",
            Frequency,
            SHORT,
            N_GENRES,
            n_params,
            "published",
            {"height": height},
        )
        for height, n_params in zip(
            range(30, 41, 2), (3_816, 3_368, 2_920, 2_472, 2_024, 1_576), strict=True
        )
    ),
    Architecture("Time-Frequency", TimeFrequency, SHORT, N_GENRES, 196_816, "published"),
    Architecture("Time-FrequencyInit", TimeFrequency, SHORT, N_GENRES, 196_816, "published"),
)
