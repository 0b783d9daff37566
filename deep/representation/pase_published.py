"""PASE as published: SincNet and seven convolutions on the waveform, workers for features of speech.

Pascual et al. 2019: chunks of a second at 16 kHz, `deep.nets.sinc_waves` (100 numbers every 10 ms), workers
of one hidden layer of 256, mean squared error for known features, L1 for the waveform, binary cross entropy
for pairs; all count alike. From memory: batches of 32, Adam at 5e-4 (their rate falls in the end, ours
stays). Our choices: targets are standardised; the waveform's worker has a hidden layer like the others,
where theirs has transposed convolutions; moments to be put in order are 40 ms apart.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.nets.sinc_waves import SR, SincWaves
from deep.representation.pase import PAIRS, PASE, SEEN, told_apart, worker
from deep.representation.pretext import Pretext
from deep.representation.published import Published
from deep.representation.wave_workers import TARGETS
from deep.tracks.batches import Patches
from deep.tracks.inputs import waveform
from mirbench.features import Extract

SAMPLES = 16_000
EMBEDDING = 100
BATCH = 32
LR = 5e-4
STEPS = 100_000
"""Our choice: the paper's 150 epochs (from memory) are of another corpus."""


class WavePASE(PASE):
    """The mean of the workers' losses; pairs are those of `PASE`, what is told is the waveform's.

    Parameters
    ----------
    encoder : nn.Module
        ``frames(x)`` gives ``n_inputs`` numbers every 160 samples; batch norm without parameters follows.
    in_shape : tuple (1, samples, 1)
    n_inputs : int
    """

    def __init__(
        self, encoder: nn.Module, in_shape: tuple[int, int, int], n_inputs: int = EMBEDDING
    ) -> None:
        Pretext.__init__(self, encoder, in_shape)  # workers of other targets than PASE makes
        self.norm = nn.BatchNorm1d(n_inputs, affine=False)
        shapes = {name: rows.shape[2] for name, rows in targets(torch.zeros(1, *in_shape)).items()}
        self.tell = nn.ModuleDict({name: worker(n_inputs, n) for name, n in shapes.items()})
        self.judge = nn.ModuleDict({name: worker(2 * n_inputs, 1) for name in PAIRS})
        for name, n in shapes.items():
            self.register_buffer(f"mean_{name}", torch.zeros(n))
            self.register_buffer(f"scale_{name}", torch.ones(n))

    def start(self, patches: Patches, lr: float) -> list[torch.optim.Optimizer]:
        """Mean and deviation of each target over `SEEN` training patches."""
        some = torch.randperm(len(patches.tiles))[:SEEN].numpy()
        for name, rows in targets(patches.at(patches.tiles[some])).items():
            flat = rows.flatten(0, 1)
            self.get_buffer(f"mean_{name}").copy_(flat.mean(dim=0))
            self.get_buffer(f"scale_{name}").copy_(flat.std(dim=0).clamp(min=1e-3))
        return Pretext.start(self, patches, lr)

    def losses(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """Loss of each worker."""
        z = self.vectors(x)
        found = {}
        for name, rows in targets(x).items():
            truth = (rows - self.get_buffer(f"mean_{name}")) / self.get_buffer(f"scale_{name}")
            away = functional.l1_loss if name == "waveform" else functional.mse_loss
            found[name] = away(self.tell[name](z), truth)
        for name, pairs in self.pairs(z).items():
            yes, no = (self.judge[name](torch.cat(pair, dim=1)) for pair in pairs)
            found[name] = told_apart(yes, no)
        return found

    def vectors(self, x: torch.Tensor) -> torch.Tensor:
        """What workers hear, (batch, steps, n_inputs)."""
        return self.norm(self.encoder.frames(x)).transpose(1, 2)

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """The mean of the vectors, (batch, n_inputs)."""
        return self.vectors(x).mean(dim=1)


def targets(x: torch.Tensor) -> dict[str, torch.Tensor]:
    """What is to be told of waveforms (batch, 1, samples, 1): (batch, steps, n) each."""
    return {name: target(x[:, 0, :, 0]) for name, target in TARGETS.items()}


def encoder_pase_published(steps: int = STEPS, random_state: int = 0) -> Published:
    """PASE as published: one encoder of the waveform answers many small workers; its own budget.

    5.82 million parameters; 100,000 steps of 32 chunks of a second: hours to days on a GPU (untimed).
    ``steps=0`` is the untrained control.

    Parameters
    ----------
    steps : int
    random_state : int
    """
    return Published(
        Extract(waveform, sr=SR),
        WavePASE,
        encoder=SincWaves,
        steps=steps,
        batch_size=BATCH,
        patch_frames=SAMPLES,
        n_outputs=EMBEDDING,
        lr=LR,
        random_state=random_state,
    )


encoder_pase_published.family = "deep"  # type: ignore[attr-defined]
encoder_pase_published.budget = "published"  # type: ignore[attr-defined]
encoder_pase_published.cite = "pascual2019pase"  # type: ignore[attr-defined]
