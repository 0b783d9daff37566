"""What a trained net says of whole tracks: its answers to the patches of a track, put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from deep.dataset import tile_starts
from deep.tracks.objective import Objective

TIE = 1e-3
"""Weight of the mean probability beside the votes of patches: it decides between equals only."""


def outputs_of(
    module: nn.Module,
    objective: Objective,
    recordings: Sequence[np.ndarray],
    length: int,
    batch_size: int,
    aggregation: str,
) -> np.ndarray:
    """Probabilities or values of recordings, each from its own patches alone.

    Parameters
    ----------
    module : nn.Module
        Standardiser and net, in evaluation mode.
    objective : Objective
    recordings : sequence of ndarray, shape (channels, n_frames, bins)
    length : int
        Frames of a patch; patches tile a recording, the last one ends with it.
    batch_size : int
        Patches that go through the net at once.
    aggregation : {"mean", "vote"}
        Mean of the patches' outputs, or share of the patches that decide so.

    Returns
    -------
    ndarray of float64, shape (n_recordings, n_outputs)
    """
    rows = [patch_outputs(module, objective, r, length, batch_size) for r in recordings]
    means = np.stack([row.mean(axis=0) for row in rows])
    if aggregation == "mean":
        return means
    votes = np.stack([objective.votes(row).mean(axis=0) for row in rows])
    return (votes + TIE * means) / (1 + TIE)


def patch_outputs(
    module: nn.Module, objective: Objective, recording: np.ndarray, length: int, batch_size: int
) -> np.ndarray:
    """Outputs of the patches that tile a recording, (n_patches, n_outputs); a short one is repeated."""
    n_frames = recording.shape[1]
    starts = tile_starts(n_frames, length)
    device = next(module.parameters()).device
    rows = []
    with torch.no_grad():
        for first in range(0, len(starts), batch_size):
            where = starts[first : first + batch_size, None] + np.arange(length)
            patches = recording[:, where % n_frames].transpose(1, 0, 2, 3)
            logits = module(torch.as_tensor(patches.copy(), device=device))
            rows.append(objective.outputs(logits.cpu().double()).numpy())
    return np.concatenate(rows)
