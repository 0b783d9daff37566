"""musicnn's released weights in our own net: what its back-end hears, the mean over windows."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from deep.nets.musicnn import MusiCNN
from deep.released.checkpoint import DATA, variables
from deep.released.weights import Weights, windows
from deep.tracks.inputs import RATES, musicnn_logmel
from mirbench.errors import MethodError

SR = RATES["musicnn_logmel"]
FRAMES = 187
"""Of a window: 2.99 s, side by side, the rest at the end left out, as the package does."""
EPSILON = 1e-3
"""Added to variances by TensorFlow's batch norm."""
FILES = (DATA,)
FRONT = ("conv2d_1", "conv2d", "conv2d_2", "conv2d_3", "conv2d_4")
"""Kernels of our front-end's filters. Theirs has the lower timbral filters first."""
NORMS = {
    "norm": "",
    "front.0.norm": "_2",
    "front.1.norm": "_1",
    "front.2.norm": "_3",
    "front.3.norm": "_4",
    "front.4.norm": "_5",
    "mid.0.2": "_6",
    "mid.1.2": "_7",
    "mid.2.2": "_8",
    "back.0": "_9",
    "back.4": "_10",
}
STATISTICS = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def packaged(model: str) -> Path | None:
    """Folder of a model in the installed package musicnn, which isn't imported; or None."""
    spec = importlib.util.find_spec("musicnn")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0]) / model if folders else None


def embed(signal: np.ndarray, sr: int, weights: Weights, library: str = "") -> np.ndarray:
    """Maximum and mean over a window's time of all front- and mid-end maps: float32 (1506,).

    Windows of 187 frames side by side, the mean over windows; a shorter signal is repeated, as in
    training. Mel bands are ours (`musicnn_logmel`): single precision, where the package's half
    precision overflows for strong bands, and zeros around the signal instead of its mirror image. The
    level is heard.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : int
        16 000 Hz.
    weights : Weights
        Of a checkpoint's data.
    library : str
        Unused.
    """
    parts = windows(musicnn_logmel(signal, sr), FRAMES, FRAMES, fill="drop")
    net = load(weights)
    with torch.inference_mode():
        batches = torch.from_numpy(parts)[:, None].split(16)
        return torch.cat([pooled(net, batch) for batch in batches]).mean(dim=0).numpy()


def pooled(net: MusiCNN, x: torch.Tensor) -> torch.Tensor:
    """What the back-end gets: (batch, 1, frames, bins) -> (batch, 2 * maps)."""
    heard: list[torch.Tensor] = []
    hook = net.back.register_forward_pre_hook(lambda _, inputs: heard.append(inputs[0]))
    try:
        net(x)
    finally:
        hook.remove()
    return heard[0]


@lru_cache(maxsize=2)
def load(weights: Weights) -> MusiCNN:
    """The net of a checkpoint, for evaluation.

    Raises
    ------
    MethodError
        The checkpoint isn't musicnn's.
    """
    try:
        state = from_tensorflow(variables(weights.path.parent))
    except KeyError as error:
        raise MethodError(
            f"{weights.path.parent}: not musicnn's checkpoint, it has no {error}; give the folder MTT_musicnn "
            "or MSD_musicnn of the package"
        ) from error
    bands = 96
    with torch.random.fork_rng(devices=[]):
        net = MusiCNN(
            (1, FRAMES, bands),
            len(state["back.6.bias"]),
            mid=len(state["mid.0.0.bias"]),
            units=len(state["back.2.bias"]),
        )
    for module in net.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.eps = EPSILON
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        raise MethodError(f"{weights.path.parent}: not the shapes of musicnn ({error})") from error
    return net.eval()


def from_tensorflow(found: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """State of our net from the checkpoint's variables by name (the authors' ``models.py``).

    Kernels are (time, frequency, in, out) there. Channels of the front-end have another order, and
    the back-end takes maximum and mean of a channel side by side, where ours takes all maxima first.
    """
    lower, higher = len(found["conv2d/bias"]), len(found["conv2d_1/bias"])
    front = found["conv2d_5/kernel"].shape[1]
    maps = len(found["dense/kernel"]) // 2
    order = np.concatenate(
        [np.arange(lower, lower + higher), np.arange(lower), np.arange(lower + higher, maps)]
    )
    both = np.concatenate([2 * order, 2 * order + 1])
    state: dict[str, np.ndarray] = {}
    for i, name in enumerate(FRONT):
        kernel = found[f"{name}/kernel"].transpose(3, 2, 0, 1)
        state[f"front.{i}.conv.weight"] = kernel if i < 2 else kernel[..., 0]
        state[f"front.{i}.conv.bias"] = found[f"{name}/bias"]
    for i in range(3):
        kernel = found[f"conv2d_{5 + i}/kernel"][:, :, 0].transpose(2, 1, 0)
        state[f"mid.{i}.0.weight"] = kernel[:, order[:front]] if i == 0 else kernel
        state[f"mid.{i}.0.bias"] = found[f"conv2d_{5 + i}/bias"]
    state["back.2.weight"] = found["dense/kernel"][both].T
    state["back.2.bias"] = found["dense/bias"]
    state["back.6.weight"] = found["dense_1/kernel"].T
    state["back.6.bias"] = found["dense_1/bias"]
    for ours, theirs in NORMS.items():
        for name, statistic in STATISTICS.items():
            values = found[f"batch_normalization{theirs}/{statistic}"]
            state[f"{ours}.{name}"] = values[both] if ours == "back.0" else values
        state[f"{ours}.num_batches_tracked"] = np.array(0)
    return {name: torch.from_numpy(np.array(values)) for name, values in state.items()}
