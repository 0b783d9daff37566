"""Where the frames of a front-end lie.

Three ways to lay out the frames, by ``framing``:

``"hop"``
    The harness's grid. Frame ``i`` is centred on the middle of its hop, ``(i + 0.5) *
    hop_length`` samples, and there are exactly ``len(signal) // hop_length`` frames. With
    ``hop_length = 0.02 * sr`` these are the 20-ms frames of a frame protocol.
``"center"``
    librosa's ``center=True``: frame ``i`` is centred on sample ``i * hop_length``, there are
    ``1 + len(signal) // hop_length`` frames.
``"valid"``
    librosa's ``center=False``: frame ``i`` starts at sample ``i * hop_length``; a signal shorter
    than a frame is padded to one.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from mirbench.errors import DataError

Framing = Literal["hop", "center", "valid"]


def checked(signal: np.ndarray) -> np.ndarray:
    """The signal as float32; DataError unless it is mono, finite and not empty."""
    samples = np.asarray(signal, dtype=np.float32)
    if samples.ndim != 1:
        raise DataError(f"a mono signal of shape (n,) is needed, not {samples.shape}: mix it down")
    if not len(samples):
        raise DataError("the signal is empty: leave the item out of the index")
    if not np.isfinite(samples).all():
        raise DataError("the signal holds NaN or infinite samples: decode or repair the file")
    return samples


def padded(
    signal: np.ndarray, n_fft: int, hop_length: int, framing: Framing, pad_mode: str
) -> tuple[np.ndarray, int]:
    """Padded signal in which frame i starts at ``i * hop_length``, and the number of frames."""
    samples = checked(signal)
    n = len(samples)
    if framing == "hop":
        count, left = n // hop_length, n_fft // 2 - hop_length // 2
    elif framing == "center":
        count, left = 1 + n // hop_length, n_fft // 2
    elif framing == "valid":
        count, left = 1 + max(0, n - n_fft) // hop_length, 0
    else:
        raise DataError(f'unknown framing "{framing}": use "hop", "center" or "valid"')
    if left < 0:
        raise DataError(f"n_fft={n_fft} is shorter than hop_length={hop_length}: lengthen n_fft")
    right = max(0, max(count - 1, 0) * hop_length + n_fft - left - n)
    return np.pad(samples, (left, right), mode=pad_mode), count  # type: ignore[call-overload]
