"""Statistics of a track's sound, for rows that go by how near tracks sound to each other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mirbench.features.extract import Extract
from mirbench.features.spectral import mfcc
from mirbench.items import AudioRef, Item, as_items

SR = 22050


def statistics(signal: np.ndarray, sr: float) -> np.ndarray:
    """Mean and deviation over frames of 20 MFCC without level, (38,)."""
    frames = mfcc(signal, sr)[:, 1:]
    return np.concatenate([frames.mean(axis=0), frames.std(axis=0)])


def sounds(items: pd.DataFrame) -> np.ndarray:
    """Statistics of items (rows of a corpus's table), (n_items, 38), through the cache."""
    rows = items[["key", "path", "start_s", "duration_s"]].itertuples(index=False)
    refs = [(key, AudioRef(path, start, length)) for key, path, start, length in rows]
    return np.asarray(
        Extract(statistics, sr=SR).transform(as_items(Item.from_file(*ref) for ref in refs))
    )
