"""Past and future: the second half of a patch is found by its first, among those of other patches.

COLA (Saeed, Grangier and Zeghidour 2021, from memory) contrasts two segments of a clip by a bilinear
similarity, the other clips of the batch as negatives, without augmentation. Here the segments are the two
halves of a patch, with a gap so that the seam doesn't tell: our choice. The loss is InfoNCE
(`deep.representation.cpc`), about log N before training.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.cpc import info_nce
from deep.representation.encoder import Representation
from deep.representation.patch_order import pieces_of
from deep.representation.pretext import Pretext

GAP = 8
"""Frames between the halves, 0.19 s."""


class PastFuture(Pretext):
    """InfoNCE of ``past W future``."""

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__(encoder, in_shape)
        self.bilinear = nn.Linear(EMBEDDING, EMBEDDING, bias=False)

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Each past picks its future out of the batch."""
        past, future = self.encoder(pieces_of(x, 2, GAP).transpose(0, 1).flatten(0, 1)).chunk(2)
        return info_nce(self.bilinear(past) @ future.T)


def encoder_past_future(random_state: int = 0) -> Representation:
    """Past and future: the halves of a patch find each other.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), PastFuture, random_state=random_state)


encoder_past_future.family = "deep"  # type: ignore[attr-defined]
encoder_past_future.cite = "saeed2021cola"  # type: ignore[attr-defined]
