"""The net of SPICE: encoder, pitch and confidence heads, decoder, and its losses (Gfeller et al. 2020).

Numbers of equations are from memory.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from deep.pitch.cqt import SLICE

SIGMA = 1 / SLICE
"""Change of output that a shift by one bin is to make: a slice spans the unit interval."""
TAU = 0.25 * SIGMA
WEIGHTS = (1e4, 1.0)
"""Of the pitch and the reconstruction loss."""
GROWTH = (1, 2, 4, 8, 8, 8)
"""Filters of the six convolutions, times ``width``: 64 to 512 for 64."""
HIDDEN = 48


class SpiceNet(nn.Module):
    """Slices of 128 bins in; pitch, confidence and the slice again out.

    Six convolutions (width 3, batch norm, ReLU, max-pooling 3 by 2) and dense layers of 48 and 1 are the
    pitch, which no sigmoid bends (our choice: tones fill nine tenths of its range). The confidence is read
    off the same features, with no gradient back into them; the decoder makes the slice from the pitch
    alone, by such layers the other way round.
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        filters = [width * g for g in GROWTH]
        body: list[nn.Module] = []
        for before, after in zip([1, *filters[:-1]], filters):
            body += [
                nn.Conv1d(before, after, 3, padding=1, bias=False),
                nn.BatchNorm1d(after),
                nn.ReLU(),
                nn.MaxPool1d(3, 2, padding=1),
            ]
        self.body = nn.Sequential(*body, nn.Flatten())
        n = filters[-1] * SLICE // 64
        self.head = nn.Sequential(nn.Linear(n, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
        self.sure = nn.Sequential(nn.Linear(n, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
        back: list[nn.Module] = [
            nn.Linear(1, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, n),
            nn.ReLU(),
            nn.Unflatten(1, (filters[-1], SLICE // 64)),
        ]
        for before, after in zip(filters[::-1], [*filters[-2::-1], 1]):
            back += [nn.ConvTranspose1d(before, after, 4, 2, padding=1)]
            back += [nn.ReLU()] if after > 1 else []
        self.decoder = nn.Sequential(*back)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Pitch and, in [0, 1], confidence of slices (n, 128), each (n,)."""
        h = self.body(x[:, None])
        return self.head(h).squeeze(1), torch.sigmoid(self.sure(h.detach())).squeeze(1)

    def rebuilt(self, y: torch.Tensor) -> torch.Tensor:
        """Slices made from pitch, (n, 128)."""
        return self.decoder(y[:, None]).squeeze(1)


def pitch_error(
    y1: torch.Tensor, y2: torch.Tensor, k1: torch.Tensor, k2: torch.Tensor
) -> torch.Tensor:
    """e = (y1 - y2) - sigma (k1 - k2) (equation 3)."""
    return (y1 - y2) - SIGMA * (k1 - k2)


def huber(e: torch.Tensor, tau: float = TAU) -> torch.Tensor:
    """e^2 / 2 up to tau, then tau |e| - tau^2 / 2 (equation 5)."""
    size = e.abs()
    return torch.where(size <= tau, size**2 / 2, tau * size - tau**2 / 2)


def losses(
    net: SpiceNet, x1: torch.Tensor, x2: torch.Tensor, k1: torch.Tensor, k2: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pitch, reconstruction and confidence loss of two slices of each of some frames.

    The reconstruction loss is the mean over bins of the squared error, both slices added (the paper's norm
    is a sum, of inputs of another scale: here it would outweigh the pitch). The confidence is to be
    1 - |e| / sigma (``((1 - c) - |e| / sigma)^2``) with no gradient into the pitch; errors beyond sigma
    count as sigma, since no confidence is below 0 (our choice).
    """
    n = len(x1)
    y, c = net(torch.cat([x1, x2]))
    e = pitch_error(y[:n], y[n:], k1, k2)
    again = net.rebuilt(y)
    rebuilt = 2 * F.mse_loss(again, torch.cat([x1, x2]))
    off = (e.detach().abs() / SIGMA).clamp(max=1).repeat(2)
    return huber(e).mean(), rebuilt, (((1 - c) - off) ** 2).mean()
