"""Predicting frames: the beginning and the end of a patch are told from its middle.

In the spirit of autoregressive predictive coding (Chung et al. 2019, from memory): vectors of what was heard go
through a recurrent net, whose state draws what comes. Here it reads both ways, so that the past is predicted
too; the encoder hears the middle alone. All sizes are our choice.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.small_decoder import SmallDecoder
from deep.nets.small_encoder import HOP
from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext
from mirbench.errors import MethodError

ENDS = 4
"""A patch is a quarter past, a half present, a quarter future: 0.4, 0.8 and 0.4 s."""


class FramePrediction(Pretext):
    """``mean (x - p(e(middle)))^2`` over the first and last frames of standardised patches.

    Parameters
    ----------
    encoder, in_shape
        As for `deep.representation.pretext.Pretext`.

    Raises
    ------
    MethodError
        Patches too short to be divided.
    """

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__(encoder, in_shape)
        self.vectors = in_shape[1] // ENDS // HOP
        if not self.vectors:
            raise MethodError(
                f"patch_frames is {in_shape[1]}; give {ENDS * HOP} or more to predict"
            )
        self.read = nn.GRU(EMBEDDING, EMBEDDING, bidirectional=True, batch_first=True)
        self.past = nn.Linear(EMBEDDING, EMBEDDING * self.vectors)
        self.future = nn.Linear(EMBEDDING, EMBEDDING * self.vectors)
        self.decoder = SmallDecoder(in_shape, EMBEDDING)

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean squared error of past and future."""
        end = HOP * self.vectors
        past, future = self.predict(x[:, :, end:-end])
        return functional.mse_loss(
            torch.cat([past, future], 2), torch.cat([x[:, :, :end], x[:, :, -end:]], 2)
        )

    def predict(self, middle: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Frames before and after, (batch, channels, 4 * vectors, bins) each."""
        _, (onward, back) = self.read(self.encoder.frames(middle).transpose(1, 2))
        shape = (EMBEDDING, self.vectors)
        past, future = self.past(back).unflatten(1, shape), self.future(onward).unflatten(1, shape)
        both = self.decoder(torch.cat([past, future]))
        return both[: len(middle)], both[len(middle) :]


def encoder_frame_prediction(random_state: int = 0) -> Representation:
    """Frame prediction: past and future are drawn from the present.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), FramePrediction, random_state=random_state)


encoder_frame_prediction.family = "deep"  # type: ignore[attr-defined]
encoder_frame_prediction.cite = "chung2019autoregressive"  # type: ignore[attr-defined]
