"""Mean teacher: the mean of a net's own past weights says what a noised sound is.

Tarvainen and Valpola 2017, equation 1 and section 3 (from memory): the teacher's weights are an
exponential mean of the student's, and the student's answers are drawn to the teacher's, the weight
rising by ``exp(-5 (1 - t / T)^2)``. The teacher answers in the end. It hears clean sound, so that its
batch norm's statistics are those of clean sound; beta, the weight and T are our choice.
"""

from __future__ import annotations

import copy

import torch
from torch import nn

from deep.representation.budget import log_mel
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.consistency import disagreement
from deep.semisupervised.rule import Net, Rule, ramp

BETA = 0.99
WEIGHT = 10.0


@torch.no_grad()
def follow(teacher: nn.Module, student: nn.Module, beta: float) -> None:
    """``teacher = beta teacher + (1 - beta) student``, weights only."""
    for mean, new in zip(teacher.parameters(), student.parameters(), strict=True):
        mean.lerp_(new, 1 - beta)


class MeanTeacher(Rule):
    """``supervised + weight ramp(t) |p_student(noised u) - p_teacher(u)|^2``."""

    def __init__(self, net: Net, in_shape: tuple[int, int, int]) -> None:
        super().__init__(net, in_shape)
        self.teacher = copy.deepcopy(net).requires_grad_(False)
        self.n_steps = 0

    def loss(self, batches: Batches, t: float) -> torch.Tensor:
        """Both terms."""
        supervised, u, _ = self.both(batches)
        with torch.no_grad():
            taught = self.teacher(u)
        return supervised + WEIGHT * ramp(t) * disagreement(self.net, batches.noised(u), taught)

    def update(self, batches: Batches, t: float, optimisers: list[torch.optim.Optimizer]) -> float:
        """One step of the student, which the teacher follows; at first it is the plain mean."""
        loss = super().update(batches, t, optimisers)
        self.n_steps += 1
        follow(self.teacher, self.net, min(BETA, 1 - 1 / (self.n_steps + 1)))
        return loss

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """The teacher's."""
        return self.teacher(x)


def few_mean_teacher(random_state: int = 0) -> FewLabels:
    """Mean teacher: the mean of past weights teaches and answers.

    Parameters
    ----------
    random_state : int
    """
    return FewLabels(log_mel(), MeanTeacher, random_state=random_state)


few_mean_teacher.family = "deep"  # type: ignore[attr-defined]
few_mean_teacher.cite = "tarvainen2017mean"  # type: ignore[attr-defined]
few_mean_teacher.unlabelled = True  # type: ignore[attr-defined]
