"""One length for all sounds and videos of a protocol: where lengths differ, they tell which belong together."""

from __future__ import annotations

import math

import pandas as pd

from mirbench.errors import ProtocolError
from mirbench.items import content_key
from mirbench.pairs import part_label

LEAST_S = 0.1
"""Pairs aren't cut to less (s), a frame at 10 Hz: our choice."""


def cut_to_one(items: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Pairs cut to the length of the shortest, from their start.

    Parameters
    ----------
    items : DataFrame
        A protocol's items, whole ones, of a task of kind ``'pairs'``.

    Returns
    -------
    items : DataFrame
        The same ones where all have one length.
    said : str
        What was done, to end a protocol's description with; empty where nothing was.

    Raises
    ------
    ProtocolError
        The shortest is shorter than 0.1 s; names it.
    """
    lengths = items["duration_s"].astype(float)
    if lengths.nunique() < 2:
        return items, ""
    name = items["id"].iloc[int(lengths.to_numpy().argmin())]
    length_s = math.floor(lengths.min() * 1e6 + 1e-3) / 1e6  # as exact as keys and truths are
    if length_s < LEAST_S:
        raise ProtocolError(
            f"{name}: {lengths.min():g} s, and all sounds and videos are cut to the shortest, since a length "
            "tells which belong together; drop it from the index"
        )
    cut = items.assign(
        duration_s=length_s,
        key=[
            key if own_s == length_s else content_key(key, 0.0, length_s)
            for key, own_s in zip(items["key"], lengths)
        ],
        label=[part_label(label, 0.0, length_s) for label in items["label"]],
    )
    return cut, f"; all pairs are cut to {length_s:g} s, the length of {name}"
