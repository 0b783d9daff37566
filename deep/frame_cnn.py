"""Convolutional speech/music labelling on the 20-ms grid."""

from __future__ import annotations

import numpy as np

from deep.estimator import DeepClassifier
from deep.levelled import levelled_logmel
from deep.nets.frame_cnn import FrameCNN
from mirbench.features import Extract


def cnn_frames(causal: bool = False, random_state: int = 0) -> DeepClassifier:
    """CNN on levelled log-mel, frame by frame.

    40 mel bands (50-7000 Hz, 46-ms windows every 20 ms) relative to the level of the last 3 s;
    two 3x3 convolutions pooled over frequency, then five dilated residual convolutions over time.
    A frame's decision rests on 2.2 s of context (1.1 s on each side; all of it before the frame
    when ``causal``). Trained on 5-s patches whose channel is changed at random (`random_channel`).
    Architecture, front-end and training are our choice, no published system is reproduced. A fit
    on 160 clips of 15 s takes about 20 s of one core.

    Parameters
    ----------
    causal : bool
        Look back only: 13 ms of latency instead of 1.1 s.
    random_state : int
    """
    return DeepClassifier(
        Extract(levelled_logmel, sr=22_050),
        FrameCNN,
        {"causal": causal},
        output="frames",
        patch_frames=250,
        augment=random_channel,
        optimizer="adamw",
        lr=2e-3,
        weight_decay=1e-2,
        cosine=True,
        batch_size=16,
        max_epochs=10,
        patience=10,
        random_state=random_state,
    )


def random_channel(patch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As if recorded by another microphone, over another line: random equaliser, band and noise.

    So that bandwidth, colour and the depth of pauses, which differ between corpora, tell nothing.
    Our choice: a slope within +-6 dB from the lowest to the highest band; in half of the patches
    all but a random band is cut by 40 dB (its edges up to 1/8, and from 1/4, of the mel range up);
    the level is put back;
    then noise of random slope, -60 to -30 dB relative to the level.

    Parameters
    ----------
    patch : ndarray of shape (channels, n_frames, bins)
        Logarithms to base 10 of power.
    rng : Generator

    Returns
    -------
    ndarray of the same shape
    """
    bins = patch.shape[2]
    ramp = np.linspace(-0.5, 0.5, bins, dtype=np.float32)
    gain = rng.uniform(-1.2, 1.2) * ramp
    if rng.random() < 0.5:
        low = rng.integers(0, bins // 8)
        high = rng.integers(bins // 4, bins)
        gain[:low] -= 4
        gain[high:] -= 4
    noise = 10 ** (rng.uniform(-6, -3) + rng.uniform(-1, 1) * ramp)
    power = 10**patch
    filtered = power * 10**gain
    return np.log10(filtered * (power.sum() / filtered.sum()) + noise)


def _context_s(causal: bool = False) -> tuple[float, float]:
    return (8.0, 0.04) if causal else (8.0, 1.2)


cnn_frames.family = "deep"  # type: ignore[attr-defined]
cnn_frames.context_s = _context_s  # type: ignore[attr-defined]
