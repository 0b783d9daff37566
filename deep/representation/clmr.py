"""SimCLR for music as published: SampleCNN on the waveform, its own views, its own budget.

CLMR, Spijkervet and Burgoyne 2021, section 3: 59,049 samples at 22.05 kHz, `deep.nets.sample_cnn` without its
dense layer, 512 numbers of which a projection of 64 is taken and dropped afterwards, NT-Xent with tau = 0.5,
batches of 48, Adam at 3e-4, 10,000 epochs. Both views are crops of one stretch of twice that length.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.sample_cnn import SampleCNN
from deep.representation.pretext import Pretext
from deep.representation.published import Published
from deep.representation.simclr import PROJECTION, TAU, nt_xent
from deep.representation.wave_views import SR, view
from deep.tracks.inputs import waveform
from mirbench.features import Extract

SAMPLES = 59_049
EMBEDDING = 512
BATCH = 48
LR = 3e-4
STEPS = 140_000
"""10,000 epochs of the 644 notes of ``few-labels/instruments-published``, 14 batches each."""


class CLMR(Pretext):
    """NT-Xent of two views of each stretch, behind a projection of one hidden layer.

    Parameters
    ----------
    encoder : nn.Module
        Gives ``n_inputs`` numbers.
    in_shape : tuple (1, samples, 1)
        1.5 times `SAMPLES` or more.
    n_inputs : int
    """

    def __init__(
        self, encoder: nn.Module, in_shape: tuple[int, int, int], n_inputs: int = EMBEDDING
    ) -> None:
        super().__init__(encoder, in_shape)
        self.projection = nn.Sequential(
            nn.Linear(n_inputs, n_inputs, bias=False),
            nn.ReLU(),
            nn.Linear(n_inputs, PROJECTION, bias=False),
        )

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """NT-Xent over the batch."""
        views = torch.cat([view(x, SAMPLES), view(x, SAMPLES)])
        one, other = self.projection(self.encoder(views)).chunk(2)
        return nt_xent(one, other, TAU)


def sample_encoder(
    in_shape: tuple[int, int, int], n_outputs: int = EMBEDDING, width: float = 1.0
) -> SampleCNN:
    """SampleCNN whose answer is what its dense layer would have heard; ``n_outputs`` isn't used."""
    net = SampleCNN(in_shape, n_outputs, width)
    net.head = nn.Sequential()
    return net


def encoder_simclr_published(steps: int = STEPS, random_state: int = 0) -> Published:
    """CLMR as published: SampleCNN hears two changed views of the waveform; its own budget.

    1.84 million parameters; 140,000 steps of 48 stretches of 5.4 s: days on a GPU (untimed).
    ``steps=0`` is the untrained control.

    Parameters
    ----------
    steps : int
    random_state : int
    """
    return Published(
        Extract(waveform, sr=SR),
        CLMR,
        encoder=sample_encoder,
        steps=steps,
        batch_size=BATCH,
        patch_frames=2 * SAMPLES,
        n_outputs=EMBEDDING,
        lr=LR,
        random_state=random_state,
    )


encoder_simclr_published.family = "deep"  # type: ignore[attr-defined]
encoder_simclr_published.budget = "published"  # type: ignore[attr-defined]
encoder_simclr_published.cite = "spijkervet2021clmr"  # type: ignore[attr-defined]
