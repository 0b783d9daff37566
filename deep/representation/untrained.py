"""The encoder as it was drawn: the floor that every way of learning must pass."""

from __future__ import annotations

import torch

from deep.representation.budget import log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext


class Untrained(Pretext):
    """No task. Batches are heard all the same, so that batch norm has its statistics."""

    def update(self, x: torch.Tensor, optimisers: list[torch.optim.Optimizer]) -> float:
        """Nothing is learned."""
        with torch.no_grad():
            self.encoder(x)
        return 0.0


def encoder_untrained(random_state: int = 0) -> Representation:
    """An encoder with random weights.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), Untrained, random_state=random_state)


encoder_untrained.family = "deep"  # type: ignore[attr-defined]
