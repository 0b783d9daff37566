"""Rotation: by how many right angles was the picture of a sound turned.

Gidaris, Singh and Komodakis 2018 (from memory), of photographs: a linear layer on the embedding tells 0,
90, 180 or 270 degrees by cross entropy. A spectrogram has no reason to be turned: the task asks which axis
is time and where it runs. Theirs hears all four turns of each picture, here each patch has one drawn,
so that a step costs what the budget says.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext
from mirbench.errors import MethodError

TURNS = 4


def turned(x: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Patches (batch, channels, n, n), each turned by so many right angles, frames towards bins."""
    every = torch.stack([torch.rot90(x, k, (2, 3)) for k in range(TURNS)])
    return every[turns, torch.arange(len(x), device=x.device)]


class Rotation(Pretext):
    """Cross entropy over four rotations of a square patch."""

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__(encoder, in_shape)
        if in_shape[1] != in_shape[2]:
            raise MethodError(
                f"patch_frames: {in_shape[1]} frames of {in_shape[2]} bands can't be turned; "
                f"give {in_shape[2]} frames"
            )
        self.head = nn.Linear(EMBEDDING, TURNS)

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Cross entropy of a drawn rotation a patch."""
        turns = torch.randint(TURNS, (len(x),), device=x.device)
        return functional.cross_entropy(self.head(self.encoder(turned(x, turns))), turns)


def encoder_rotation(random_state: int = 0) -> Representation:
    """Rotation: by how much was a spectrogram turned.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), Rotation, random_state=random_state)


encoder_rotation.family = "deep"  # type: ignore[attr-defined]
encoder_rotation.cite = "gidaris2018rotation"  # type: ignore[attr-defined]
