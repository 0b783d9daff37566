"""Fully convolutional nets for tagging, FCN-3 to FCN-7, on a log-mel spectrogram of 29 s."""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.norms import MapNorm
from deep.nets.vgg_embedding import MaxPoolFitted
from mirbench.errors import MethodError

BLOCKS: dict[int, tuple[tuple[int, tuple[int, int]], ...]] = {
    3: ((256, (5, 3)), (768, (16, 4)), (2048, (17, 8))),
    4: ((128, (4, 2)), (384, (5, 4)), (768, (8, 3)), (2048, (8, 4))),
    5: ((128, (4, 2)), (256, (4, 2)), (512, (4, 2)), (1024, (5, 3)), (2048, (4, 4))),
}
"""Maps and pool (frames, bins) of each 3x3 block, by number of layers; the paper has (bins, frames).
FCN-3 is from memory."""

TOP: dict[int, tuple[int, ...]] = {3: (), 4: (), 5: (), 6: (1024,), 7: (1024, 1024)}
"""Maps of the 1x1 blocks behind the 3x3 blocks: FCN-6 and FCN-7 are FCN-5 with one and two."""


class FCN(nn.Module):
    """Blocks of 3x3 convolution and max-pooling until one value a map is left, then the outputs.

    Each block is convolution (same size), batch norm, ReLU, max-pooling, dropout. On 1366 frames of
    96 bands the pools leave 1 x 1. On any other input a pool spans at most what is left of the map,
    and the last one all of it, so that 200 frames of 48 bands work too, and any length does: this
    is also how the pools fit the STFT and the MFCC.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` and ``bins`` are not used.
    n_outputs : int
    layers : {3, 4, 5, 6, 7}
        Convolutions before the outputs.
    dropout : float
        After each block.
    width : float
        Scales the maps.

    Raises
    ------
    MethodError
        If there is no net of so many layers.

    References
    ----------
    .. [1] K. Choi, G. Fazekas, M. Sandler, "Automatic tagging using deep convolutional neural
       networks", ISMIR 2016, section 3 (ReLU and FCN-3 from memory; batch norm, biases and dropout as in
       the first author's public code of a narrower FCN-5).
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        layers: int = 4,
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        if layers not in TOP:
            raise MethodError(f"FCN has no variant of {layers} layers: use one of 3, 4, 5, 6, 7")
        maps = in_shape[0]
        blocks: list[nn.Module] = []
        sizes = BLOCKS[min(layers, 5)]
        for i, (channels, pool) in enumerate(sizes, start=1):
            channels = scaled(channels, width)
            last = i == len(sizes)
            fitted = nn.AdaptiveMaxPool2d(1) if last else MaxPoolFitted(pool)
            blocks.append(block(maps, channels, 3, fitted, dropout))
            maps = channels
        for channels in TOP[layers]:
            channels = scaled(channels, width)
            blocks.append(block(maps, channels, 1, nn.Identity(), dropout))
            maps = channels
        self.blocks = nn.Sequential(*blocks)
        self.outputs = nn.Linear(maps, n_outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        return self.outputs(self.blocks(x).flatten(1))


def block(maps: int, channels: int, size: int, pool: nn.Module, dropout: float) -> nn.Sequential:
    """Convolution of ``size`` x ``size``, batch norm, ReLU, the pool, dropout."""
    return nn.Sequential(
        nn.Conv2d(maps, channels, size, padding=size // 2),
        MapNorm(channels),
        nn.ReLU(),
        pool,
        nn.Dropout(dropout),
    )


N_TAGS = 50

FREE_CHOICES = (
    "No batch norm of the input, which the author's code has over time.",
    "Dropout is by value, not by map.",
    "The initial weights are PyTorch's.",
)

ARCHITECTURES = tuple(
    Architecture(
        name, FCN, in_shape, N_TAGS, n_params, source, {"layers": layers}, free + FREE_CHOICES
    )
    for name, in_shape, layers, n_params, source, free in (
        ("FCN-3", (1, 1366, 96), 3, 16_039_218, "recalled", ("Maps and pools are from memory.",)),
        ("FCN-4", (1, 1366, 96), 4, 17_365_938, "derived", ()),
        ("FCN-5", (1, 1366, 96), 5, 25_183_026, "derived", ()),
        (
            "FCN-6",
            (1, 1366, 96),
            6,
            27_232_050,
            "derived",
            ("Dropout follows the 1x1 blocks too.",),
        ),
        (
            "FCN-7",
            (1, 1366, 96),
            7,
            28_283_698,
            "derived",
            ("Dropout follows the 1x1 blocks too.",),
        ),
        (
            "FCN-4 STFT",
            (1, 1366, 128),
            4,
            17_365_938,
            "derived",
            (
                "128 bins (of 256 points), from memory; the pools stay, the last spans the 5 bins left.",
            ),
        ),
        (
            "FCN-4 MFCC",
            (1, 1366, 90),
            4,
            17_365_938,
            "derived",
            (
                "30 MFCC with two differences, from memory; the pools stay, the last spans the 3 rows left.",
            ),
        ),
    )
)
