"""Metrics that a board of a task shows first."""

from __future__ import annotations

from mirbench.tasks import Task

FRAMES = ("frame error", "2.4-s error")
SEGMENTS = ("macro F (10 ms)", "boundary F (0.5 s)")
ORACLE = ("MAP@20", "recall@20", "RR@20", "nDCG@20")
LABELS = (
    ("R-precision", "R-precision (album filter)"),
    ("R-precision (artist filter)", "R-precision"),
)
TAGS = ("PR-AUC", "ROC-AUC")
EMOTION = ("CCC (arousal)", "CCC (valence)")
VALUES = ("R2", "MSE", "cosine")
SEQUENCE = ("token error rate", "sequence accuracy", "token error rate, long minus short")
PITCH = ("RPA", "RCA", "overall accuracy")
PAIRS = (
    "R@1 (sound to video)",
    "R@10 (sound to video)",
    "R@25 (sound to video)",
    "median rank (sound to video)",
    "R@1 (video to sound)",
    "R@10 (video to sound)",
    "R@25 (video to sound)",
    "median rank (video to sound)",
    "correspondence",
)
HUBNESS = "hubness (k=5)"


def headline(task: Task) -> tuple[str, ...]:
    """Names of the metrics that a board of a task shows first."""
    if task.kind == "classes":
        return ("balanced accuracy", *(f"balanced accuracy ({level})" for level in task.levels))
    if task.kind == "ranking":
        return ORACLE if task.oracle else (*LABELS[task.column != "artist"], HUBNESS)
    if task.kind == "values":
        return EMOTION if task.labels == ("valence", "arousal") else VALUES
    return {
        "frames": FRAMES,
        "segments": SEGMENTS,
        "tags": TAGS,
        "f0": PITCH,
        "sequence": SEQUENCE,
        "pairs": PAIRS,
    }[task.kind]
