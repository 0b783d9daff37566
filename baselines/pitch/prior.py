"""What one gets without listening: one pitch for all frames."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from mirbench.errors import MethodError
from mirbench.items import ragged
from mirbench.pitch import n_frames


class ConstantPitch(BaseEstimator):
    """The pitch that is right most often, and the share of voiced frames, in training.

    Attributes
    ----------
    f0_hz_ : float
        Centre of the 100 cents that hold most voiced frames.
    voicing_ : float
        Share of voiced frames.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> ConstantPitch:
        """``y`` holds tables of times (s) and frequencies (Hz, 0 where unvoiced)."""
        f0_hz = np.concatenate([rows[:, 1] for rows in y])
        if not (f0_hz > 0).any():
            raise MethodError("no training item has a voiced frame; add some")
        cents = np.sort(1200 * np.log2(f0_hz[f0_hz > 0]))
        held = np.searchsorted(cents, cents + 100, side="right") - np.arange(len(cents))
        self.f0_hz_ = float(2 ** ((cents[held.argmax()] + 50) / 1200))
        self.voicing_ = float((f0_hz > 0).mean())
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The same answer for each frame of each item."""
        check_is_fitted(self)
        return ragged(
            np.tile([self.f0_hz_, self.voicing_], (n_frames(item.duration_s), 1)) for item in X
        )


def prior_pitch() -> ConstantPitch:
    """The commonest pitch of the training items.

    Every frame gets the centre of the 100 cents that hold most voiced frames, and the share of voiced
    frames as its voicing. A method that is no better has learned nothing.
    """
    return ConstantPitch()


prior_pitch.family = "baseline"  # type: ignore[attr-defined]
