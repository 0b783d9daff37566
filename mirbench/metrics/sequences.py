"""Metrics of sequences of tokens, pooled over the tokens of the truth.

Conventions
-----------
Truth and answer are arrays of codes. The edit distance is Levenshtein's: substitutions, deletions and
insertions count one each. Error is pooled: a long line weighs more than a short one, and many insertions
give more than 100 %. Lines of up to 6 tokens are short, of 12 or more long (our choice), by the truth.

Metrics
-------
Token error rate: edit distance over the tokens of the truth, of all lines or of those of one length;
the same of long lines minus that of short ones (points): how error grows with length; sequence accuracy:
share of lines without any error.

References
----------
Levenshtein (1966), Binary codes capable of correcting deletions, insertions and reversals, Soviet
Physics Doklady 10(8). The token error rate is the word error rate of speech recognition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mirbench.errors import MethodError
from mirbench.metrics.metric import Metric, ratio

SHORT, LONG = 6, 12
"""Tokens of a short line at most, of a long one at least."""
LENGTHS = ("short", "middle", "long")
EDITS, TOKENS = slice(0, 3), slice(3, 6)
RIGHT, LINES = 6, 7
"""Columns of the counts; edits and tokens by length."""


def sequence_metrics() -> list[Metric]:
    """Metrics of a task of kind ``'sequence'``, the headline ones first."""
    return [
        Metric("token error rate", "%", False, sequence_counts, _error),
        Metric("sequence accuracy", "%", True, sequence_counts, _right),
        Metric("token error rate, long minus short", "points", False, sequence_counts, _growth),
        *(
            Metric(f"token error rate, {length}", "%", False, sequence_counts, _error_of(i))
            for i, length in enumerate(LENGTHS)
        ),
    ]


def edit_distance(truth: Sequence[int], said: Sequence[int]) -> int:
    """Fewest substitutions, deletions and insertions of a token that make one of the other."""
    row = list(range(len(said) + 1))
    for i, token in enumerate(truth, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(said, start=1):
            before, row[j] = row[j], min(before + (token != other), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def sequence_counts(
    truth: Sequence[np.ndarray], outputs: Sequence[np.ndarray], task: Any, grid: Any
) -> np.ndarray:
    """Counts of each line.

    Parameters
    ----------
    truth, outputs : sequence of array of int
        Codes, in order.
    task, grid : Task, Grid
        Ignored: all counts have one signature.

    Returns
    -------
    ndarray of shape (n_items, 8)
        Edits if the line is short, middle, long, and 0 for other lengths; the truth's tokens in the same
        way; 1 without an error; 1.

    Raises
    ------
    MethodError
        The numbers of items differ.
    """
    if len(truth) != len(outputs):
        raise MethodError(f"{len(outputs)} answers for {len(truth)} items; give one an item")
    counts = np.zeros((len(truth), LINES + 1))
    for row, t, o in zip(counts, truth, outputs):
        true, said = [int(code) for code in t], [int(code) for code in o]
        length = (len(true) > SHORT) + (len(true) >= LONG)
        edits = edit_distance(true, said)
        row[EDITS][length], row[TOKENS][length] = edits, len(true)
        row[RIGHT], row[LINES] = edits == 0, 1
    return counts


def _error(sums: np.ndarray) -> np.ndarray:
    return 100 * ratio(sums[..., EDITS].sum(axis=-1), sums[..., TOKENS].sum(axis=-1))


def _error_of(length: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda sums: 100 * ratio(sums[..., EDITS][..., length], sums[..., TOKENS][..., length])


def _right(sums: np.ndarray) -> np.ndarray:
    return 100 * ratio(sums[..., RIGHT], sums[..., LINES])


def _growth(sums: np.ndarray) -> np.ndarray:
    return _error_of(2)(sums) - _error_of(0)(sums)
