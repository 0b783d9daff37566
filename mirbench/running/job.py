"""What a worker needs to run a cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mirbench.frames import Grid
from mirbench.tasks import Task


@dataclass(frozen=True)
class Job:
    """What a worker needs: references and items, never function objects.

    ``train`` and the values of ``tests`` are arrays of items; ``y`` as `running.items.training` says;
    ``labelled`` the positions in ``train`` whose labels are shown for each test set, where not all are;
    ``support`` the items and y that are shown before each test set of few-shot episodes; ``videos`` of a
    task of pairs the video of each item of each test set.
    """

    spec: str
    reference: str | Callable[..., Any]
    code: str
    seed: int
    task: Task
    grid: Grid
    train: np.ndarray
    y: np.ndarray
    tests: dict[str, np.ndarray]
    labelled: dict[str, np.ndarray] = field(default_factory=dict)
    support: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    videos: dict[str, np.ndarray] = field(default_factory=dict)
