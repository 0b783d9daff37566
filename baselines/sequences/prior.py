"""What one gets without listening: the commonest note, over and over."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from baselines.sequences.codes import code_lines
from mirbench.items import ragged
from mirbench.metrics.sequences import edit_distance


class ConstantLine(BaseEstimator):
    """The commonest token of the training lines, as often as costs the fewest edits there.

    Attributes
    ----------
    line_ : ndarray of int64
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> ConstantLine:
        """``y`` holds arrays of codes.

        Raises
        ------
        MethodError
            What `code_lines` refuses.
        """
        told = code_lines(X, y)
        commonest = int(np.bincount(np.concatenate(told)).argmax())
        lines = [line.tolist() for line in told]
        edits = [
            sum(edit_distance(line, [commonest] * n) for line in lines)
            for n in range(max(map(len, lines)) + 1)
        ]
        self.line_ = np.full(int(np.argmin(edits)), commonest, dtype=np.int64)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The same line for each item."""
        check_is_fitted(self)
        return ragged(self.line_.copy() for _ in X)


def prior_line() -> ConstantLine:
    """The commonest note of the training lines, repeated.

    It is said as often as costs the fewest edits over the training lines: the least token error that
    one word alone can have. A method that is no better has learned nothing.
    """
    return ConstantLine()


prior_line.family = "baseline"  # type: ignore[attr-defined]
