"""Learning from few labels: what is seen of labels, one budget, and that hearing more is no harm."""

import numpy as np
import pytest
import torch
from sklearn.base import clone

from deep.representation.budget import BATCH, LR, STEPS
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.consistency import few_consistency
from deep.semisupervised.rule import Rule
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.items import Item, as_items
from mirbench.methods import load_method, method_names
from mirbench.running.few_labels import fitted

NAMES = [name for name in method_names() if name.startswith("few-")]


SR = 16_000


N = 8


def sounds(n=N, seconds=1.2, seed=0):
    """A tone and noise each; odd ones are high."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(SR * seconds)) / SR
    pitches = 300 * (1 + 9 * (np.arange(n) % 2)) * rng.uniform(0.8, 1.25, n)
    return as_items(
        Item.from_array(
            (0.1 * np.sin(2 * np.pi * f * t) + 0.02 * rng.standard_normal(len(t))).astype(
                np.float32
            ),
            SR,
            group=f"g{i}",
        )
        for i, f in enumerate(pitches)
    )


@pytest.fixture(scope="module")
def items():
    return sounds()


@pytest.fixture(scope="module")
def y():
    """Classes 3 and 5, a label of four items; the first two aren't labelled."""
    return np.array([-1, -1, 3, 5, 3, 5, -1, -1])


def quick(name, seed=0):
    return load_method(name).build(seed).set_params(steps=3, batch_size=8)


def test_there_are_some():
    rules = (
        "supervised pseudo-labels consistency vat entropy noisy-student mean-teacher gan finetuned"
    )
    assert {f"few-{rule}" for rule in rules.split()} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_contract(name, items, y):
    method = load_method(name)
    model = method.build()
    assert (model.steps, model.batch_size, model.lr) == (STEPS, BATCH, LR), "one budget for all"
    assert method.unlabelled == (name != "few-supervised")
    states = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    one = quick(name).fit(items, y)
    assert torch.equal(states[0], torch.random.get_rng_state())
    np.testing.assert_array_equal(states[1], np.random.get_state()[1])  # noqa: NPY002
    np.testing.assert_array_equal(one.classes_, [3, 5])
    rows = one.predict_proba(items)
    assert rows.shape == (N, 2)
    np.testing.assert_allclose(rows.sum(axis=1), 1)
    assert np.isfinite([h["train_loss"] for h in one.history_]).all()
    np.testing.assert_array_equal(one.predict(items), one.classes_[rows.argmax(axis=1)])
    np.testing.assert_array_equal(clone(one).fit(items, y).predict_proba(items), rows)
    assert np.abs(quick(name, seed=1).fit(items, y).predict_proba(items) - rows).max() > 1e-6
    alone = np.concatenate([one.predict_proba(items[i : i + 1]) for i in range(7)])
    np.testing.assert_allclose(alone, one.predict_proba(items[:7]), atol=1e-6)
    assert np.isfinite(one.predict_proba(sounds(1, seconds=0.05))).all(), "a short item"


@pytest.mark.parametrize("name", NAMES)
def test_hidden_labels_reach_no_fit(name, items, y):
    truth = np.where(y >= 0, y, [3, 5] * 4)
    shown = {"n=2": np.flatnonzero(y >= 0)}
    hidden = np.flatnonzero(y < 0)
    other = truth.copy()
    other[hidden] = 8 - truth[hidden]  # 3 for 5
    said = [
        fitted(quick(name), items, t, shown, unlabelled=load_method(name).unlabelled)["n=2"]
        for t in (truth, other)
    ]
    np.testing.assert_array_equal(*(model.predict_proba(items) for model in said))


def test_only_the_floor_hears_labelled_items_alone(items, y):
    louder = sounds(seed=1)
    louder[y >= 0] = items[y >= 0]
    for name in ("few-supervised", "few-entropy"):
        rows = [quick(name).fit(X, y).predict_proba(items) for X in (items, louder)]
        assert np.array_equal(*rows) == (name == "few-supervised")


def test_what_cannot_be_fitted(items, y):
    model = quick("few-supervised")
    with pytest.raises(MethodError, match="1 classes; give labels of two"):
        model.fit(items, np.where(y == 3, 3, -1))
    with pytest.raises(MethodError, match="one whole number for each of 8 items"):
        model.fit(items, y[:3])
    with pytest.raises(MethodError, match="four or more"):
        clone(model).set_params(batch_size=2).fit(items, y)
    with pytest.raises(MethodError, match='distance is "l1"; use squared or kl'):
        few_consistency(distance="l1").set_params(steps=1).fit(items, y)


def test_without_unlabelled_items_all_are_heard(items):
    assert np.isfinite(quick("few-vat").fit(items, np.arange(N) % 2).predict_proba(items)).all()


class Spread(Rule):
    """What a fit asks of its rounds."""

    rounds = 3

    def start(self, part, lr):
        optimisers = super().start(part, lr)
        self.seen = [*getattr(self, "seen", []), part]
        return optimisers

    def update(self, batches, t, optimisers):
        self.rates = [*getattr(self, "rates", []), optimisers[0].param_groups[0]["lr"]]
        return 0.0


def test_each_round_has_its_own_half_cosine(items, y):
    extract = load_method("few-vat").build().extract
    rule = FewLabels(extract, Spread, steps=12, batch_size=8).fit(items, y).task_
    assert rule.seen == [0, 1, 2]
    cosine = LR * (1 + np.cos(np.pi * np.arange(4) / 4)) / 2
    np.testing.assert_allclose(rule.rates, np.tile(cosine, 3))


def moved(signal, sr):
    """70 frames of 16 bands: place of the class (first band), and noise in the others."""
    rng = np.random.default_rng(abs(int(signal[1] * 1e6)))
    rows = rng.normal(size=(70, 16))
    rows[:, 0] += 8 * signal[0]
    return rows.astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["few-pseudo-labels", "few-consistency"])
def test_hearing_more_is_no_harm_where_classes_lie_far_apart(name):
    rng = np.random.default_rng(0)
    codes = np.arange(60) % 2
    X = as_items(
        Item.from_array(np.array([2.0 * c - 1 + 0.2 * rng.normal(), rng.uniform()]), SR, f"g{i}")
        for i, c in enumerate(codes)
    )
    shown = np.where(np.arange(60) < 4, codes, -1)

    def accuracy(name):
        model = load_method(name).build().set_params(extract=Extract(moved, sr=SR), steps=60)
        return np.mean(model.fit(X, shown).predict(X) == codes)

    assert accuracy(name) >= max(0.9, accuracy("few-supervised"))
