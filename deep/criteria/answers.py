"""What rules of learning from few labels are for: answers that hold, of all classes, and better than the teacher's."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score
from torch import nn

from deep.criteria.notes import PART, Notes, heard
from deep.criteria.steps import given
from deep.representation.budget import log_mel, recordings_of
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.consistency import few_consistency
from deep.semisupervised.entropy import few_entropy
from deep.semisupervised.mean_teacher import few_mean_teacher
from deep.semisupervised.noisy_student import NoisyStudent
from deep.semisupervised.rule import kl, squared
from deep.semisupervised.supervised import few_supervised
from deep.semisupervised.vat import adversarial, few_vat
from deep.tracks.batches import Patches


class FirstTeacher(NoisyStudent):
    """A noisy student that keeps the first teacher."""

    def start(self, part: int, lr: float) -> list[torch.optim.Optimizer]:
        """As the rule; the net of labels alone is put aside."""
        optimisers = super().start(part, lr)
        if part == 1:
            self.first = copy.deepcopy(self.teacher)
        return optimisers


def answers(notes: Notes, seed: int, steps: int | None = None) -> dict[str, float]:
    """Quantities of fits to five labels a class, on notes that weren't trained on."""
    alone, vat, noised, sure, mean = (
        make(random_state=seed).set_params(**given(steps)).fit(notes.X, notes.few)
        for make in (few_supervised, few_vat, few_consistency, few_entropy, few_mean_teacher)
    )
    student = FewLabels(log_mel(), FirstTeacher, random_state=seed).set_params(**given(steps))
    student.fit(notes.X, notes.few)
    return {
        "KL of the worst step, VAT": worst_step(vat, notes, seed),
        "KL of the worst step, labels alone": worst_step(alone, notes, seed),
        "change by noise, consistency": change(noised, notes, seed),
        "change by noise, labels alone": change(alone, notes, seed),
        "classes answered (%), entropy": classes_answered(sure, notes),
        "classes answered (%), labels alone": classes_answered(alone, notes),
        "balanced accuracy, the mean teacher": accuracy(mean, mean.task_.teacher, notes),
        "balanced accuracy, its student": accuracy(mean, mean.task_.net, notes),
        "balanced accuracy, labels alone": accuracy(alone, alone.task_.net, notes),
        "balanced accuracy, the noisy student": accuracy(student, student.task_.net, notes),
        "balanced accuracy, its first teacher": accuracy(student, student.task_.first, notes),
    }


def worst_step(net: FewLabels, notes: Notes, seed: int) -> float:
    """Mean KL (nats) between answers for patches and for those a step of VAT's size away, in the direction
    that one power iteration finds."""
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        return _mean(net, notes, lambda x: x + adversarial(net.task_.net, x, net.task_.net(x)), kl)


def change(net: FewLabels, notes: Notes, seed: int) -> float:
    """Mean squared distance of the probabilities for patches and for noised copies of them."""
    recordings = recordings_of(net.extract, notes.T)
    patches = Patches(recordings, net.patch_frames, net.mean_, net.scale_, "cpu")
    batches = Batches(patches, np.zeros(len(notes.T), dtype=int), net.batch_size, seed)
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        return _mean(net, notes, batches.noised, squared)


def classes_answered(net: FewLabels, notes: Notes) -> float:
    """Effective number of classes answered (the exponential of their entropy), per cent of all; 100 / n
    where every note gets the same answer."""
    counts = np.bincount(np.searchsorted(net.classes_, net.predict(notes.T)), minlength=1)
    shares = counts[counts > 0] / counts.sum()
    return 100 * float(np.exp(-(shares * np.log(shares)).sum())) / len(net.classes_)


def accuracy(net: FewLabels, answering: nn.Module, notes: Notes) -> float:
    """Balanced accuracy (%) of one of the nets that a rule has."""
    found = []
    with torch.no_grad():
        for recording in recordings_of(net.extract, notes.T):
            logits = answering(net.tiled(recording))
            found.append(logits.double().softmax(dim=1).mean(dim=0).argmax().item())
    return 100 * float(balanced_accuracy_score(notes.t, net.classes_[found]))


def _mean(
    net: FewLabels,
    notes: Notes,
    changed: Callable[[torch.Tensor], torch.Tensor],
    distance: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
) -> float:
    """Distance of answers for changed patches from those for the patches, the mean over patches."""
    total, n = 0.0, 0
    for x in heard(net, notes.T).split(PART):
        other = changed(x)
        with torch.no_grad():
            total += len(x) * float(distance(net.task_.net(x), net.task_.net(other)))
        n += len(x)
    return total / n
