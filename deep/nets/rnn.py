"""Recurrent net over the frames of a patch, one decision a patch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from deep.nets.stem import FrameStem, MeanMax
from mirbench.errors import MethodError

CELLS: dict[str, type[nn.GRU | nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}


class RNN(nn.Module):
    """3x3 blocks pooled over frequency, a GRU or LSTM, mean and maximum of its states.

    The cells are published, the net around them is ours.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_classes : int
    cell : {"gru", "lstm"}
        [1]_ or [2]_, as PyTorch has them: its GRU resets the state after the matrix, not before.
    units : int
        Of the state, in each direction.
    bidirectional : bool
        Run a second cell from the end to the start.
    widths : sequence of int
        Maps of the 3x3 blocks.
    dropout : float
        Before each dense layer.
    input_pool : int
        Frames averaged before the first block.

    Raises
    ------
    MethodError
        If there is no such cell.

    References
    ----------
    .. [1] K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
       machine translation", EMNLP 2014 (from memory).
    .. [2] S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997
       (from memory).
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_classes: int,
        cell: str = "gru",
        units: int = 48,
        bidirectional: bool = True,
        widths: Sequence[int] = (8, 16),
        dropout: float = 0.2,
        input_pool: int = 2,
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise MethodError(f'no cell "{cell}": use one of {", ".join(CELLS)}')
        channels, _, bins = in_shape
        self.stem = FrameStem(channels, bins, widths, units, dropout, input_pool)
        self.rnn = CELLS[cell](units, units, batch_first=True, bidirectional=bidirectional)
        self.head = MeanMax(units * (1 + bidirectional), n_classes, dropout)

    def states(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, ceil(frames / input_pool), units)."""
        return self.rnn(self.stem(x).transpose(1, 2))[0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_classes)."""
        return self.head(self.states(x).transpose(1, 2))
