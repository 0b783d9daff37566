"""Causal temporal convolutional network for speech/music labelling on the 20-ms grid."""

from __future__ import annotations

from deep.estimator import DeepClassifier
from deep.frame_cnn import random_channel
from deep.levelled import levelled_logmel
from deep.nets.tcn import TCN
from mirbench.features import Extract


def tcn_frames(units: int = 32, random_state: int = 0) -> DeepClassifier:
    """TCN on levelled log-mel, frame by frame, causal.

    The network of Bai et al. 2018 (arXiv:1803.01271) with their kernel of 5 and 4 levels for
    music, so that a frame's decision rests on the 2.4 s before it; dropout 0.25, weights from
    N(0, 0.01), Adam and gradients clipped at 0.2 as published. Our choice: two 3x3 blocks pooled
    over frequency before it (with bands as channels it learns the corpus's equaliser), ``units`` 32
    where they take 150, to keep a fit within a minute on one core, and twice their learning rate,
    falling along a cosine. Front-end and augmentation as in `deep.frame_cnn`.

    Parameters
    ----------
    units : int
        Channels of each block; 150 as published.
    random_state : int
    """
    return DeepClassifier(
        Extract(levelled_logmel, sr=22_050),
        TCN,
        {"units": units, "widths": (8, 16)},
        output="frames",
        patch_frames=250,
        augment=random_channel,
        lr=2e-3,
        cosine=True,
        batch_size=16,
        max_epochs=14,
        patience=14,
        gradient_clip=0.2,
        random_state=random_state,
    )


tcn_frames.cite = "bai2018tcn"  # type: ignore[attr-defined]
tcn_frames.family = "deep"  # type: ignore[attr-defined]
tcn_frames.context_s = (8.0, 0.04)  # type: ignore[attr-defined]
