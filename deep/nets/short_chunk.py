"""Short-chunk CNN: seven small blocks on 3.69 s of log-mel, plain or residual, the maximum over time."""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.norms import MapNorm, VectorNorm
from deep.nets.vgg import HalvePool

CHANNELS = (128, 128, 256, 256, 256, 256, 512)
DROPOUT = 0.5


class ShortChunk(nn.Module):
    """Batch norm, seven blocks that halve the map, the maximum of what is left, two dense layers.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` and ``bins`` are not used. Published: 231 frames (59049 samples at 16 kHz, one
        every 256) of 128 mel bands.
    n_outputs : int
    residual : bool
        Blocks of two convolutions, the first with a step of 2, and a third beside them, rather than
        of one convolution and max-pooling.
    width : float
        Scales maps and units.

    References
    ----------
    .. [1] M. Won, A. Ferraro, D. Bogdanov, X. Serra, "Evaluation of CNN-based automatic music
       tagging models", SMC 2020; sizes as in the authors' code.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        residual: bool = True,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        maps = in_shape[0]
        block = ResidualBlock if residual else plain_block
        layers: list[nn.Module] = [nn.BatchNorm2d(maps)]
        for channels in CHANNELS:
            layers.append(block(maps, scaled(channels, width)))
            maps = scaled(channels, width)
        self.blocks = nn.Sequential(*layers)
        self.dense = nn.Sequential(
            nn.Linear(maps, maps),
            VectorNorm(maps),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(maps, n_outputs),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        return self.dense(self.blocks(x).amax(dim=(2, 3)))


def plain_block(maps: int, channels: int) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU, max-pooling by 2 as long as two values are left."""
    return nn.Sequential(*conv(maps, channels), nn.ReLU(), HalvePool())


class ResidualBlock(nn.Module):
    """ReLU of two 3x3 convolutions, the first with a step of 2, plus a third with that step."""

    def __init__(self, maps: int, channels: int) -> None:
        super().__init__()
        self.long = nn.Sequential(
            *conv(maps, channels, step=2), nn.ReLU(), *conv(channels, channels)
        )
        self.short = nn.Sequential(*conv(maps, channels, step=2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, maps, frames, bins) -> (batch, channels, ceil(frames / 2), ceil(bins / 2))."""
        return torch.relu(self.long(x) + self.short(x))


def conv(maps: int, channels: int, step: int = 1) -> tuple[nn.Module, nn.Module]:
    """3x3 convolution and batch norm."""
    return nn.Conv2d(maps, channels, 3, step, padding=1), MapNorm(channels)


FREE_CHOICES = (
    "The count is of the authors' code; the paper prints none that we know of.",
    "The maximum is taken over frequency too, where more than one row is left.",
    "The initial weights are PyTorch's.",
)

ARCHITECTURES = (
    Architecture(
        "short-chunk",
        ShortChunk,
        (1, 231, 128),
        50,
        3_687_348,
        "derived",
        {"residual": False},
        FREE_CHOICES,
    ),
    Architecture(
        "short-chunk residual",
        ShortChunk,
        (1, 231, 128),
        50,
        12_104_244,
        "derived",
        {},
        FREE_CHOICES,
    ),
)
