"""Contrastive predictive coding as published: on the waveform, its own encoder, twelve steps of 10 ms.

Van den Oord, Li and Vinyals 2018, section 3.1: windows of 20,480 samples at 16 kHz, `deep.nets.strided_waves`, a
GRU of 256 numbers, ``f_k(z, c) = exp(z^T W_k c)`` for 1 to 12 steps ahead, 128 negatives, Adam at 2e-4; from
memory, 64 windows a step and about 300,000 steps. That negatives are vectors of the whole batch, drawn anew
for each number of steps and the same for all contexts, is our choice. Neighbouring vectors share samples
(each hears 465, one begins every 160), as in the paper.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.strided_waves import CHANNELS, StridedWaves
from deep.representation.pretext import Pretext
from deep.representation.published import Published
from deep.tracks.inputs import waveform
from mirbench.features import Extract

SR = 16_000
SAMPLES = 20_480
"""Of a window, 1.28 s."""
CONTEXT = 256
AHEAD = 12
NEGATIVES = 128
BATCH = 64
LR = 2e-4
STEPS = 300_000


class WaveCPC(Pretext):
    """Context by a GRU, a matrix for each of 12 steps ahead.

    Parameters
    ----------
    encoder : nn.Module
        ``frames(x)`` gives ``n_inputs`` channels.
    in_shape : tuple (1, samples, 1)
    n_inputs, n_context : int
    """

    def __init__(
        self,
        encoder: nn.Module,
        in_shape: tuple[int, int, int],
        n_inputs: int = CHANNELS,
        n_context: int = CONTEXT,
    ) -> None:
        super().__init__(encoder, in_shape)
        self.context = nn.GRU(n_inputs, n_context, batch_first=True)
        self.ahead = nn.ModuleList(nn.Linear(n_context, n_inputs, bias=False) for _ in range(AHEAD))

    def contexts(self, z: torch.Tensor) -> torch.Tensor:
        """c_t of vectors (batch, d, n): (batch, n, n_context), each from those up to t."""
        return self.context(z.transpose(1, 2))[0]

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean over the steps ahead of ``-log f(truth) / (f(truth) + sum of f(negatives))`` (nats)."""
        z = self.encoder.frames(x)
        c = self.contexts(z)
        rows = z.transpose(1, 2)
        every = rows.flatten(0, 1)
        losses = []
        for k, ahead in enumerate(self.ahead, start=1):
            told = ahead(c[:, :-k]).flatten(0, 1)
            negatives = every[torch.randint(len(every), (NEGATIVES,), device=x.device)]
            losses.append(one_of(told, rows[:, k:].flatten(0, 1), negatives))
        return torch.stack(losses).mean()

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Mean of the contexts."""
        return self.contexts(self.encoder.frames(x)).mean(dim=1)


def one_of(told: torch.Tensor, truth: torch.Tensor, negatives: torch.Tensor) -> torch.Tensor:
    """Cross entropy (nats) of picking each row's truth out of it and the negatives.

    Parameters
    ----------
    told, truth : Tensor, shape (n, d)
        Scores are their products.
    negatives : Tensor, shape (n_negatives, d)
    """
    right = (told * truth).sum(dim=1, keepdim=True)
    scores = torch.cat([right, told @ negatives.T], dim=1)
    return functional.cross_entropy(scores, scores.new_zeros(len(scores), dtype=torch.long))


def encoder_cpc_published(steps: int = STEPS, random_state: int = 0) -> Published:
    """CPC as published: 12 steps of 10 ms of the waveform; its own encoder and budget.

    5.25 million parameters and a GRU of 0.59 million; 300,000 steps of 64 windows of 1.28 s: days on a
    GPU (untimed). ``steps=0`` is the untrained control.

    Parameters
    ----------
    steps : int
    random_state : int
    """
    return Published(
        Extract(waveform, sr=SR),
        WaveCPC,
        encoder=StridedWaves,
        steps=steps,
        batch_size=BATCH,
        patch_frames=SAMPLES,
        n_outputs=CHANNELS,
        lr=LR,
        random_state=random_state,
    )


encoder_cpc_published.family = "deep"  # type: ignore[attr-defined]
encoder_cpc_published.budget = "published"  # type: ignore[attr-defined]
encoder_cpc_published.cite = "oord2018cpc"  # type: ignore[attr-defined]
