"""SampleRNN: slow recurrent nets over frames of samples tell a fast net, sample by sample, what to expect."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from deep.nets.architecture import Architecture, scaled
from deep.nets.wavenet import LEVELS, quantise
from mirbench.errors import MethodError

FRAMES = (64, 16)
"""Samples of a frame, from the slowest tier down; our choice."""
TABLE = 16
"""Numbers that a level of the last samples is looked up as; our choice."""


class SampleRNN(nn.Module):
    """Tiers of GRUs over frames of the past, then a net of the last samples.

    Mehri et al. 2017, section 2 (from memory): a tier hears a frame of samples, linearly, and what the
    tier above says of it; each of its states is spread over the next frame of the tier below by a
    linear map a step. The lowest tier looks up the last samples and adds what it is told. Initial
    states are learned. Samples are levels of WaveNet's mu-law, so that bits compare (the paper's best are
    evenly spaced), and all sizes are our choice, small enough for a processor.

    Parameters
    ----------
    in_shape : tuple (1, samples, 1)
        ``samples`` is not used.
    n_outputs : int
        Width of the lowest tier's first layer, and of the embedding.
    units : int
        Of a tier's GRU.
    frames : sequence of int
        Samples of a frame, from the slowest tier down, each a multiple of the next; the lowest tier
        hears as many samples as the last.
    width : float
        Scales ``units``.

    Raises
    ------
    MethodError
        A frame that isn't a multiple of the next.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int = 64,
        units: int = 64,
        frames: Sequence[int] = FRAMES,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        if any(a % b for a, b in pairwise(frames)):
            raise MethodError(f"frames {tuple(frames)}: each must be a multiple of the next")
        units = scaled(units, width)
        self.sizes = tuple(frames)
        self.steps = (*(a // b for a, b in pairwise(frames)), frames[-1])
        self.peak: torch.Tensor
        self.register_buffer("peak", torch.ones(()))  # of the waveforms that codes span
        told = [units] * (len(frames) - 1) + [n_outputs]
        self.hear = nn.ModuleList(nn.Linear(size, units) for size in frames)
        self.tiers = nn.ModuleList(nn.GRU(units, units, batch_first=True) for _ in frames)
        self.first = nn.ParameterList(torch.zeros(1, 1, units) for _ in frames)
        self.spread = nn.ModuleList(
            nn.Linear(units, steps * n) for steps, n in zip(self.steps, told, strict=True)
        )
        self.table = nn.Embedding(LEVELS, TABLE)
        self.last = nn.Conv1d(TABLE, n_outputs, frames[-1])

    def codes(self, x: torch.Tensor) -> torch.Tensor:
        """Waveforms (batch, 1, samples, 1) as levels, (batch, samples)."""
        return quantise(x[:, 0, :, 0] / self.peak)

    def told(self, codes: torch.Tensor) -> torch.Tensor:
        """What the tiers say of each sample and of the one to come: (batch, samples + 1, n_outputs).

        Column j hears the frames that end before sample j alone.
        """
        length = -(-(codes.shape[1] + 1) // self.sizes[0]) * self.sizes[0]
        x = functional.pad(codes / (LEVELS - 1) * 2 - 1, (0, length - codes.shape[1]))
        above: torch.Tensor | None = None
        parts = zip(self.hear, self.tiers, self.first, self.spread, strict=True)
        for size, steps, (hear, tier, first, spread) in zip(
            self.sizes, self.steps, parts, strict=True
        ):
            past = functional.pad(x, (size, 0))[:, :length].unflatten(1, (-1, size))
            heard = hear(past) if above is None else hear(past) + above
            states = tier(heard, first.expand(-1, len(x), -1).contiguous())[0]
            above = spread(states).unflatten(2, (steps, -1)).flatten(1, 2)
        assert above is not None
        return above[:, : codes.shape[1] + 1]

    def hidden(self, codes: torch.Tensor) -> torch.Tensor:
        """What is known after each sample of the next, rectified: (batch, n_outputs, samples); causal."""
        near = self.table(codes).transpose(1, 2)
        near = self.last(functional.pad(near, (self.sizes[-1] - 1, 0)))
        return (near + self.told(codes)[:, 1:].transpose(1, 2)).relu()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Embedding of each waveform, (batch, n_outputs): the mean of the hidden states."""
        return self.hidden(self.codes(x)).mean(dim=2)


ARCHITECTURES = (
    Architecture(
        "sample-rnn-small",
        SampleRNN,
        (1, 256, 1),
        64,
        159_040,
        "ours",
        free_choices=(
            "Two tiers over frames of 64 and 16 samples, 64 units each: the paper's best has frames of 8 and 2 and 1,024 units (from memory).",
            "The embedding is the mean of the lowest tier's first layer.",
        ),
    ),
)
