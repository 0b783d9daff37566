"""What an encoder-decoder is taught with: token sequences, parts and batches of recordings, a loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from deep.nets.seq2seq import Seq2Seq

ITEMS_AT_ONCE = 32


def sequences(holds: np.ndarray) -> np.ndarray:
    """Columns that hold, in order, then ends: int64 (n, most held + 1).

    Parameters
    ----------
    holds : ndarray of 0 and 1, shape (n, n_outputs)
    """
    n, n_outputs = holds.shape
    tokens = np.full((n, int(holds.sum(axis=1).max()) + 1), n_outputs, dtype=np.int64)
    for row, held in zip(tokens, holds, strict=True):
        columns = np.flatnonzero(held)
        row[: len(columns)] = columns
    return tokens


def token_loss(net: Seq2Seq, x: torch.Tensor, tokens: np.ndarray) -> tuple[torch.Tensor, int]:
    """Sum of the cross entropy (nats) of tokens up to the first end, and how many there are."""
    truth = torch.as_tensor(tokens, device=x.device)
    counted = torch.cumsum(truth == net.end, dim=1) <= 1
    losses = torch.nn.functional.cross_entropy(
        net.taught(x, truth).transpose(1, 2), truth, reduction="none"
    )
    return losses[counted].sum(), int(counted.sum())


def random_parts(
    recordings: Sequence[np.ndarray], length: int, rng: np.random.Generator
) -> torch.Tensor:
    """A random part of each, repeated where it is shorter: (n, channels, length, bins)."""
    starts = [int(rng.integers(0, max(0, r.shape[1] - length) + 1)) for r in recordings]
    span = np.arange(length)
    parts = [r[:, (s + span) % r.shape[1]] for r, s in zip(recordings, starts, strict=True)]
    return torch.as_tensor(np.stack(parts))


def same_length(
    recordings: Sequence[np.ndarray], device: Any
) -> list[tuple[np.ndarray, torch.Tensor]]:
    """Batches of recordings of one length, without padding, with their positions."""
    lengths = np.array([r.shape[1] for r in recordings])
    batches = []
    for length in np.unique(lengths):
        same = np.flatnonzero(lengths == length)
        for some in np.array_split(same, -(-len(same) // ITEMS_AT_ONCE)):
            x = torch.as_tensor(np.stack([recordings[i] for i in some]))
            batches.append((some, x.to(device)))
    return batches
