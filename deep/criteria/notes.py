"""The embedded notes that criteria are measured on: one set a cell of a protocol of few labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from deep.representation.budget import recordings_of
from deep.representation.learner import Learner
from mirbench.items import Item, as_items
from mirbench.protocols import Protocol

FEW = "n=5"
"""Labels a class that `Notes.few` shows."""
PART = 64
"""Patches at a time."""


@dataclass(frozen=True)
class Notes:
    """Notes of one set, and what they are; classes are numbers of the task's labels.

    Attributes
    ----------
    X, T : ndarray of Item
        To learn from, and to ask about.
    y, t : ndarray of int
        Their classes.
    few : ndarray of int
        ``y``, but -1 where a protocol of few labels doesn't show the label.
    """

    X: np.ndarray
    y: np.ndarray
    few: np.ndarray
    T: np.ndarray
    t: np.ndarray


def notes_of(protocol: Protocol, items: dict[str, Item], cell: int) -> Notes:
    """The notes of a cell, with the labels of its first draw.

    Parameters
    ----------
    protocol : Protocol
        Of few labels.
    items : dict of str to Item
        From `mirbench.running.items.protocol_items`.
    cell : int
        Its number.
    """
    asked, names = protocol.cells[cell], protocol.task.labels
    test = asked.tests[FEW]
    shown = set(asked.labelled[FEW][0])
    y, t = (np.array([names.index(protocol.labels[i]) for i in ids]) for ids in (asked.train, test))
    few = np.where([i in shown for i in asked.train], y, -1)
    X, T = (as_items(items[i] for i in ids) for ids in (asked.train, test))
    return Notes(X, y, few, T, t)


def heard(net: Learner, X: np.ndarray) -> torch.Tensor:
    """All standardised patches of items, (n, channels, frames, bins)."""
    return torch.cat([net.tiled(recording) for recording in recordings_of(net.extract, X)])
