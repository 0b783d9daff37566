"""What a training epoch spends outside forward, backward and step, beside a plain DataLoader.

``python benchmarks/data_path.py [--threads 2] [--clips 16] [--epochs 3]``

Random log-mel recordings of 30 s (1875 frames of 96 bands) and waveforms (480 000 samples) train a net
each through `deep.tracks.training.Run`, with and without augmentation. Printed for each: the share
of an epoch's time that goes into cutting, augmenting and handing over batches, epochs after the
first; and how many times longer than the gathered batches a ``torch.utils.data.DataLoader`` (workers
0) takes over the same patches, a patch an item. Features are in memory, as they are after the first
epoch of any fit: the front-end runs once, before training, through the cache.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from torch.utils.data import DataLoader

import deep.dataset
from deep.nets.musicnn import MusiCNN
from deep.nets.sample_cnn import SampleCNN
from deep.nets.track_mlp import TrackMLP
from deep.tracks.batches import Patches
from deep.tracks.objective import objective_of
from deep.tracks.settings import Settings
from deep.tracks.training import Run

CASES = (
    ("musicnn, width 1/32", MusiCNN, 1 / 32, (1, 187, 96), 1875, ("", "mixup+specaugment")),
    ("dense layers, width 1/2", TrackMLP, 1 / 2, (1, 187, 96), 1875, ("", "mixup+specaugment")),
    ("SampleCNN, width 1/16", SampleCNN, 1 / 16, (1, 59_049, 1), 480_000, ("", "mixup+noise")),
)
"""Name, net, width, patch, frames of a recording, augmentations."""
BATCH = 16


def share_outside(patches: Patches, net: torch.nn.Module, augment: str, epochs: int) -> float:
    """Share of an epoch outside forward, backward and step, epochs after the first."""
    n = len(patches)
    settings = Settings(BATCH, 1e-3, 0.0, "adam", "constant", 75, 1, 99, None, augment)
    everything = np.arange(n)
    run = Run(
        net, objective_of(everything % 4, n), patches, None, everything, everything[:0], settings, 0
    )
    run.advance()
    run.busy_s = run.epoch_s = 0.0
    run.settings = Settings(BATCH, 1e-3, 0.0, "adam", "constant", 75, 1 + epochs, 99, None, augment)
    run.advance()
    return 1 - run.busy_s / run.epoch_s


def against_loader(patches: Patches, recordings: list[np.ndarray], epochs: int) -> float:
    """Time of a DataLoader over the same number of random patches, ours being 1."""
    rng = np.random.default_rng(0)
    items = deep.dataset.Patches(recordings, [0] * len(recordings), patches.length, rng)
    seconds = []
    for batches in (
        lambda: patches.epoch(None, BATCH, rng),
        lambda: DataLoader(items, batch_size=BATCH, shuffle=True),
    ):
        rounds = []
        for _ in range(epochs + 1):
            start = time.perf_counter()
            for _batch in batches():
                pass
            rounds.append(time.perf_counter() - start)
        seconds.append(min(rounds[1:]))
    return seconds[1] / seconds[0]


def main() -> None:
    """Print a line a case."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clips", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    for name, make, width, in_shape, frames, augments in CASES:
        shape = (in_shape[0], frames, in_shape[2])
        recordings = [rng.standard_normal(shape, dtype=np.float32) for _ in range(arguments.clips)]
        zeros = np.zeros((in_shape[0], 1, in_shape[2]), dtype=np.float32)
        patches = Patches(recordings, in_shape[1], zeros, zeros + 1)
        ratio = against_loader(patches, recordings, arguments.epochs)
        for augment in augments:
            share = share_outside(
                patches, make(in_shape, 4, width=width), augment, arguments.epochs
            )
            print(
                f"{name}, augment={augment!r}: {100 * share:.1f} % of an epoch outside the net; "
                f"a DataLoader takes {ratio:.1f} times as long to make its batches",
                flush=True,
            )


if __name__ == "__main__":
    main()
