"""An autoregressive model of the waveform as an encoder: another net than the one that all share.

WaveNet (`deep.nets.wavenet`) is trained to tell the next sample, by cross entropy over 256 levels; the mean
of its hidden states is the embedding. At 8 kHz and 4 waveforms of 2048 samples a step, so that the fit stays
near a minute: our choice. An instrument's name as a condition would be a label and isn't heard here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from deep.nets.wavenet import LEVELS, WaveNet
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext
from deep.tracks.batches import Patches
from mirbench.features import Extract

SR = 8000
"""Hz."""
SAMPLES = 2048
"""Of a patch, 0.26 s; a hidden state hears 64 ms."""
BATCH = 4
WIDTH = 64


def peak_waveform(signal: np.ndarray, sr: float) -> np.ndarray:
    """Samples over their greatest size, so that no gain is heard: (n_samples, 1) of float32.

    A single 0 for an empty signal; silence stays silent.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : float
        Not used.
    """
    if len(signal) == 0:
        return np.zeros((1, 1), dtype=np.float32)
    peak = np.abs(signal).max()
    return (signal / peak if peak > 0 else signal).astype(np.float32)[:, None]


class NextSample(Pretext):
    """Cross entropy (nats) of each sample given those before."""

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int]) -> None:
        super().__init__(encoder, in_shape)
        self.head = nn.Sequential(
            nn.Conv1d(WIDTH, WIDTH, 1), nn.ReLU(), nn.Conv1d(WIDTH, LEVELS, 1)
        )

    def start(self, patches: Patches, lr: float) -> list[torch.optim.Optimizer]:
        """Levels span the range of the standardised training waveforms."""
        self.encoder.peak.copy_(patches.frames.abs().max().clamp(min=1e-6))
        return super().start(patches, lr)

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean over samples; divide by ln 2 for bits."""
        codes = self.encoder.codes(x)
        return functional.cross_entropy(self.head(self.encoder.hidden(codes[:, :-1])), codes[:, 1:])


def next_sample(net: Callable[..., nn.Module], random_state: int) -> Representation:
    """A net of its own, ``net(in_shape, n_outputs)``, that is trained to tell the next sample."""
    return Representation(
        Extract(peak_waveform, sr=SR),
        NextSample,
        encoder=net,
        batch_size=BATCH,
        patch_frames=SAMPLES,
        n_outputs=WIDTH,
        random_state=random_state,
    )


def encoder_wavenet(random_state: int = 0) -> Representation:
    """WaveNet: the next sample of the waveform; its own net.

    Parameters
    ----------
    random_state : int
    """
    return next_sample(WaveNet, random_state)


encoder_wavenet.family = "deep"  # type: ignore[attr-defined]
encoder_wavenet.cite = "oord2016wavenet"  # type: ignore[attr-defined]
