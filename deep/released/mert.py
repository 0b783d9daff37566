"""MERT-v1-95M through transformers' own HuBERT, which it is but for its name.

The repository brings a model class of its own, which would have to be trusted and run; it isn't.
That class differs from ``HubertModel`` where its configuration asks for a constant-Q front-end, deep
norm or relaxed attention (its ``modeling_MERT.py``). The 95M model asks for none (from memory), a
folder that does is refused.
"""

from __future__ import annotations

import json
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deep.released.hub import pretrained
from deep.released.weights import Weights, hub_folder, windows
from mirbench.errors import MethodError

REPOSITORY = "m-a-p/MERT-v1-95M"
SR = 24_000
WINDOW_S = 5
"""Context in training, from memory."""
SHORTEST_S = 0.1
"""Of the last window (our choice); a shorter rest is left out."""
OWN = ("feature_extractor_cqt", "deepnorm", "attention_relax", "add_adapter")
"""Settings of its class that HuBERT lacks, or that change its output's form."""
kept = partial(hub_folder, REPOSITORY)


def embed(signal: np.ndarray, sr: int, weights: Weights, library: str = "") -> np.ndarray:
    """Mean over all layers and frames of 13 ms: float32 (768,).

    Windows of 5 s side by side, the last as long as the rest is: no frame hears filling, every frame
    counts once. The mean over the input and all layers of the transformer is our choice (the authors
    weigh layers in training a probe). Each window is standardised where ``preprocessor_config.json``
    says so, as released: a gain cancels.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : int
        24 000 Hz.
    weights : Weights
        Beside ``config.json`` and ``preprocessor_config.json``.
    library : str
        Unused; a part of the cache's key.
    """
    model, prepare = load(weights)
    shortest = round(SHORTEST_S * sr)
    if len(signal) < shortest:
        signal = windows(signal, shortest, shortest)[0]
    parts = [signal[i : i + WINDOW_S * sr] for i in range(0, len(signal), WINDOW_S * sr)]
    total, frames = torch.zeros(()), 0
    with torch.inference_mode():
        for part in parts:
            if len(part) < shortest:
                continue
            heard = prepare(part, sampling_rate=sr, return_tensors="pt")["input_values"]
            layers = model(heard, output_hidden_states=True).hidden_states
            total = total + torch.stack(layers).mean(dim=0)[0].sum(dim=0)
            frames += layers[0].shape[1]
    return (total / frames).numpy()


@lru_cache(maxsize=1)
def load(weights: Weights) -> tuple[Any, Any]:
    """The model and what prepares a signal for it.

    Raises
    ------
    MethodError
        Something is missing, or only the repository's own code could run it.
    """
    from transformers import HubertConfig, HubertModel, Wav2Vec2FeatureExtractor

    folder: Path = weights.path.parent
    try:
        said = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        prepare = Wav2Vec2FeatureExtractor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise MethodError(
            f"{folder}: config.json or preprocessor_config.json can't be read ({error})"
        ) from error
    asked = [name for name in OWN if float(said.get(name) or 0) > 0]
    if asked:
        raise MethodError(
            f"{folder}: {', '.join(asked)} needs the repository's own code, which isn't run; give "
            f"{REPOSITORY}"
        )
    if prepare.sampling_rate != SR:
        raise MethodError(
            f"{folder}: hears {prepare.sampling_rate} Hz, not {SR}; give {REPOSITORY}"
        )
    left_out = ("model_type", "auto_map", "architectures", *OWN)
    config = HubertConfig(**{k: v for k, v in said.items() if k not in left_out})
    return pretrained(HubertModel, folder, config=config), prepare
