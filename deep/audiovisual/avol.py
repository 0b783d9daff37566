"""AVOL-Net: a picture and a sound belong together where some place of the picture fits the sound.

Arandjelovic and Zisserman 2018, section 4 (from memory): the scalar product of the sound's vector with
that of each place is calibrated by a scale and an offset, and the greatest counts. Where it is great is
where the sound comes from; no one said so in training.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.audiovisual.estimator import Localiser
from deep.audiovisual.pairing import Localising
from deep.audiovisual.seconds import WINDOW
from deep.representation.budget import EMBEDDING, log_mel


class AVOL(Localising):
    """Log-odds of the best place."""

    def __init__(self, sound: nn.Module, picture: nn.Module) -> None:
        super().__init__(sound, picture)
        self.scale = nn.Parameter(torch.tensor(EMBEDDING**-0.5))
        self.offset = nn.Parameter(torch.tensor(0.0))

    def see(self, x: torch.Tensor) -> torch.Tensor:
        """Vectors of all places, (n, n_outputs, rows, columns)."""
        return self.picture.maps(x)

    def scores(self, heard: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """Log-odds of each pair."""
        products = torch.einsum("nd,mdp->nmp", heard, seen.flatten(2))
        return self.scale * products.max(dim=2).values + self.offset

    def similarity(self, heard: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
        """Log-odds of each place."""
        return self.scale * torch.einsum("nd,ndhw->nhw", heard, self.see(pictures)) + self.offset


def avol_net(random_state: int = 0) -> Localiser:
    """AVOL-Net: the place of a picture that fits its second of sound best decides.

    Parameters
    ----------
    random_state : int
    """
    return Localiser(log_mel(), AVOL, patch_frames=WINDOW, random_state=random_state)


avol_net.family = "deep"  # type: ignore[attr-defined]
avol_net.cite = "arandjelovic2018objects"  # type: ignore[attr-defined]
