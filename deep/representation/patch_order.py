"""Patch order: in which order were the pieces of a patch, a class for each permutation.

A puzzle as in Noroozi and Favaro 2016, of sound in Carr et al. 2021 (both from memory): pieces pass the
encoder one by one, and their embeddings side by side tell the permutation. Four pieces in time and so
24 permutations, gaps between the pieces so that seams don't tell, one hidden layer: our choice.
A steady sound has no order to find.
"""

from __future__ import annotations

from itertools import permutations

import torch
from torch import nn
from torch.nn import functional

from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext

PIECES = 4
GAP = 4
"""Frames between pieces, left out."""
HIDDEN = 256


def pieces_of(x: torch.Tensor, n: int = PIECES, gap: int = GAP) -> torch.Tensor:
    """Pieces of equal length in time, (batch, n, channels, frames, bins), ``gap`` frames between."""
    length = x.shape[2] // n
    return torch.stack([x[:, :, i * length : (i + 1) * length - gap] for i in range(n)], dim=1)


class PatchOrder(Pretext):
    """Cross entropy over the permutations of a patch's pieces."""

    orders: torch.Tensor

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__(encoder, in_shape)
        self.register_buffer("orders", torch.tensor(list(permutations(range(PIECES)))))
        self.head = nn.Sequential(
            nn.Linear(PIECES * EMBEDDING, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, len(self.orders))
        )

    def puzzle(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Pieces in a drawn order, and its number: piece i of the puzzle was ``orders[number][i]``."""
        number = torch.randint(len(self.orders), (len(x),), device=x.device)
        rows = torch.arange(len(x), device=x.device)[:, None]
        return pieces_of(x)[rows, self.orders[number]], number

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Cross entropy of a permutation a patch."""
        pieces, number = self.puzzle(x)
        rows = self.encoder(pieces.flatten(0, 1)).unflatten(0, (len(x), PIECES))
        return functional.cross_entropy(self.head(rows.flatten(1)), number)


def encoder_patch_order(random_state: int = 0) -> Representation:
    """Patch order: shuffled pieces are put in order.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), PatchOrder, random_state=random_state)


encoder_patch_order.family = "deep"  # type: ignore[attr-defined]
encoder_patch_order.cite = "noroozi2016jigsaw"  # type: ignore[attr-defined]
