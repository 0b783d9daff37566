"""The note discriminant as a method: see `baselines.notes`."""

from __future__ import annotations

from baselines.notes.discriminant import DatabaseLDA
from baselines.notes.features import NAMES, first_second
from baselines.searched import AcrossCorpora
from mirbench.features import Extract

GRID = {"ridge": [0.1, 0.2, 0.4], "stiffness": [5.0, 20.0]}
TEMPERS = {"temper": [0.05, 0.1, 0.2, 0.4]}
"""Settings that leaving one training corpus out decides between (our choice)."""


def note_lda(between: float = 0.5, pitch: bool = True, search: bool = True) -> AcrossCorpora:
    """First second of a note, LDA across databases.

    289 descriptors of the note's first second up to 10 kHz; linear discriminant analysis with
    class x database cells of equal weight, class means that follow the estimated pitch, and the
    scatter between databases added to that within them, akin to within-class covariance
    normalisation (Hatch et al. 2006). Shrinkage and the stiffness of the means
    are chosen among 6 settings by leaving one training corpus out; with one training corpus they
    stay at 0.3 and 5, and there is no scatter between databases. Design and numbers are ours.

    Parameters
    ----------
    between : float
        Weight of the scatter between databases.
    pitch : bool
        Class means follow pitch.
    search : bool
        Choose settings; False keeps shrinkage 0.3 and stiffness 5.
    """
    column = NAMES.index("f0 (log2 Hz)") if pitch else None
    base = DatabaseLDA(between=between, pitch_column=column)
    grid = GRID if pitch else {"ridge": GRID["ridge"]}
    extract = Extract(first_second, sr=44_100)
    return AcrossCorpora(extract, base, grid if search else None, TEMPERS if search else None)


note_lda.cite = "hatch2006wccn"  # type: ignore[attr-defined]
note_lda.family = "hand-crafted"  # type: ignore[attr-defined]
