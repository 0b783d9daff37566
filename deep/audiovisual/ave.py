"""AVE-Net: a picture and a sound belong together where their embeddings lie near to one another.

Arandjelovic and Zisserman 2018, section 3: both embeddings have 128 numbers and length 1, and only their
Euclidean distance reaches the layer of two outputs, so that they are aligned and can be searched.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.audiovisual.estimator import Localiser
from deep.audiovisual.pairing import Localising
from deep.audiovisual.seconds import WINDOW
from deep.representation.budget import log_mel

SLOPE, NEAR = 5.0, 1.0
"""Of the log-odds against the distance, and the distance of even odds, before training: our choice, so
that 300 steps are enough."""


class AVE(Localising):
    """Log-odds that fall with the distance of two embeddings of length 1.

    Two outputs under a softmax are one under a sigmoid, their difference.
    """

    def __init__(self, sound: nn.Module, picture: nn.Module) -> None:
        super().__init__(sound, picture)
        self.slope = nn.Parameter(torch.tensor(SLOPE))
        self.offset = nn.Parameter(torch.tensor(SLOPE * NEAR))

    def hear(self, x: torch.Tensor) -> torch.Tensor:
        """Embeddings of length 1."""
        return functional.normalize(self.sound(x), dim=1)

    def see(self, x: torch.Tensor) -> torch.Tensor:
        """Embeddings of length 1."""
        return functional.normalize(self.picture(x), dim=1)

    def scores(self, heard: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """Log-odds of each pair."""
        return self.offset - self.slope * distances(heard, seen)

    def similarity(self, heard: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
        """Cosine with the vector of each place: our choice, the paper's own is `deep.audiovisual.avol`."""
        places = functional.normalize(self.picture.maps(pictures), dim=1)
        return torch.einsum("nd,ndhw->nhw", heard, places)


def distances(heard: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """Euclidean distances of vectors of length 1, (n, d) and (m, d) -> (n, m), with a gradient at 0."""
    return (2 - 2 * heard @ seen.T).clamp(min=1e-6).sqrt()


def ave_net(random_state: int = 0) -> Localiser:
    """AVE-Net: embeddings of a picture and of its second of sound lie near, others apart.

    Parameters
    ----------
    random_state : int
    """
    return Localiser(log_mel(), AVE, patch_frames=WINDOW, random_state=random_state)


ave_net.family = "deep"  # type: ignore[attr-defined]
ave_net.cite = "arandjelovic2018objects"  # type: ignore[attr-defined]
