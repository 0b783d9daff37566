"""What all methods of note lines are taught with: one array of codes an item, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from mirbench.errors import MethodError
from mirbench.token_lines import as_codes


def code_lines(X: Any, y: Any) -> list[np.ndarray]:
    """The training lines as arrays of int64, in the order of the items.

    Parameters
    ----------
    X : sequence of length n
        Items; only counted.
    y : sequence of n arrays of int, shape (n_notes,)
        Codes from 0 on, in the order of the notes.

    Raises
    ------
    MethodError
        No item, another number of lines than items, a line of no notes, a code that is no whole number
        from 0 on.
    """
    if not len(X):
        raise MethodError("there is no training item: give one or more")
    if len(y) != len(X):
        raise MethodError(f"{len(X)} items and {len(y)} lines: give one line an item")
    try:
        lines = [as_codes(line) for line in y]
    except (TypeError, ValueError) as error:
        raise MethodError(
            f"a training line is no list of codes ({error}): give whole numbers from 0 on"
        ) from error
    for line in lines:
        if not len(line):
            raise MethodError("a training line has no notes: leave it out")
        if line.min() < 0:
            raise MethodError(f"a training line has the code {line.min()}: codes are 0 or more")
    return lines
