"""Rows as their papers have them: own encoder, own budget, a rate of learning that stays."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from deep.representation.encoder import Representation


class Published(Representation):
    """A `Representation` whose rate of learning doesn't fall."""

    def anneal(self, optimisers: Sequence[torch.optim.Optimizer], t: float) -> None:
        """Leaves the rate as it is."""
