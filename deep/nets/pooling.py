"""Pooling over time: one value a channel from a sequence of frames, each frame with its weight.

All layers map (batch, channels, frames) to (batch, channels) and take an optional boolean mask
(batch, frames), True where a frame counts. A masked frame has weight 0, whatever it holds. Each
sequence needs one frame that counts.

References
----------
.. [1] B. McFee, J. Salamon, J. P. Bello, "Adaptive pooling operators for weakly labeled sound event
   detection", IEEE/ACM TASLP 26(11), 2018, sections II and III (the layer's formula and its three
   variants; bounds from memory).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import nn

PENALTY = 1e-4
"""Weight of the sum of squared alphas in the regularised variant [1]_."""


class MeanPool(nn.Module):
    """Mean of the frames that count."""

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """(batch, channels, frames) -> (batch, channels)."""
        return weighted(x, torch.zeros_like(x), mask)


class MaxPool(nn.Module):
    """Maximum of the frames that count."""

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """(batch, channels, frames) -> (batch, channels)."""
        if mask is not None:
            x = x.masked_fill(~mask[:, None], -torch.inf)
        return x.amax(dim=2)


class SoftmaxPool(nn.Module):
    """Weights are the softmax over time of the values themselves: autopool with alpha 1."""

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """(batch, channels, frames) -> (batch, channels)."""
        return weighted(x, x, mask)


class AttentionPool(nn.Module):
    """Weights of frames from a small net, the same for all channels.

    The softmax over time of ``v^T tanh(W x_t + b)``, additive attention without a query (our
    choice of form; v starts at 0, so that it starts as the mean).

    Parameters
    ----------
    channels : int
    hidden : int
        Rows of W.
    """

    def __init__(self, channels: int, hidden: int = 32) -> None:
        super().__init__()
        self.hidden = nn.Conv1d(channels, hidden, 1)
        self.score = nn.Conv1d(hidden, 1, 1, bias=False)
        nn.init.zeros_(self.score.weight)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """(batch, channels, frames) -> (batch, channels)."""
        return weighted(x, self.score(torch.tanh(self.hidden(x))), mask)


class AutoPool(nn.Module):
    """Weights ``softmax_t(alpha_c x_tc)``, one learned alpha a channel, 0 at the start.

    Alpha 0 is the mean, 1 the softmax, large the maximum, very negative the minimum.

    Parameters
    ----------
    channels : int
    lowest, largest : float
        Bounds that `project` brings alpha back to, after each step: ``lowest=0`` is the
        constrained variant; see `largest_alpha` for how far ``largest`` lets a frame stand out.
    penalised : bool
        The regularised variant: `penalty` is `PENALTY` times the sum of squares of alpha.

    Attributes
    ----------
    alpha : nn.Parameter of shape (channels,)
    """

    def __init__(
        self,
        channels: int,
        lowest: float = -math.inf,
        largest: float = math.inf,
        penalised: bool = False,
    ) -> None:
        super().__init__()
        self.lowest, self.largest, self.penalised = lowest, largest, penalised
        self.alpha = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """(batch, channels, frames) -> (batch, channels)."""
        return weighted(x, self.alpha[:, None] * x, mask)

    def project(self) -> None:
        """Bring alpha back into its bounds; called after each step of the optimiser."""
        with torch.no_grad():
            self.alpha.clamp_(self.lowest, self.largest)

    def penalty(self) -> torch.Tensor:
        """What is added to the loss, a scalar."""
        return (PENALTY * self.penalised) * (self.alpha**2).sum()


def weighted(x: torch.Tensor, logits: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Sum over time of ``x softmax(logits)``, frames out of the mask left out.

    The softmax subtracts the largest logit first, so no logit overflows.

    Parameters
    ----------
    x : Tensor of shape (batch, channels, frames)
    logits : Tensor
        Broadcasts to the shape of ``x``.
    mask : Tensor of bool, shape (batch, frames), optional
    """
    if mask is not None:
        logits = logits.masked_fill(~mask[:, None], -torch.inf)
        x = x.masked_fill(~mask[:, None], 0)  # 0 times NaN is NaN
    return (torch.softmax(logits, dim=2) * x).sum(dim=2)


def largest_alpha(weight: float, frames: int) -> float:
    """The alpha at which one frame of 1 among zeros weighs ``weight``, in ``frames`` frames.

    Inverse of ``w = e^alpha / (e^alpha + frames - 1)``, for values between 0 and 1.
    """
    return math.log(weight * (frames - 1) / (1 - weight))


POOLINGS: dict[str, Callable[[int], nn.Module]] = {
    "mean": lambda channels: MeanPool(),
    "max": lambda channels: MaxPool(),
    "softmax": lambda channels: SoftmaxPool(),
    "attention": AttentionPool,
    "autopool": AutoPool,
    "autopool-nonnegative": lambda channels: AutoPool(channels, lowest=0),
    "autopool-bounded": lambda channels: AutoPool(channels, lowest=-5, largest=5),
    "autopool-regularised": lambda channels: AutoPool(channels, penalised=True),
}
"""Layers by name, each made for a number of channels; the bound 5 is our choice."""


def project(net: nn.Module) -> None:
    """Bring all constrained pooling layers of a net back into their bounds."""
    for module in net.modules():
        if isinstance(module, AutoPool):
            module.project()


def penalty(net: nn.Module) -> torch.Tensor:
    """Sum of the penalties of all pooling layers of a net, a scalar."""
    terms = [m.penalty() for m in net.modules() if isinstance(m, AutoPool)]
    return torch.stack(terms).sum() if terms else torch.zeros(())
