"""Figures printed by Scheirer & Slaney (1997), on their own 160 clips of FM radio.

Those clips aren't at hand: the figures stand beside ours and are never called reproduced.
"""

from dataclasses import dataclass

SURENESS = {"S": "abstract", "M": "from memory"}


@dataclass(frozen=True)
class Figure:
    """An error in percent.

    Attributes
    ----------
    features : str
        A set or a descriptor, as the methods take it.
    classifier : str
        "kd", "gaussian", ...; "" where we don't know which one the figure belongs to.
    frame_error, plus_minus : float
        Mean and standard deviation over the 10 folds (%); NaN where none is printed.
    source : {"S", "M"}
        Seen in the abstract, or from memory: check it against the paper before relying on it.
    note : str
    """

    features: str
    classifier: str
    frame_error: float
    plus_minus: float
    source: str
    note: str = ""


BEST_FRAME_ERROR = 5.8
BEST_WINDOW_ERROR = 1.4
"""The abstract's two figures (%): 20-ms frames, and segments of 2.4 s."""

NAN = float("nan")

FIGURES = (
    Figure("all", "kd", 5.8, 2.1, "M", "5.8 % is in the abstract as the best figure"),
    Figure("best8", "kd", 6.2, 2.2, "M"),
    Figure("best3", "kd", 6.7, 1.9, "M"),
    Figure("fast5", "kd", 33.0, 4.7, "M"),
    Figure("all", "gaussian", 6.0, NAN, "M", "speech 2.1, music 9.9"),
    Figure("modulation", "", 12.0, 1.7, "M"),
    Figure("low-energy", "", 14.0, 3.6, "M"),
    Figure("rolloff", "", 46.0, 2.9, "M"),
    Figure("var-rolloff", "", 20.0, 6.4, "M"),
    Figure("centroid", "", 39.0, 8.0, "M"),
    Figure("var-centroid", "", 14.0, 3.7, "M"),
    Figure("flux", "", 39.0, 1.1, "M"),
    Figure("var-flux", "", 5.9, 1.9, "M", "12 ± 2.2 in the table of sets: unresolved"),
    Figure("zcr", "", 38.0, 4.6, "M"),
    Figure("var-zcr", "", 18.0, 4.8, "M"),
    Figure("residual", "", 37.0, 7.5, "M"),
    Figure("var-residual", "", 22.0, 5.7, "M"),
    Figure("pulse", "", 18.0, 2.9, "M"),
)
