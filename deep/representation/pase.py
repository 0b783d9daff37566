"""PASE: small workers of one hidden layer, each of which asks the encoder for something else.

Pascual et al. 2019: workers of 256 hidden units regress known features by the mean squared error, others
tell by binary cross entropy whether two vectors belong together (LIM: two moments of a patch, GIM: two
halves) or which came first (the sequence worker); all count alike. Theirs hear the waveform; what they
tell of log-mel is ours (`deep.representation.worker_targets`, with chroma and tempogram for music).
The worker that draws the waveform is left out.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext
from deep.representation.worker_targets import TARGETS
from deep.tracks.batches import Patches
from mirbench.errors import MethodError

HIDDEN = 256
APART = 4
"""Vectors between the moments that the sequence worker puts in order."""
SEEN = 512
"""Patches, the most that targets are standardised by."""
PAIRS = ("lim", "gim", "order")
WORKERS = (*TARGETS, *PAIRS)


def worker(n_inputs: int, n_outputs: int) -> nn.Sequential:
    """One hidden layer."""
    return nn.Sequential(nn.Linear(n_inputs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, n_outputs))


def told_apart(yes: torch.Tensor, no: torch.Tensor) -> torch.Tensor:
    """Binary cross entropy of logits that are to be 1 and of as many that are to be 0."""
    return (functional.softplus(-yes).mean() + functional.softplus(no).mean()) / 2


class PASE(Pretext):
    """The mean of the workers' losses; targets are standardised over the training patches.

    ``only`` names the worker that the encoder learns from; empty, all of them.
    """

    only = ""

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int], only: str = "") -> None:
        super().__init__(encoder, in_shape)
        self.only = only
        shapes = {name: f(torch.zeros(1, *in_shape)).shape[-1] for name, f in TARGETS.items()}
        self.tell = nn.ModuleDict({name: worker(EMBEDDING, n) for name, n in shapes.items()})
        self.judge = nn.ModuleDict({name: worker(2 * EMBEDDING, 1) for name in PAIRS})
        for name, n in shapes.items():
            self.register_buffer(f"mean_{name}", torch.zeros(n))
            self.register_buffer(f"scale_{name}", torch.ones(n))

    def start(self, patches: Patches, lr: float) -> list[torch.optim.Optimizer]:
        """Mean and deviation of each target over `SEEN` training patches."""
        x = patches.at(patches.tiles[torch.randperm(len(patches.tiles))[:SEEN].numpy()])
        for name, target in TARGETS.items():
            rows = target(x).flatten(0, -2)
            self.get_buffer(f"mean_{name}").copy_(rows.mean(dim=0))
            self.get_buffer(f"scale_{name}").copy_(rows.std(dim=0).clamp(min=1e-3))
        return super().start(patches, lr)

    def losses(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """Loss of each worker."""
        z = self.encoder.frames(x).transpose(1, 2)
        found = {}
        for name, target in TARGETS.items():
            truth = target(x) - self.get_buffer(f"mean_{name}")
            rows = z.mean(dim=1) if truth.ndim == 2 else z
            told = self.tell[name](rows)
            found[name] = functional.mse_loss(told, truth / self.get_buffer(f"scale_{name}"))
        for name, pairs in self.pairs(z).items():
            yes, no = (self.judge[name](torch.cat(pair, dim=1)) for pair in pairs)
            found[name] = told_apart(yes, no)
        return found

    def pairs(self, z: torch.Tensor) -> dict[str, tuple[tuple[torch.Tensor, torch.Tensor], ...]]:
        """For each worker that judges pairs, those that are to be 1 and those that are to be 0."""
        batch, n, _ = z.shape
        rows = torch.arange(batch, device=z.device)
        other = rows.roll(int(torch.randint(1, batch, ())))
        first, second, third = torch.randint(n, (3, batch), device=z.device)
        anchor, early, late = z[rows, first], z[:, : n // 2].mean(dim=1), z[:, n // 2 :].mean(dim=1)
        middle = torch.randint(APART, n - APART, (batch,), device=z.device)
        now = z[rows, middle]
        return {
            "lim": ((anchor, z[rows, second]), (anchor, z[other, third])),
            "gim": ((early, late), (early, late[other])),
            "order": ((now, z[rows, middle + APART]), (now, z[rows, middle - APART])),
        }

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """Mean over the workers, or the loss of one."""
        found = self.losses(x)
        return found[self.only] if self.only else torch.stack(list(found.values())).mean()


def encoder_pase(worker: str = "", random_state: int = 0) -> Representation:
    """PASE: one encoder answers many small workers.

    Parameters
    ----------
    worker : str
        The encoder learns from this one alone: ``"spectrum"``, ``"mfcc"``, ``"prosody"``, ``"chroma"``,
        ``"tempogram"``, ``"lim"``, ``"gim"`` or ``"order"``; empty, from all.
    random_state : int

    Raises
    ------
    MethodError
        There is no such worker.
    """
    if worker and worker not in WORKERS:
        raise MethodError(f"PASE has no worker {worker!r}; it has {', '.join(WORKERS)}")
    return Representation(log_mel(), PASE, {"only": worker}, random_state=random_state)


encoder_pase.family = "deep"  # type: ignore[attr-defined]
encoder_pase.cite = "pascual2019pase"  # type: ignore[attr-defined]
