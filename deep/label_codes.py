"""Labels as models are told them: whole numbers from 0 on, one an item, of two classes or more."""

from __future__ import annotations

from typing import Any

import numpy as np

from mirbench.errors import MethodError


def label_codes(X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """The classes, and the number of each item's: (n_classes,) and (n,).

    Raises
    ------
    MethodError
        Not one label an item, a label that is no code from 0 on, or fewer than two classes.
    """
    labels = np.asarray(y)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or (labels < 0).any():
        raise MethodError(
            f"y must be codes of classes, whole numbers from 0 on; got {labels.dtype} of shape "
            f"{labels.shape}{_first_wrong(labels)}: number the classes and leave items without a label out"
        )
    if len(X) != len(labels):
        raise MethodError(f"{len(X)} items but {len(labels)} labels; give one an item")
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise MethodError(f"y shows {len(classes)} classes; give items of two or more")
    return classes, codes


def _first_wrong(labels: np.ndarray) -> str:
    """The first value that is no code, in words."""
    wrong = [v for v in labels.ravel().tolist() if not isinstance(v, int) or v < 0]
    return f", with {wrong[0]!r}" if wrong else ""
