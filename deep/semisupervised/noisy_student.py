"""Noisy student: a teacher labels what it hears without noise, a student learns it through noise.

Xie et al. 2020, algorithm 1 (from memory): a teacher is trained on the labels, students on labels and
on the teacher's soft answers, with augmentation and dropout; each student is the next teacher. Here a
teacher and two students of its size have a third of the steps each; the teacher's third, no stochastic
depth and as many labelled patches as unlabelled ones are our choice.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from deep.representation.budget import log_mel
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.rule import Net, Rule

DROPOUT = 0.5
"""Of a student's embedding, as in the paper."""
STUDENTS = 2


def soft_cross_entropy(logits: torch.Tensor, taught: torch.Tensor) -> torch.Tensor:
    """``-sum q log p``, q the softmax of the teacher's logits ``taught``; the mean over rows (nats)."""
    return functional.cross_entropy(logits, taught.softmax(dim=1))


class NoisyStudent(Rule):
    """The first round is the teacher's; a student that begins makes the last one its teacher."""

    rounds = 1 + STUDENTS

    def __init__(self, net: Net, in_shape: tuple[int, int, int]) -> None:
        super().__init__(net, in_shape)
        self.teacher: Net | None = None

    def start(self, part: int, lr: float) -> list[torch.optim.Optimizer]:
        """A teacher that no longer learns, and a net that begins anew."""
        if part > 0:
            self.teacher = copy.deepcopy(self.net).requires_grad_(False).eval()
            self.net.apply(_redraw)
        return super().start(part, lr)

    def loss(self, batches: Batches, t: float) -> torch.Tensor:
        """Cross-entropy with the labels and, for a student, with what the teacher says."""
        half = batches.size // 2
        if self.teacher is None:
            x, y = batches.labelled(batches.size)
            return functional.cross_entropy(self.net(x), y)
        x, y = batches.labelled(batches.size - half)
        u = batches.unlabelled(half)
        taught = self.teacher(u)
        rows = self.net.encoder(batches.noised(torch.cat([x, u])))
        logits = self.net.head(functional.dropout(rows, DROPOUT))
        supervised = functional.cross_entropy(logits[: len(x)], y)
        return supervised + soft_cross_entropy(logits[len(x) :], taught)


def few_noisy_student(random_state: int = 0) -> FewLabels:
    """Noisy student: a net's answers without noise teach the next one through noise.

    Parameters
    ----------
    random_state : int
    """
    return FewLabels(log_mel(), NoisyStudent, random_state=random_state)


few_noisy_student.family = "deep"  # type: ignore[attr-defined]
few_noisy_student.cite = "xie2020noisy"  # type: ignore[attr-defined]
few_noisy_student.unlabelled = True  # type: ignore[attr-defined]


def _redraw(module: nn.Module) -> None:
    """Weights and statistics as they are drawn for a new net."""
    reset: Any = getattr(module, "reset_parameters", None)
    if reset is not None:
        reset()
