"""OpenL3 (music, 256 mel bands, 512 numbers) through the package torchopenl3."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deep.released.weights import Weights, windows
from mirbench.errors import MethodError

SR = 48_000
HOP_S = 1.0
"""Between windows of 1 s (our choice: the package's 0.1 s costs ten times as much)."""
FILES = ("torchopenl3_mel256_music_512.pth.tar",)


def kept() -> Path:
    """Where torch keeps what the package fetches."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def embed(signal: np.ndarray, sr: int, weights: Weights, library: str = "") -> np.ndarray:
    """Mean over windows of 1 s side by side: float32 (512,).

    The first begins at 0 s (the package's ``center=False``), the last is filled up with zeros. Mel
    amplitudes are in dB below each window's loudest, 80 dB at most: a gain cancels.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : int
        48 000 Hz.
    weights : Weights
    library : str
        Unused; a part of the cache's key.
    """
    parts = torch.from_numpy(windows(signal, sr, round(HOP_S * sr)))[:, None]
    net = load(weights)
    with torch.inference_mode():
        found = [net(batch).reshape(len(batch), -1) for batch in parts.split(8)]
        return torch.cat(found).mean(dim=0).numpy()


@lru_cache(maxsize=2)
def load(weights: Weights) -> Any:
    """The net, for evaluation.

    Raises
    ------
    MethodError
        The file holds something else.
    """
    from torchopenl3.models import PytorchOpenl3

    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Empty filters"
        )  # 256 mels are narrower than bins
        net = PytorchOpenl3(content_type="music", input_repr="mel256", embedding_size=512)
    try:
        net.load_state_dict(torch.load(weights.path, map_location="cpu", weights_only=True))
    except Exception as error:
        raise MethodError(
            f"{weights.path}: not weights of torchopenl3's mel256, music, 512 "
            f"({type(error).__name__}); fetch them again"
        ) from error
    return net.eval()
