"""What criteria look at in fitted models: quantities against closed forms."""

import dataclasses
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.stats import entropy
from torch import nn

from deep.criteria.answers import (
    FirstTeacher,
    accuracy,
    answers,
    change,
    classes_answered,
    worst_step,
)
from deep.criteria.codes import codes, components_error, relative_slope
from deep.criteria.criteria import CRITERIA
from deep.criteria.drawn import drawn
from deep.criteria.notes import Notes, heard, notes_of
from deep.criteria.waveforms import told, waveforms
from deep.representation.budget import log_mel
from deep.representation.untrained import encoder_untrained
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.supervised import few_supervised
from mirbench.items import Item, as_items
from mirbench.protocols import load_protocol

RATE = 16_000


def tones(seed, n):
    """Notes of 110 Hz (class 3) or 1,760 Hz (class 5) of two seconds."""
    rng = np.random.default_rng(seed)
    t = np.arange(2 * RATE) / RATE
    y = np.where(np.arange(n) % 2, 5, 3)
    sounds = [
        0.3 * np.sin(2 * np.pi * (110 if c == 3 else 1760) * t + rng.uniform(0, 6)) for c in y
    ]
    noisy = [s + 0.003 * rng.standard_normal(len(s)) for s in sounds]
    return as_items(
        Item.from_array(s.astype(np.float32), RATE, group=str(i)) for i, s in enumerate(noisy)
    ), y


@pytest.fixture(scope="module")
def notes():
    X, y = tones(0, 4)
    T, t = tones(1, 6)
    return Notes(X, y, np.where(np.arange(4) < 2, y, -1), T, t)


@pytest.fixture(scope="module")
def every(notes):
    """What each measure of notes finds with two steps."""
    short = dataclasses.replace(notes, T=notes.T[:2], t=notes.t[:2])
    return {f.__name__: f(short, 0, 2) for f in (codes, waveforms, told, drawn, answers)}


PROBES = ("probe (%), L3-Net's sound encoder", "probe (%), the same untrained")


def test_criteria_name_what_is_measured(every):
    known = {quantity for found in every.values() for quantity in found}
    known |= {"read forward (%)", *PROBES}
    for one in CRITERIA:
        for side in (one.more, one.less):
            assert isinstance(side, float) or side in known, one.words
    assert all(math.isfinite(value) for found in every.values() for value in found.values())
    assert every["told"]["named by chance (%)"] == 50
    assert every["drawn"]["taken for their label by chance (%)"] == 50


@pytest.fixture(scope="module")
def ear(notes):
    """An encoder that learned nothing, to hear patches with."""
    return encoder_untrained().set_params(steps=1, n_outputs=7).fit(notes.X)


def test_the_error_of_components_is_what_those_of_the_training_notes_leave_out(ear, notes):
    def blocks(X):
        x = heard(ear, X)[:, 0].double().numpy()
        return x.reshape(len(x) * 16, -1)  # four frames of 64 bands

    train, test = blocks(notes.X), blocks(notes.T)
    kept = np.linalg.svd(train - train.mean(axis=0))[2][:7]
    away = test - train.mean(axis=0)
    left = (away**2).sum() - ((away @ kept.T) ** 2).sum()
    assert components_error(ear, notes) == pytest.approx(left / test.size, rel=1e-3)


def test_the_slope_of_a_linear_net_is_its_norm_over_the_variance(ear, notes):
    rows = torch.linalg.qr(torch.randn(64 * 64, 5, generator=torch.Generator().manual_seed(0)))[0].T
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(64 * 64, 5, bias=False))
    with torch.no_grad():
        encoder[1].weight.copy_(3 * rows)  # orthogonal, so that the signs don't count
    task = SimpleNamespace(encoder=encoder)
    net = SimpleNamespace(extract=ear.extract, tiled=ear.tiled, task_=task)
    x = heard(ear, notes.T).flatten(1).numpy()
    spread = (x @ (3 * rows).T.numpy()).var(axis=0).sum()
    assert relative_slope(net, notes.T, 0) == pytest.approx(45 / spread, rel=1e-4)


@pytest.fixture(scope="module")
def net(notes):
    return few_supervised().set_params(steps=3).fit(notes.X, notes.y)


def linear(net, weight):
    """``net`` with a linear layer on the patch in place of its net."""
    changed = nn.Sequential(nn.Flatten(), nn.Linear(64 * 64, len(weight), bias=False))
    with torch.no_grad():
        changed[1].weight.copy_(torch.as_tensor(np.array(weight)))
    other = few_supervised()
    vars(other).update(vars(net))
    other.task_ = SimpleNamespace(
        net=changed, logits=changed, parameters=lambda: iter([torch.zeros(1)])
    )
    return other


def test_the_worst_step_of_a_linear_net_is_along_its_weights(net, notes):
    w = np.random.default_rng(0).standard_normal(64 * 64).astype(np.float32) / 64
    flat = linear(net, np.zeros((2, 64 * 64), dtype=np.float32))
    assert worst_step(flat, notes, 0) == pytest.approx(0, abs=1e-7)
    x = heard(net, notes.T).flatten(1).double().numpy()
    small = linear(net, [0.01 * w, 0 * w])
    p = 1 / (1 + np.exp(-0.01 * x @ w))

    def mean_kl(sign):
        """Of a step of norm 8 up or down the weights, which is all that counts."""
        q = 1 / (1 + np.exp(-0.01 * (x @ w + sign * 8 * np.linalg.norm(w))))
        return p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))

    lo, hi = sorted((mean_kl(-1).mean(), mean_kl(1).mean()))
    assert 0.95 * lo <= worst_step(small, notes, 0) <= 1.05 * hi


def test_change_by_noise_is_none_for_answers_that_are_all_alike(net, notes):
    flat = linear(net, np.zeros((2, 64 * 64), dtype=np.float32))
    assert change(flat, notes, 0) == pytest.approx(0, abs=1e-9)
    steep = linear(net, np.random.default_rng(0).standard_normal((2, 64 * 64)).astype(np.float32))
    assert change(steep, notes, 0) == change(steep, notes, 0) > 0.1


@pytest.mark.parametrize("told", [[3, 3, 3, 3], [3, 5, 3, 5], [3, 5, 5, 5]])
def test_classes_answered_are_the_exponential_of_their_entropy(told):
    stub = SimpleNamespace(classes_=np.array([3, 5, 9]), predict=lambda T: np.array(told))
    expected = 100 * np.exp(entropy(np.unique(told, return_counts=True)[1])) / 3
    assert classes_answered(stub, SimpleNamespace(T=None)) == pytest.approx(expected)


def test_accuracy_asks_the_net_that_is_given(net, notes):
    def always(number):
        return lambda x: nn.functional.one_hot(torch.full((len(x),), number), 2).double()

    hear = linear(net, np.zeros((2, 64 * 64), dtype=np.float32))
    assert accuracy(hear, always(0), notes) == 50
    truth = iter(np.searchsorted([3, 5], notes.t))
    assert accuracy(hear, lambda x: always(int(next(truth)))(x), notes) == 100


def test_the_first_teacher_is_the_net_of_the_first_round(notes):
    seen = []

    class Watched(FirstTeacher):
        def start(self, part, lr):
            seen.append([p.detach().clone() for p in self.net.parameters()])
            return super().start(part, lr)

    fitted = FewLabels(log_mel(), Watched).set_params(steps=6).fit(notes.X, notes.few)
    first = list(fitted.task_.first.parameters())
    assert all(torch.equal(a, b) for a, b in zip(first, seen[1], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, seen[2], strict=True))
    assert not any(p.requires_grad for p in first)


def test_notes_of_a_cell_show_five_labels_a_class():
    protocol = load_protocol("few-labels/embedded")
    items = {i: Item.from_array(np.ones(8, dtype=np.float32), 8, group=i) for i in protocol.labels}
    found = notes_of(protocol, items, 2)
    assert set(np.unique(found.few, return_counts=True)[1][1:]) == {5}
    assert (found.few == found.y)[found.few >= 0].all()
    assert {i.group for i in found.X} == set(protocol.cells[2].train)
    assert not {i.group for i in found.X} & {i.group for i in found.T}
