"""Masked prediction: what was in a span of frames is told from before and after it.

After Mockingjay (Liu et al. 2020) and TERA (Liu et al. 2021), from memory: spans of 7 frames or more, 15 % of
all, are set to 0, and the absolute error counts within them. They leave a tenth of the spans as they are and
fill another with other frames, for a transformer that must not wait for zeros; we don't. The net is the
shared encoder and the small decoder.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.representation.autoencoder import Autoencoder
from deep.representation.budget import log_mel
from deep.representation.encoder import Representation
from mirbench.errors import MethodError

SHARE = 0.15
SHORTEST = 7
"""Frames of a span at the least: 0.17 s, longer than a frame's window reaches."""


class MaskedFrames(Autoencoder):
    """``mean |x - d(e(x masked))|`` over the masked frames.

    Parameters
    ----------
    encoder, in_shape
        As for `deep.representation.pretext.Pretext`.

    Raises
    ------
    MethodError
        Patches shorter than two spans.
    """

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__(encoder, in_shape)
        if in_shape[1] < 2 * SHORTEST:
            raise MethodError(f"patch_frames is {in_shape[1]}; give {2 * SHORTEST} or more to mask")

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean absolute error of the masked frames."""
        masked = spans(len(x), x.shape[2], x.device)[:, None, :, None].expand_as(x)
        drawn = self.decoder(self.encoder.frames(x * ~masked))
        return functional.l1_loss(drawn[masked], x[masked])


def spans(n: int, frames: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """Bool, (n, frames): spans of equal length, one anywhere in each of as many equal parts."""
    total = round(SHARE * frames)
    count = max(total // SHORTEST, 1)
    length, part = max(total // count, SHORTEST), frames // count
    first = torch.randint(part - length + 1, (n, count, 1), device=device)
    first = first + part * torch.arange(count, device=device)[:, None]
    place = torch.arange(frames, device=device)
    return ((place >= first) & (place < first + length)).any(dim=1)


def encoder_masked_frames(random_state: int = 0) -> Representation:
    """Masked prediction: a span of frames is drawn from its surroundings.

    Parameters
    ----------
    random_state : int
    """
    return Representation(log_mel(), MaskedFrames, random_state=random_state)


encoder_masked_frames.family = "deep"  # type: ignore[attr-defined]
encoder_masked_frames.cite = "liu2020mockingjay"  # type: ignore[attr-defined]
