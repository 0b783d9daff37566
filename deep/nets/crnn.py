"""CRNN: four blocks of convolutions, two recurrent layers over what is left of time."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.architecture import Architecture, scaled

POOLS = (2, 3, 4, 4)
"""Of both axes, block by block: 96 bands become 1, 1,440 frames 15 ([1]_, and the authors' code)."""

BUDGETS: dict[str, tuple[tuple[int, ...], int]] = {
    "0.1M": ((30, 60, 60, 60), 30),
    "0.25M": ((47, 95, 95, 95), 47),
    "0.5M": ((68, 137, 137, 137), 68),
    "1M": ((96, 195, 195, 195), 96),
    "3M": ((169, 339, 339, 339), 169),
}
"""Maps and units at the numbers of parameters that the paper compares ([1]_, table 1, from memory)."""


class CRNN(nn.Module):
    """The convolutional recurrent net of Choi et al. 2017.

    Four times 3x3 convolution, batch norm, ELU, max-pooling, dropout; two GRU layers; the last
    state, dropout and a dense layer. Time is padded with zeros on both sides to a multiple of 96
    frames, as the authors' code pads 1,366 to 1,440. Of fewer bands than 96 the later pools span
    what is left (our choice).

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_outputs : int
    width : float
        Scales ``maps`` and ``units``; 16 units at the least.
    maps : tuple of int
        Of the four blocks; 64 and three times 128 in the authors' code.
    units : int
        Of each GRU layer.
    dropout : float
        Before the dense layer; a third of it in the blocks (0.3 and 0.1 in the authors' code).

    References
    ----------
    .. [1] K. Choi, G. Fazekas, M. Sandler, K. Cho, "Convolutional recurrent neural networks for
       music classification", ICASSP 2017, section 2 (from memory).
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        width: float = 1.0,
        maps: tuple[int, ...] = (64, 128, 128, 128),
        units: int = 32,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        layers: list[nn.Module] = []
        self.multiple = 1
        for wanted, pool in zip(maps, POOLS, strict=True):
            size = scaled(wanted, width)
            layers += [
                nn.Conv2d(channels, size, 3, padding=1),
                nn.BatchNorm2d(size),
                nn.ELU(),
                nn.MaxPool2d((pool, min(pool, bins))),
                nn.Dropout(dropout / 3),
            ]
            channels, bins = size, bins // min(pool, bins)
            self.multiple *= pool
        self.blocks = nn.Sequential(*layers)
        units = max(min(units, 16), scaled(units, width))
        self.rnn = nn.GRU(channels * bins, units, num_layers=2, batch_first=True)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(units, n_outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs)."""
        missing = -x.shape[2] % self.multiple
        before = missing // 2
        x = self.blocks(functional.pad(x, (0, 0, before, missing - before)))
        return self.head(self.rnn(x.transpose(1, 2).flatten(2))[0][:, -1])


FREE_CHOICES = (
    "No batch norm of the input: the authors' code normalises each frame's position over the "
    "batch, which ties the net to one length; the estimator standardises bands.",
    "PyTorch's GRU, which has two biases a gate.",
)
ARCHITECTURES = (
    Architecture(
        "crnn",
        CRNN,
        in_shape=(1, 1366, 96),
        n_outputs=50,
        n_params=394_098,
        source="derived",
        free_choices=FREE_CHOICES,
    ),
    Architecture(
        "crnn-1m",
        CRNN,
        in_shape=(1, 1366, 96),
        n_outputs=50,
        n_params=1_000_943,
        source="recalled",
        args={"maps": BUDGETS["1M"][0], "units": BUDGETS["1M"][1]},
        free_choices=(*FREE_CHOICES, "Maps and units of the paper's budgets are from memory."),
    ),
)
