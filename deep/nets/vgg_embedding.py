"""A small VGG-like net over log-mel: one vector a track, whatever its length."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from deep.nets.pooling import POOLINGS
from deep.nets.vgg import BatchNorm
from mirbench.errors import MethodError


class VGGEmbedding(nn.Module):
    """Blocks of 3x3 convolutions with max-pooling, a dense layer a frame, pooling over time.

    After the fully convolutional nets of Choi et al. 2016: every block is convolution, batch norm,
    ReLU, max-pooling. What is left of frequency is joined by a dense layer, time is pooled by a
    layer that can be exchanged, a last dense layer gives the output. Sizes are ours, for a
    processor; the published widths and pools of FCN-4 are ``widths=(128, 384, 768, 2048)``,
    ``pools=((4, 2), (5, 4), (8, 3), (8, 4))`` on 96 bands and 1366 frames, where one frame is left.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_outputs : int
    widths : sequence of int
        Maps of each block.
    depths : sequence of int, optional
        Convolutions in each block; 1 by default.
    pools : sequence of (frames, bins)
        Max-pooling after each block; at most what is left of the map.
    units : int
        Channels that are pooled over time.
    pooling : str
        A name in `deep.nets.pooling.POOLINGS`.
    dropout : float
        Before the last layer.
    normalise : bool
        Bring the output to unit length: an embedding rather than logits.

    Attributes
    ----------
    pool : nn.Module
        The layer over time.

    References
    ----------
    .. [1] K. Choi, G. Fazekas, M. Sandler, "Automatic tagging using deep convolutional neural
       networks", ISMIR 2016, section 3 (blocks from memory).
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        widths: Sequence[int] = (12, 24, 32, 48),
        depths: Sequence[int] | None = None,
        pools: Sequence[tuple[int, int]] = ((2, 2), (2, 2), (1, 2), (1, 2)),
        units: int = 96,
        pooling: str = "mean",
        dropout: float = 0.1,
        normalise: bool = True,
    ) -> None:
        super().__init__()
        if pooling not in POOLINGS:
            raise MethodError(f'unknown pooling "{pooling}": use one of {", ".join(POOLINGS)}')
        maps, _, bins = in_shape
        blocks: list[nn.Module] = []
        for width, depth, pool in zip(widths, depths or [1] * len(widths), pools, strict=True):
            for _ in range(depth):
                blocks += [
                    nn.Conv2d(maps, width, 3, padding=1, bias=False),
                    nn.BatchNorm2d(width),
                    nn.ReLU(),
                ]
                maps = width
            blocks.append(MaxPoolFitted(pool))
            bins //= min(pool[1], bins)
        self.blocks = nn.Sequential(*blocks).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.bands = nn.Sequential(
            nn.Conv1d(maps * bins, units, 1, bias=False), BatchNorm(units), nn.ReLU()
        )
        self.pool = POOLINGS[pooling](units)
        self.dense = nn.Sequential(nn.Dropout(dropout), nn.Linear(units, n_outputs))
        self.normalise = normalise

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        maps = self.blocks(x.contiguous(memory_format=torch.channels_last))
        frames = self.bands(maps.transpose(2, 3).flatten(1, 2))
        out = self.dense(self.pool(frames))
        return nn.functional.normalize(out, dim=1) if self.normalise else out


class MaxPoolFitted(nn.Module):
    """Max-pooling by (frames, bins), over each as far as the map reaches."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, maps, frames, bins) -> (batch, maps, frames // size, bins // size)."""
        size = tuple(min(a, b) for a, b in zip(self.size, x.shape[2:], strict=True))
        return nn.functional.max_pool2d(x, size)
