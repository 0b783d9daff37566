"""Learning rates as functions of what an epoch left behind, so that a resumed fit finds its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mirbench.errors import MethodError

SCHEDULES = ("constant", "cosine", "halve", "pons2016")
PONS_HALVE, PONS_STOP = 20, 40
"""Epochs without a new lowest training loss, after which the rate is halved, or training ends."""


def rate_factor(
    name: str, train: Sequence[float], valid: Sequence[float], max_epochs: int, wait: int
) -> float:
    """Factor of the learning rate in the next epoch; 0 ends the training.

    Parameters
    ----------
    name : {"constant", "cosine", "halve", "pons2016"}
        ``cosine`` falls to 0 after ``max_epochs``. ``halve`` halves whenever the held-out loss (the
        training loss, where nothing is held out) hasn't fallen for ``wait`` epochs: musicnn's rule.
        For ``pons2016`` see `pons_factor`.
    train, valid : sequence of float
        Losses of the epochs so far; ``valid`` is empty where nothing is held out.
    max_epochs, wait : int
    """
    if name == "constant":
        return 1.0
    if name == "cosine":
        return float(0.5 * (1 + np.cos(np.pi * len(train) / max_epochs)))
    if name == "halve":
        return 0.5 ** halvings(valid or train, wait)
    if name == "pons2016":
        return pons_factor(train)
    raise MethodError(f'unknown schedule "{name}": use one of {", ".join(SCHEDULES)}')


def halvings(losses: Sequence[float], wait: int) -> int:
    """How often ``wait`` epochs went by without a new lowest loss."""
    best, since, count = np.inf, 0, 0
    for loss in losses:
        best, since = (loss, 0) if loss < best else (best, since + 1)
        if since >= wait:
            since, count = 0, count + 1
    return count


def pons_factor(losses: Sequence[float]) -> float:
    """The rule of Pons et al. 2016 (their code), on the training loss.

    A counter grows by one with each epoch whose loss exceeds the lowest. A new lowest loss sets it
    back, and halves the rate where it stood above 20; above 40 training ends (0).
    """
    best, count, factor = np.inf, 0, 1.0
    for loss in losses:
        if loss > best:
            count += 1
        else:
            if count > PONS_HALVE:
                factor /= 2
            best, count = loss, 0
    return 0.0 if count > PONS_STOP else factor
