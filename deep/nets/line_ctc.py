"""The encoder of lines with a token or a blank at each step, read off by collapsing.

References
----------
.. [1] A. Graves et al., "Connectionist temporal classification", ICML 2006, sections 3 and 4.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.line_encoder import LineReader


class LineCTC(nn.Module):
    """A GRU in both directions reads; each of its steps says a token or nothing [1]_.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_outputs : int
        Tokens besides the blank, which is the last output.
    width : float
        Scales ``units``.
    units : int
        Of stem and GRU, in each direction.
    dropout : float
        Behind the stem and before the readout.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        width: float = 1.0,
        units: int = 64,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        units = scaled(units, width)
        self.blank = n_outputs
        self.reader = LineReader(channels, bins, units, dropout)
        self.readout = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * units, n_outputs + 1))

    def spoken(
        self, x: torch.Tensor, lengths: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Log probabilities (batch, steps, n_outputs + 1) and how many steps of each line count."""
        values, mask, _ = self.reader(x, lengths)
        return torch.log_softmax(self.readout(values), dim=2), mask.sum(dim=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs): the largest score at any step."""
        return self.spoken(x)[0].amax(dim=1)[:, : self.blank]


def collapsed(codes: torch.Tensor, blank: int) -> list[int]:
    """Tokens of a path (steps,): one for each run of the same, without blanks."""
    runs = torch.unique_consecutive(codes)
    return runs[runs != blank].tolist()


ARCHITECTURES = (
    Architecture(
        "line-ctc",
        LineCTC,
        in_shape=(1, 100, 14),
        n_outputs=12,
        n_params=56_269,
        source="ours",
        free_choices=(
            "A convolution, a layer norm and a GRU in both directions read, instead of LSTMs; units.",
            "The forward pass says how likely each token is anywhere.",
        ),
    ),
)
