"""WaveNet that is told what it is to sound like: global conditioning."""

from __future__ import annotations

from collections import deque
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from deep.nets.wavenet import LEVELS, WaveNet, quantise


class ToldWaveNet(nn.Module):
    """Each gate hears the label too: ``tanh(W_f * x + V_f^T h) s(W_g * x + V_g^T h)``.

    Van den Oord et al. 2016, section 2.5, h being one of n labels (one-hot); two convolutions of one
    sample make logits of the summed skip connections (section 2.4). V starts at 0, our choice: at
    first all labels sound alike.

    Parameters
    ----------
    net : WaveNet
    n_labels : int
    """

    def __init__(self, net: WaveNet, n_labels: int) -> None:
        super().__init__()
        self.net: Any = net
        self.units = net.table.embedding_dim
        skip = next(net.outs.parameters()).shape[0] - self.units
        zeros = torch.zeros(n_labels, 2 * self.units)
        self.tell = nn.ModuleList(
            nn.Embedding.from_pretrained(zeros.clone(), freeze=False) for _ in net.gates
        )
        self.head = nn.Sequential(nn.Conv1d(skip, skip, 1), nn.ReLU(), nn.Conv1d(skip, LEVELS, 1))

    def block(
        self, level: int, before: torch.Tensor, x: torch.Tensor, told: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """A block's output and its skip connection.

        Parameters
        ----------
        level : int
        before, x : Tensor, shape (batch, units, n)
            Inputs ``2 ** level`` samples ago, and now.
        told : Tensor, shape (batch, 2 units)
        """
        gate = self.net.gates[level]
        ago, now = gate.weight.split(1, dim=2)
        sums = functional.conv1d(x, now, gate.bias) + functional.conv1d(before, ago)
        heard, let = (sums + told[:, :, None]).chunk(2, dim=1)
        y = self.net.outs[level](heard.tanh() * let.sigmoid())
        return x + y[:, : self.units], y[:, self.units :]

    def forward(self, codes: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Logits of the sample after each: (batch, n), (batch,) -> (batch, LEVELS, n); causal."""
        x = self.net.table(codes).transpose(1, 2)
        total = torch.zeros((), device=x.device)
        for level, tell in enumerate(self.tell):
            before = functional.pad(x, (2**level, 0))[:, :, : x.shape[2]]
            x, skip = self.block(level, before, x, tell(labels))
            total = total + skip
        return self.head(total.relu())

    @torch.no_grad()
    def draw(self, label: int, n: int, generator: torch.Generator) -> torch.Tensor:
        """Levels of ``n`` samples drawn one after the other, (n,); a level of silence comes before.

        Each block keeps its last inputs, so that a sample costs one step of each and no more.
        """
        device = self.net.peak.device
        kept = [
            deque([torch.zeros(1, self.units, 1, device=device)] * 2**i)
            for i in range(len(self.tell))
        ]
        told = [tell(torch.tensor([label], device=device)) for tell in self.tell]
        code = quantise(torch.zeros(1, 1, device=device))
        drawn = []
        for _ in range(n):
            x = self.net.table(code).transpose(1, 2)
            total = torch.zeros((), device=device)
            for level, queue in enumerate(kept):
                before = queue.popleft()
                queue.append(x)
                x, skip = self.block(level, before, x, told[level])
                total = total + skip
            chances = self.head(total.relu())[0, :, 0].softmax(dim=0)
            code = torch.multinomial(chances.cpu(), 1, generator=generator)[None].to(device)
            drawn.append(code[0, 0])
        return torch.stack(drawn)
