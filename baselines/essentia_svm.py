"""Essentia's statistics of low-level and note descriptors with a support vector machine."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mirbench.estimators import GroupItems
from mirbench.features import Extract

PARTS = ("lowlevel.", "sfx.")
LEFT_OUT = ("sfx.duration", "sfx.effective_duration")
"""A note's length is its recordist's choice."""
SHORTEST_S = 0.1
"""Shorter items are filled up with silence to this (s): the extractor refuses them."""
LARGEST = 1e6
"""Descriptors beyond this (ratios to nearly nothing) are cut to it, NaN becomes 0 (our choice)."""


def essentia_svm(C: float = 1.0) -> CalibratedClassifierCV:
    """Essentia's FreesoundExtractor + SVM.

    All "lowlevel" and "sfx" statistics but the durations, of the item at a peak of 1; standardised;
    SVM with a Gaussian kernel, classes balanced. Probabilities by Platt's sigmoid on the margins of
    5 inner folds that keep groups together. Needs the optional library essentia.

    Parameters
    ----------
    C : float
        Weight of training errors against the width of the margin.
    """
    machine = make_pipeline(
        Extract(freesound_statistics, sr=44_100),
        StandardScaler(),
        SVC(C=C, class_weight="balanced"),
    )
    return CalibratedClassifierCV(machine, method="sigmoid", cv=GroupItems(5), ensemble=False)


def freesound_statistics(signal: np.ndarray, sr: int) -> np.ndarray:
    """Statistics by essentia's FreesoundExtractor: float32 of shape (d,).

    Essentia is imported here, not with the module, because it is optional. Its extractor reads
    files, so the signal passes through a temporary one. It refuses silence: an impulse stands for it.

    Parameters
    ----------
    signal : ndarray of shape (n,)
    sr : int
        44100 Hz: the extractor resamples to it.
    """
    import essentia
    import essentia.standard

    essentia.log.infoActive = essentia.log.warningActive = False
    peak = np.abs(signal).max()
    level = signal / peak if peak > 0 else np.eye(1, len(signal))[0]
    level = np.pad(level, (0, max(0, round(SHORTEST_S * sr) - len(level))))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "item.wav"
        soundfile.write(path, level, sr, subtype="FLOAT")
        pool, _ = essentia.standard.FreesoundExtractor()(str(path))
    names = [n for n in sorted(pool.descriptorNames()) if n.startswith(PARTS) and n not in LEFT_OUT]
    values = np.concatenate([np.ravel(pool[name]) for name in names])
    finite = np.nan_to_num(values, nan=0.0, posinf=LARGEST, neginf=-LARGEST)
    return np.clip(finite, -LARGEST, LARGEST).astype(np.float32)


def _skip() -> str | None:
    if importlib.util.find_spec("essentia") is None:
        return "essentia isn't installed: pip install 'mirbench[essentia]'"
    return None


essentia_svm.family = "hand-crafted"  # type: ignore[attr-defined]
essentia_svm.skip = _skip  # type: ignore[attr-defined]
