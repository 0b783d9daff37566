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
    if len(X) != len(y):
        raise MethodError(f"{len(X)} items but {len(y)} labels; give one an item")
    labels = np.asarray(y)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or (labels < 0).any():
        raise MethodError(
            f"y must be codes of classes, whole numbers from 0 on; got {labels.dtype} of shape "
            f"{labels.shape}: leave items without a label out"
        )
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise MethodError(f"y shows {len(classes)} classes; give items of two or more")
    return classes, codes
