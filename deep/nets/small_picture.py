"""The encoder of pictures that all ways of tying sound to sight share: small enough for a processor.

Four 3x3 convolutions, the first two with stride; the greatest value of each map in the picture goes to a
dense layer, as in L3-Net, so that a small thing counts wherever it is. Sizes are our choice, as those of
`deep.nets.small_encoder` for sound.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled

WIDTHS = (16, 32, 64, 64)
STRIDES = (2, 2, 1, 1)
"""Of the four convolutions, rows and columns alike: 48 x 48 pixels give 12 x 12 vectors."""


class SmallPicture(nn.Module):
    """Pictures, or several of one scene behind one another, to vectors.

    Parameters
    ----------
    in_shape : tuple (channels, rows, columns)
        Rows and columns are not used.
    n_outputs : int
        Values of a vector, and of the embedding.
    width : float
        Scales the maps of the convolutions.
    """

    def __init__(
        self, in_shape: tuple[int, int, int], n_outputs: int = 128, width: float = 1.0
    ) -> None:
        super().__init__()
        channels = in_shape[0]
        layers: list[nn.Module] = []
        for maps, stride in zip(WIDTHS, STRIDES, strict=True):
            maps = scaled(maps, width)
            layers += [
                nn.Conv2d(channels, maps, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(maps),
                nn.ReLU(),
            ]
            channels = maps
        self.blocks = nn.Sequential(*layers)
        self.mix = nn.Conv2d(channels, n_outputs, 1)

    def maps(self, x: torch.Tensor) -> torch.Tensor:
        """The dense layer at every place, as if it were all of the picture.

        (batch, channels, rows, columns) -> (batch, n_outputs, ceil(rows / 4), ceil(columns / 4)).
        """
        return self.mix(self.blocks(x))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Embedding of each picture, (batch, n_outputs)."""
        return self.mix(self.blocks(x).amax(dim=(2, 3), keepdim=True)).flatten(1)


ARCHITECTURES = (
    Architecture(
        "small-picture",
        SmallPicture,
        (33, 48, 48),
        128,
        73_328,
        "ours",
        free_choices=("All sizes: no one system's encoder, the one that all pairings share.",),
    ),
)
