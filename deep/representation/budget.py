"""What every way of learning may spend, so that a row differs from another by what is learned alone.

Sizes are our choice: a fit takes under a minute on one core.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deep.dataset import as_recording
from deep.similarity.inputs import track_logmel
from mirbench.errors import MethodError
from mirbench.features import Extract

SR = 16_000
"""Hz."""
MELS = {"n_fft": 1024, "hop_length": 384, "n_mels": 64}
PATCH = 64
"""Frames of a patch: 1.5 s."""
EMBEDDING = 128
"""Numbers of an embedding."""
STEPS = 300
"""Steps of the optimiser."""
BATCH = 32
"""Patches a step."""
LR = 1e-3
"""Of Adam, with half a cosine down to 0."""


def log_mel() -> Extract:
    """64 mel bands of 64 ms every 24 ms, a recording's level taken out (`deep.similarity.inputs`)."""
    return Extract(track_logmel, sr=SR, kw_args=MELS)


def recordings_of(extract: Extract, X: np.ndarray) -> Sequence[np.ndarray]:
    """Features of items, each (1, n_frames, bins).

    Raises
    ------
    MethodError
        An item without a frame.
    """
    recordings = [as_recording(rows) for rows in extract.transform(X)]
    if any(r.shape[1] == 0 for r in recordings):
        raise MethodError("an item is too short to hold a frame: drop it from the index")
    return recordings
