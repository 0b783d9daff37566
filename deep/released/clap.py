"""CLAP's audio encoder (laion/clap-htsat-unfused) through transformers."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deep.released.hub import pretrained
from deep.released.weights import Weights, hub_folder, windows
from mirbench.errors import MethodError

REPOSITORY = "laion/clap-htsat-unfused"
SR = 48_000
WINDOW_S = 10
"""What the encoder hears at once; of more, transformers would take a random part."""
kept = partial(hub_folder, REPOSITORY)


def embed(signal: np.ndarray, sr: int, weights: Weights, library: str = "") -> np.ndarray:
    """Mean over windows of 10 s side by side of the projection at length 1: float32 (512,).

    The last window is filled up with zeros, a signal shorter than one is repeated as often as it
    fits whole. Mel bands are in dB re 1: the level is heard.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : int
        48 000 Hz.
    weights : Weights
        Beside ``config.json`` and ``preprocessor_config.json``.
    library : str
        Unused; a part of the cache's key.
    """
    model, prepare = load(weights)
    size = WINDOW_S * sr
    parts = [signal] if len(signal) < size else list(windows(signal, size, size))
    found = []
    with torch.inference_mode():
        for part in parts:
            heard = prepare(part, sampling_rate=sr, return_tensors="pt")
            found.append(model.get_audio_features(**heard).pooler_output[0])
    return torch.stack(found).mean(dim=0).numpy()


@lru_cache(maxsize=1)
def load(weights: Weights) -> tuple[Any, Any]:
    """The model and what prepares a signal for it.

    Raises
    ------
    MethodError
        Something is missing, or it hears something else than 10 s at 48 kHz.
    """
    from transformers import ClapFeatureExtractor, ClapModel

    folder: Path = weights.path.parent
    try:
        prepare = ClapFeatureExtractor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise MethodError(f"{folder}: preprocessor_config.json can't be read ({error})") from error
    if (prepare.sampling_rate, prepare.nb_max_samples) != (SR, WINDOW_S * SR):
        raise MethodError(
            f"{folder}: hears {prepare.nb_max_samples} samples at {prepare.sampling_rate} Hz, not "
            f"{WINDOW_S} s at {SR} Hz; give {REPOSITORY}"
        )
    return pretrained(ClapModel, folder), prepare
