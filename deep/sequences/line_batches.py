"""What nets of lines are taught with: padded batches, transposed lines, a schedule from short to long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from baselines.sequences.frames import N_CHROMA

SHORTEST = 0.3
"""Share of the lines, the shortest, that training begins with."""
GROWN = 0.25
"""Share of the steps after which all lines are drawn from."""
ALIKE = 8
"""Batches that a batch is drawn from: lines of about as many notes, so that little is padded."""
IGNORED = -100
"""Target that no loss is taken of: behind a line's end."""


@dataclass(frozen=True)
class Batch:
    """Lines of one step.

    Attributes
    ----------
    x : Tensor of shape (batch, 1, frames, bins)
        Zeros behind each line's end.
    lengths : Tensor of int64, shape (batch,)
        Frames of each.
    tokens : list of ndarray of int64
    """

    x: torch.Tensor
    lengths: torch.Tensor
    tokens: list[np.ndarray]

    def to(self, device: str) -> Batch:
        """The same on a device."""
        return Batch(self.x.to(device), self.lengths.to(device), self.tokens)

    def targets(self, end: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens and an end, (batch, longest + 1) of int64: as the net is fed (ends behind the end), and
        as its loss is taken (``IGNORED`` there)."""
        longest = max(map(len, self.tokens)) + 1
        fed = np.full((len(self.tokens), longest), end, dtype=np.int64)
        told = np.full(fed.shape, IGNORED, dtype=np.int64)
        for i, line in enumerate(self.tokens):
            fed[i, : len(line)] = told[i, : len(line)] = line
            told[i, len(line)] = end
        device = self.x.device
        return torch.as_tensor(fed, device=device), torch.as_tensor(told, device=device)


def draw(
    recordings: Sequence[np.ndarray],
    lines: Sequence[np.ndarray],
    size: int,
    progress: float,
    rng: np.random.Generator,
    transpose: bool,
) -> Batch:
    """A batch of random lines of about one length: short ones at first, each in a random key.

    Parameters
    ----------
    recordings : sequence of ndarray of shape (1, frames, bins)
        Standardised; the first 12 bins are chroma from C on.
    lines : sequence of ndarray of int64
    size : int
        Lines at most.
    progress : float
        Share of the steps that are done: until ``GROWN`` of them the longest lines are left out, fewer and
        fewer.
    rng : Generator
    transpose : bool
        Turn chroma and tokens together by 0 to 11 semitones.
    """
    share = min(1.0, SHORTEST + (1 - SHORTEST) * progress / GROWN)
    order = np.argsort([len(line) for line in lines], kind="stable")
    pool = order[: max(int(np.ceil(share * len(lines))), size)]
    near = min(ALIKE * size, len(pool))
    first = int(np.clip(rng.integers(len(pool)) - near // 2, 0, len(pool) - near))
    chosen = rng.permutation(pool[first : first + near])[:size]
    turns = rng.integers(N_CHROMA, size=size) if transpose else np.zeros(size, dtype=int)
    pairs = [transposed(recordings[i], lines[i], int(turn)) for i, turn in zip(chosen, turns)]
    return padded([rows for rows, _ in pairs], [line for _, line in pairs])


def transposed(rows: np.ndarray, line: np.ndarray, semitones: int) -> tuple[np.ndarray, np.ndarray]:
    """Chroma and tokens of a line that is played so much higher, octaves left out."""
    if not semitones:
        return rows, line
    turned = np.roll(rows[..., :N_CHROMA], semitones, axis=-1)
    rows = np.concatenate([turned, rows[..., N_CHROMA:]], axis=-1)
    return rows, (line + semitones) % N_CHROMA


def padded(recordings: Sequence[np.ndarray], lines: Sequence[np.ndarray]) -> Batch:
    """A batch of these lines, zeros behind the shorter ones."""
    lengths = [rows.shape[1] for rows in recordings]
    x = np.zeros((len(lengths), 1, max(lengths), recordings[0].shape[2]), dtype=np.float32)
    for place, rows in zip(x, recordings):
        place[:, : rows.shape[1]] = rows
    return Batch(torch.as_tensor(x), torch.as_tensor(lengths), [np.asarray(t) for t in lines])
