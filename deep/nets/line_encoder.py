"""What all nets of lines hear with: a convolution over the frames, then a GRU in both directions."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

POOL = 2
"""Frames that become one."""


class LineStem(nn.Module):
    """A convolution over 5 frames, ReLU, the maximum of each two frames, layer norm, dropout.

    Parameters
    ----------
    channels, bins : int
        Of the input.
    units : int
        Values a frame.
    dropout : float
    """

    def __init__(self, channels: int, bins: int, units: int, dropout: float) -> None:
        super().__init__()
        self.mix = nn.Conv1d(channels * bins, units, 5, padding=2)
        self.norm = nn.LayerNorm(units)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: torch.Tensor, lengths: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Values (batch, ceil(frames / 2), units) and which of those frames count.

        Parameters
        ----------
        x : Tensor of shape (batch, channels, frames, bins)
            Zeros behind the end of each.
        lengths : Tensor of int64, shape (batch,), optional
            Frames of each, all by default. Whatever a line is padded to, its values are the same.
        """
        rows = torch.relu(self.mix(x.transpose(2, 3).flatten(1, 2)))
        if lengths is not None:
            rows = rows * counted(lengths, rows.shape[2])[:, None]
        rows = nn.functional.max_pool1d(rows, POOL, ceil_mode=True)
        if lengths is None:
            mask = torch.ones_like(rows[:, 0], dtype=torch.bool)
        else:
            mask = counted(-(-lengths // POOL), rows.shape[2])
        return self.dropout(self.norm(rows.transpose(1, 2))), mask


class LineReader(nn.Module):
    """`LineStem`, then a GRU that reads in both directions.

    Parameters
    ----------
    channels, bins, units : int
        ``units`` of the stem, and of the GRU in each direction.
    dropout : float
    """

    def __init__(self, channels: int, bins: int, units: int, dropout: float) -> None:
        super().__init__()
        self.stem = LineStem(channels, bins, units, dropout)
        self.gru = nn.GRU(units, units, batch_first=True, bidirectional=True)

    def forward(
        self, x: torch.Tensor, lengths: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Values (batch, steps, 2 units), which steps count, and the last states (batch, 2 units)."""
        rows, mask = self.stem(x, lengths)
        if lengths is None:
            values, last = self.gru(rows)
            return values, mask, torch.cat([last[0], last[1]], dim=1)
        packed = pack_padded_sequence(
            rows, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        read, last = self.gru(packed)
        values = pad_packed_sequence(read, batch_first=True, total_length=rows.shape[1])[0]
        return values, mask, torch.cat([last[0], last[1]], dim=1)


def counted(lengths: torch.Tensor, n: int) -> torch.Tensor:
    """Which of ``n`` frames are inside lines of those lengths, bool (batch, n)."""
    return torch.arange(n, device=lengths.device) < lengths[:, None]
