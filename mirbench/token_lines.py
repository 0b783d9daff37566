"""Sequences of tokens: how a truth is written, and what an answer may be.

A truth of a task of kind ``sequence`` is JSON of a list of labels, in the order in which they are
heard, one at the least; a label may come twice, also twice in a row. In a corpus's table it is the
labels with spaces between. An answer is the labels' codes, none to ``MOST``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import numpy as np

MOST = 10_000
"""Tokens in an answer at most."""


def as_truth(text: str, labels: Sequence[str]) -> str | None:
    """JSON of the labels in ``text``, with spaces between; None if there are none or others."""
    tokens = text.split()
    return json.dumps(tokens) if tokens and set(tokens) <= set(labels) else None


def as_codes(answer: Iterable[int]) -> np.ndarray:
    """An answer as int64, shape (n,); ValueError or TypeError for what isn't whole numbers in a row."""
    found = np.asarray(list(answer))
    if found.ndim != 1 or (len(found) and found.dtype.kind not in "iu"):
        raise ValueError(f"values of type {found.dtype} and shape {found.shape}")
    return found.astype(np.int64)


def fault_of(codes: np.ndarray, n_labels: int) -> str:
    """What is wrong with an answer's codes, in words; empty if nothing is."""
    if len(codes) > MOST:
        return f"{len(codes)} tokens, {MOST} are allowed"
    if len(codes) and (codes.min() < 0 or codes.max() >= n_labels):
        return f"a token outside the codes 0 to {n_labels - 1}; leave start and end out"
    return ""
