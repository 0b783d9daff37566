"""What the nets of pitch share: a budget of steps and how it is spent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from mirbench.errors import MethodError

REPORT = 50
"""Steps that a row of the history is the mean of."""


def train(
    net: nn.Module,
    loss_of: Callable[[np.ndarray], torch.Tensor],
    n_rows: int,
    *,
    steps: int,
    batch_size: int,
    lr: float,
    seed: int,
) -> list[dict[str, float]]:
    """Adam over random batches of row numbers, the rate falling by half a cosine; mean losses.

    ``loss_of(rows)`` is the loss of a batch of ``batch_size`` numbers below ``n_rows``, each used once
    before any is used again.

    Raises
    ------
    MethodError
        Fewer than two rows, or a loss that isn't finite.
    """
    if n_rows < 2:
        raise MethodError(f"{n_rows} frames to learn from; give longer items")
    optimiser = torch.optim.Adam(net.parameters(), lr=lr)
    rng, losses = np.random.default_rng(seed), []
    queue = np.empty(0, dtype=np.int64)
    net.train()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = lr * (1 + np.cos(np.pi * step / steps)) / 2
        while len(queue) < batch_size:
            queue = np.concatenate([queue, rng.permutation(n_rows)])
        loss = loss_of(queue[:batch_size])
        queue = queue[batch_size:]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if not np.isfinite(losses[-1]):
            raise MethodError(f"the loss is not finite in step {step}: lower lr ({lr})")
    net.eval()
    means = [np.mean(losses[i : i + REPORT]) for i in range(0, len(losses), REPORT)]
    return [{"epoch": i + 1, "train_loss": float(mean)} for i, mean in enumerate(means)]


def in_parts(
    net: Callable[[torch.Tensor], torch.Tensor], rows: np.ndarray, size: int = 512
) -> np.ndarray:
    """What the net gives for the rows, some at a time."""
    with torch.no_grad():
        parts = [net(torch.as_tensor(rows[i : i + size])) for i in range(0, len(rows), size)]
    return torch.cat(parts).numpy()
