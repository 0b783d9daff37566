"""Strategy A: label the frames, then cut."""

from __future__ import annotations

from typing import Any

import numpy as np

from baselines.segmentation.wrapper import ScoreSegmenter
from mirbench.apply.segments import scores_to_segments
from mirbench.frames import Segment


class LabelThenSegment(ScoreSegmenter):
    """Frame posteriors, running median or hysteresis, merge runs, drop short ones.

    Parameters
    ----------
    base : estimator
        Frame method: ``predict_proba(items)`` gives (n_frames, n_classes) an item.
    median_s : float
        Running median of the posteriors (s), 0 for none. Usual values are 1 to 3 s (Royo-Letelier,
        2015, from memory); 2 s is our choice.
    hysteresis : float
        Lead in posterior that a rival class needs to take over from the current one; 0 for none.
    min_s : float
        Runs shorter than this (s) go to their longer neighbour, the shortest first; 0 keeps all.
    hop_s : float
        Frame period (s) of ``base``.
    """

    def __init__(
        self,
        base: Any,
        median_s: float = 2.0,
        hysteresis: float = 0.0,
        min_s: float = 1.0,
        hop_s: float = 0.02,
    ) -> None:
        self.base = base
        self.median_s = median_s
        self.hysteresis = hysteresis
        self.min_s = min_s
        self.hop_s = hop_s

    def segment(self, scores: np.ndarray, duration_s: float) -> list[Segment]:
        """Segments out of frame scores, shape (n_frames, n_classes), and the length in seconds."""
        return scores_to_segments(
            scores,
            self.classes_,
            duration_s,
            hop_s=self.hop_s,
            median_s=self.median_s,
            hysteresis=self.hysteresis,
            min_s=self.min_s,
        )
