"""Whether a decoder with attention reads in the order in which it writes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def places(weights: np.ndarray) -> np.ndarray:
    """Where each step of a decoder looks: the mean place of its weights.

    Parameters
    ----------
    weights : ndarray of shape (n_tokens, n_steps)
        Not negative; each row adds up to 1.

    Returns
    -------
    ndarray of shape (n_tokens,)
        In steps of the encoder, from 0 on.
    """
    return np.asarray(weights, dtype=float) @ np.arange(np.shape(weights)[1])


def forward_share(alignments: Iterable[np.ndarray]) -> float:
    """Share of the tokens, all but the first of each line, that are read behind the one before.

    1 for a monotone alignment, about a half for one without any order.

    Parameters
    ----------
    alignments : iterable of ndarray of shape (n_tokens, n_steps)
        Weights of each line, as `places` takes them.

    Returns
    -------
    float
        NaN where no line has two tokens.
    """
    moves = [np.diff(places(weights)) > 0 for weights in alignments]
    steps = np.concatenate([np.zeros(0, dtype=bool), *moves])
    return float(steps.mean()) if len(steps) else float("nan")
