"""What musicnn was compared with: a VGG-like net, and convolutions over time."""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.norms import MapNorm
from mirbench.errors import MethodError

VGG_POOLS = (
    ((4, 1), (2, 2)),
    ((2, 2), (2, 2)),
    ((2, 2), (2, 2)),
    ((2, 2), (2, 2)),
    ((4, 4), (4, 4)),
)
"""Window and step (frames, bins) of the max-pooling of each block; the first skips every second band."""


class TaggingVGG(nn.Module):
    """Five blocks of 3x3 convolution, ReLU, batch norm and max-pooling; the outputs on all that is left.

    A pool's window spans at most what is left of the map, so that smaller inputs work.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        Published: 187 frames (2.99 s) of 96 mel bands at 16 kHz.
    n_outputs : int
    filters : int
        Of each block: 128 or 32.
    width : float
        Scales the filters.

    References
    ----------
    .. [1] J. Pons, X. Serra, "musicnn: pre-trained convolutional neural networks for music audio
       tagging", ISMIR late-breaking demo 2019; sizes as in the authors' training code.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        filters: int = 128,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        maps, frames, bins = in_shape
        filters = scaled(filters, width)
        layers: list[nn.Module] = [nn.BatchNorm2d(maps)]
        for i, (window, step) in enumerate(VGG_POOLS):
            window = min(window[0], frames), min(window[1], bins)
            layers += [
                nn.Dropout(0.25 if i else 0.0),
                nn.Conv2d(maps, filters, 3, padding=1),
                nn.ReLU(),
                MapNorm(filters),
                nn.MaxPool2d(window, step),
            ]
            maps = filters
            frames, bins = (frames - window[0]) // step[0] + 1, (bins - window[1]) // step[1] + 1
        self.blocks = nn.Sequential(*layers)
        self.outputs = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.5), nn.Linear(maps * frames * bins, n_outputs)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        return self.outputs(self.blocks(x))


class TimeCNN(nn.Module):
    """Two convolutions over time, 8 frames each, with max-pooling by 4; a dense layer on all frames.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        Published: 187 frames (2.99 s) of 96 mel bands at 16 kHz.
    n_outputs : int
    filters, units : int
        Of each convolution, and of the dense layer.
    width : float
        Scales filters and units.

    Raises
    ------
    MethodError
        If the input is so short that nothing is left.

    References
    ----------
    .. [1] S. Dieleman, B. Schrauwen, "End-to-end learning for music audio", ICASSP 2014, as the
       authors of musicnn have it in their training code.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        filters: int = 32,
        units: int = 100,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        maps, frames, bins = in_shape
        left = ((frames - 7) // 4 - 7) // 4
        if left < 1:
            raise MethodError(
                f"{frames} frames are too few for the convolutions: use patches of 51 or more"
            )
        filters, units = scaled(filters, width), scaled(units, width)
        self.norm = nn.BatchNorm2d(maps)
        self.time = nn.Sequential(
            nn.Conv1d(maps * bins, filters, 8),
            nn.ReLU(),
            nn.MaxPool1d(4),
            nn.Conv1d(filters, filters, 8),
            nn.ReLU(),
            nn.MaxPool1d(4),
        )
        self.dense = nn.Sequential(
            nn.Flatten(), nn.Linear(filters * left, units), nn.ReLU(), nn.Linear(units, n_outputs)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        return self.dense(self.time(self.norm(x).transpose(2, 3).flatten(1, 2)))


FREE_CHOICES = ("Initial weights and the constants of batch norm are PyTorch's.",)
"""605 k, 40 k and 66 k are printed; exact counts are worked out from the sizes in the authors' code."""

ARCHITECTURES = (
    Architecture(
        "VGG-128", TaggingVGG, (1, 187, 96), 50, 605_748, "derived", {"filters": 128}, FREE_CHOICES
    ),
    Architecture(
        "VGG-32", TaggingVGG, (1, 187, 96), 50, 40_884, "derived", {"filters": 32}, FREE_CHOICES
    ),
    Architecture("1-D convolution", TimeCNN, (1, 187, 96), 50, 66_784, "derived", {}, FREE_CHOICES),
)
