"""L3-Net: does this picture go with this sound, by a net on both embeddings.

Arandjelovic and Zisserman 2017: the embeddings are concatenated and two dense layers answer, under the
cross entropy of corresponding or not. Nothing makes the two embeddings alike.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.audiovisual.estimator import AudioVisual
from deep.audiovisual.pairing import Pairing
from deep.audiovisual.seconds import WINDOW
from deep.representation.budget import EMBEDDING, log_mel

HIDDEN = 128
"""Units of the first dense layer, as in the paper."""


class L3(Pairing):
    """Two dense layers on the concatenated embeddings."""

    def __init__(self, sound: nn.Module, picture: nn.Module) -> None:
        super().__init__(sound, picture)
        self.of_sound = nn.Linear(EMBEDDING, HIDDEN)
        self.of_picture = nn.Linear(EMBEDDING, HIDDEN, bias=False)
        self.answer = nn.Linear(HIDDEN, 1)

    def scores(self, heard: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """Log-odds of each pair: a dense layer on two vectors is the sum of one on each."""
        heard, seen = functional.relu(heard), functional.relu(seen)
        hidden = self.of_sound(heard)[:, None] + self.of_picture(seen)[None]
        return self.answer(functional.relu(hidden)).squeeze(2)


def l3_net(random_state: int = 0) -> AudioVisual:
    """L3-Net: a net on both embeddings says whether a picture and a second of sound belong together.

    The paper asks whether a pair corresponds; ranking by the log-odds is what its follow-up compares
    with, and finds wanting.

    Parameters
    ----------
    random_state : int
    """
    return AudioVisual(log_mel(), L3, patch_frames=WINDOW, random_state=random_state)


l3_net.family = "deep"  # type: ignore[attr-defined]
l3_net.cite = "arandjelovic2017look"  # type: ignore[attr-defined]
