"""Where released weights lie, their hash, and cutting a signal into an encoder's windows.

Weights are never fetched here: a folder of the user's, or what a library has fetched before, is read.
Only formats that can't run code are: safetensors, TensorFlow's checkpoints, and PyTorch's files with
``weights_only=True``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from baselines.tracks.estimator import Tracks
from baselines.tracks.heads import linear
from mirbench.canonical import versions
from mirbench.errors import MethodError
from mirbench.features import Extract

FOLDERS = "MIRBENCH_ENCODERS"
"""Environment variable: a folder that holds a folder of weights an encoder."""


class Weights(str):
    """The SHA-256 (hex) of weights, which is all that names them; ``path`` is where they lie.

    In ``kw_args`` of `Extract` it makes another checkpoint a miss in the cache, and the same one in
    another place a hit.
    """

    path: Path

    @classmethod
    def of(cls, path: Path) -> Weights:
        """Of a file."""
        stat = path.stat()
        made = cls(_sha256(path, stat.st_mtime_ns, stat.st_size))
        made.path = path
        return made


@cache
def _sha256(path: Path, mtime: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find(
    name: str, files: Sequence[str], path: str = "", kept: Callable[[], Path | None] | None = None
) -> Path | None:
    """The first of ``files`` that is there, or None.

    Parameters
    ----------
    name : str
        Of the encoder: of its folder in ``$MIRBENCH_ENCODERS``.
    files : sequence of str
        Names of a file of weights, the best first.
    path : str
        Folder to look into, and no other; empty: that of the environment, then ``kept()``.
    kept : callable, optional
        Folder of a library that may have fetched the weights, or None.
    """
    root = os.environ.get(FOLDERS)
    folders = [Path(path)] if path else [Path(root, name)] if root else []
    if not path and kept is not None and (folder := kept()) is not None:
        folders.append(folder)
    places = [folder.expanduser() / file for folder in folders for file in files]
    return next((place for place in places if place.is_file()), None)


def absent(name: str, files: Sequence[str], path: str, how: str) -> str:
    """Sentence on weights that `find` doesn't find; ``how`` one gets them."""
    if not path and FOLDERS not in os.environ:
        return f"no weights: give path=, or set {FOLDERS} to a folder that holds {name}; {how}"
    where = path or f"${FOLDERS}/{name}"
    return f"no weights: {where} holds no {' or '.join(files)}; {how}"


def hub_folder(repository: str) -> Path | None:
    """Folder of a repository in the hub's cache, or None; nothing is fetched."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    found = try_to_load_from_cache(repository, "config.json")
    return Path(found).parent if isinstance(found, str) else None


def probe(
    embed: Callable[..., np.ndarray],
    sr: int,
    found: Path | None,
    missing: str,
    library: str,
    trials: int,
) -> Tracks:
    """A linear head on an encoder's embeddings.

    Parameters
    ----------
    embed : callable
        ``embed(signal, sr, weights, library) -> float32 (d,)``.
    sr : int
        Rate in Hz that the encoder takes.
    found : Path or None
        File of its weights.
    missing : str
        What to say where there is none.
    library : str
        Distribution that runs the encoder; its version is in the cache's key. Empty: our own net.
    trials : int
        Penalties tried.

    Raises
    ------
    MethodError
        There are no weights.
    """
    if found is None:
        raise MethodError(missing)
    version = f"{library} {versions(library)[library]}" if library else ""
    kw_args = {"weights": Weights.of(found), "library": version}
    return Tracks(Extract(embed, sr=sr, kw_args=kw_args), linear(), trials)


def windows(signal: np.ndarray, length: int, hop: int, *, fill: str = "zeros") -> np.ndarray:
    """Windows side by side, the rest at the end too: float32 (n, length), one at the least.

    Parameters
    ----------
    signal : ndarray of shape (n, ...)
        Samples, or frames of features.
    length, hop : int
        In samples or frames.
    fill : {"zeros", "repeat", "drop"}
        The last window ends with zeros, or is left out; where the signal is shorter than a window,
        "repeat" and "drop" repeat it.
    """
    if fill != "zeros" and len(signal) < length:
        signal = np.concatenate([signal] * -(-length // max(1, len(signal))))[:length]
    beyond = max(0, len(signal) - length)
    count = 1 + (beyond // hop if fill == "drop" else -(-beyond // hop))
    missing = max(0, (count - 1) * hop + length - len(signal))
    padded = np.concatenate([signal, np.zeros((missing, *signal.shape[1:]), signal.dtype)])
    return np.stack([padded[i * hop : i * hop + length] for i in range(count)]).astype(np.float32)
