"""What is known of a published net: its shapes, its number of parameters, and what was left open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn


@dataclass(frozen=True)
class Architecture:
    """One published variant of a net.

    Attributes
    ----------
    name : str
    net : callable
        ``net(in_shape, n_outputs, **args) -> nn.Module``.
    in_shape : tuple (channels, frames, bins)
        For a waveform ``(1, n_samples, 1)``.
    n_outputs : int
    n_params : int
        Trained parameters at full size.
    source : {"published", "derived", "recalled", "ours"}
        Of ``n_params``: printed by its authors, worked out from shapes they give, recalled from
        memory, or of a net whose sizes are our choice.
    args : mapping
        Arguments of the net.
    free_choices : tuple of str
        What the source leaves open and we chose.
    """

    name: str
    net: Callable[..., nn.Module]
    in_shape: tuple[int, int, int]
    n_outputs: int
    n_params: int
    source: str
    args: Mapping[str, Any] = field(default_factory=dict)
    free_choices: tuple[str, ...] = ()

    def build(self, **changes: Any) -> nn.Module:
        """The net, with some arguments changed (``width=1 / 16``)."""
        return self.net(self.in_shape, self.n_outputs, **{**self.args, **changes})


def n_parameters(net: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(p.numel() for p in net.parameters() if p.requires_grad)


def scaled(channels: int, width: float) -> int:
    """Channels at a width, four at the least (or as many as there are)."""
    return max(min(channels, 4), round(channels * width))
