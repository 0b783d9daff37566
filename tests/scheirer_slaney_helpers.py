"""Signals that tests of Scheirer and Slaney share."""

from __future__ import annotations

import numpy as np

SR = 22_050


RECIPES = ("robust", "printed")


def noise(seconds: float, seed: int = 0, level: float = 0.1) -> np.ndarray:
    samples = np.random.default_rng(seed).standard_normal(int(seconds * SR))
    return (level * samples).astype(np.float32)
