"""Learning from few labels: what is seen of labels, each rule's loss, and that hearing more helps."""

import copy

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax
from scipy.stats import entropy as scipy_entropy
from sklearn.base import clone
from torch import nn

from deep.representation.budget import BATCH, LR, STEPS
from deep.semisupervised.batches import Batches
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.consistency import disagreement, few_consistency
from deep.semisupervised.entropy import entropy
from deep.semisupervised.gan import fake_loss, real_loss
from deep.semisupervised.mean_teacher import BETA, MeanTeacher, follow
from deep.semisupervised.noisy_student import soft_cross_entropy
from deep.semisupervised.pseudo_labels import pseudo_label_loss
from deep.semisupervised.rule import RAMP, Net, Rule, held_statistics, kl, ramp, squared
from deep.semisupervised.vat import adversarial
from deep.tracks.batches import Patches
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


@pytest.fixture
def logits():
    return np.random.default_rng(0).normal(0, 2, (9, 4))


def quick(name, seed=0):
    return load_method(name).build(seed).set_params(steps=3, batch_size=8)


def tensor(rows):
    return torch.as_tensor(np.asarray(rows))


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


def toy_batches(codes, size=8, seed=0):
    """Of item i all numbers are i."""
    recordings = [np.full((1, 10 + i, 3), i, dtype=np.float32) for i in range(len(codes))]
    zero, one = np.zeros((1, 1, 3), np.float32), np.ones((1, 1, 3), np.float32)
    return Batches(Patches(recordings, 4, zero, one), np.asarray(codes), size, seed)


def test_batches_are_balanced_and_hear_all_items():
    codes = np.array([0, 0, 0, 0, 1, 2, -1, -1])
    batches = toy_batches(codes)
    counts = np.zeros(3)
    for _ in range(30):
        x, said = batches.labelled(7)
        np.testing.assert_array_equal(codes[x[:, 0, 0, 0].int().numpy()], said)
        assert np.ptp(np.bincount(said, minlength=3)) <= 1
        counts += np.bincount(said, minlength=3)
    assert counts.max() / counts.min() < 1.2, "the odd one is of any class"
    fit = (10 + np.arange(8)) // 4
    heard = batches.unlabelled(fit.sum())[:, 0, 0, 0].int().numpy()
    np.testing.assert_array_equal(np.bincount(heard), fit, "an epoch")


def test_rules_of_one_seed_are_shown_the_same_sounds():
    a, b = toy_batches([0, 1, -1]), toy_batches([0, 1, -1])
    b.noised(b.unlabelled(5))
    for _ in range(3):
        assert torch.equal(a.labelled(4)[0], b.labelled(4)[0])


def test_losses_of_two_answers(logits):
    p, q = softmax(logits[:4], axis=1), softmax(logits[4:8], axis=1)
    a, b = tensor(logits[:4]), tensor(logits[4:8])
    np.testing.assert_allclose(kl(a, b), np.mean(scipy_entropy(p, q, axis=1)))
    np.testing.assert_allclose(squared(a, b), np.mean(np.linalg.norm(p - q, axis=1) ** 2))
    taught = -np.mean([u @ v for u, v in zip(p, log_softmax(logits[4:8], axis=1))])
    np.testing.assert_allclose(soft_cross_entropy(b, a), taught)


def test_losses_of_one_answer(logits):
    p = softmax(logits, axis=1)
    np.testing.assert_allclose(entropy(tensor(logits)), np.mean(scipy_entropy(p, axis=1)))
    top = p.max(axis=1)
    assert 0 < (top > 0.8).sum() < len(top)
    wanted = np.where(top > 0.8, -np.log(top), 0).mean()
    np.testing.assert_allclose(pseudo_label_loss(tensor(logits), 0.8), wanted)
    assert pseudo_label_loss(torch.zeros(3, 4)) == 0, "of nothing it is sure"


def test_the_made_up_class_is_the_last_of_a_softmax(logits):
    fake = softmax(np.c_[logits, np.zeros(len(logits))], axis=1)[:, -1]
    np.testing.assert_allclose(real_loss(tensor(logits)), -np.log(1 - fake).mean())
    np.testing.assert_allclose(fake_loss(tensor(logits)), -np.log(fake).mean())


def test_the_ramp():
    np.testing.assert_allclose([ramp(0.0), ramp(RAMP / 2)], np.exp([-5, -1.25]))
    assert ramp(RAMP) == ramp(1.0) == 1.0


def toy_net(seed=0):
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 16), nn.BatchNorm1d(16), nn.Tanh())
    return Net(encoder, 16, 3)


@pytest.fixture
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def test_held_statistics(seeded):
    net, x = toy_net(), torch.randn(6, 1, 4, 3)
    before = copy.deepcopy(net.state_dict())
    with held_statistics(net):
        net(x)
    norm = net.encoder[2]
    assert torch.equal(norm.running_mean, before["encoder.2.running_mean"])
    net(x)
    assert not torch.equal(norm.running_mean, before["encoder.2.running_mean"])


def test_no_gradient_through_the_clean_answer(seeded):
    net, x = toy_net(), torch.randn(6, 1, 4, 3)
    clean = net(x)
    clean.retain_grad()
    disagreement(net, x + 0.1, clean).backward()
    assert clean.grad is None
    assert net.head.weight.grad.abs().max() > 0


def test_the_adversarial_step_hurts_more_than_any_random_one(seeded):
    net = toy_net().double().eval()
    x = torch.randn(5, 1, 4, 3, dtype=torch.float64)
    clean = net(x).detach()

    def change(r):
        """KL of each patch's answer after a step."""
        p = clean.softmax(dim=1)
        return (p * (p.log() - net(x + r).log_softmax(dim=1))).sum(dim=1).detach()

    r = adversarial(net, x, clean, eps=1e-2, xi=1e-3)
    np.testing.assert_allclose(r.flatten(1).norm(dim=1), 1e-2)
    random = torch.randn(200, *x.shape, dtype=torch.float64)
    random *= 1e-2 / random.flatten(2).norm(dim=2)[..., None, None, None]
    others = torch.stack([change(d) for d in random])
    assert (change(r) > others.median(dim=0).values).all()
    assert change(r).mean() > 2 * others.mean()


def test_the_adversarial_step_is_the_gradient_by_finite_differences(seeded):
    net = toy_net().double().eval()
    x = torch.randn(1, 1, 4, 3, dtype=torch.float64)
    clean = net(x).detach()
    state = torch.random.get_rng_state()
    r = adversarial(net, x, clean, eps=1.0, xi=0.5).flatten()
    torch.random.set_rng_state(state)
    d = torch.randn_like(x)
    d /= d.norm()
    basis = 1e-6 * torch.eye(12, dtype=torch.float64).view(12, 1, 1, 4, 3)
    slopes = torch.stack(
        [kl(clean, net(x + 0.5 * (d + e))) - kl(clean, net(x + 0.5 * (d - e))) for e in basis]
    ).detach()
    np.testing.assert_allclose(r, slopes / slopes.norm(), atol=1e-5)


def test_the_teacher_is_the_mean_of_past_students():
    student, teacher = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    values = np.random.default_rng(0).normal(size=12)
    teacher.weight.data.fill_(values[0])
    for value in values[1:]:
        student.weight.data.fill_(value)
        follow(teacher, student, 0.9)
    k = len(values) - 1
    wanted = 0.9**k * values[0] + 0.1 * sum(0.9 ** (k - i) * values[i] for i in range(1, k + 1))
    np.testing.assert_allclose(teacher.weight.item(), wanted, rtol=1e-5)


def test_at_first_the_teacher_is_the_plain_mean(seeded):
    rule = MeanTeacher(toy_net(), (1, 4, 3))
    batches = toy_batches([0, 1, 2, -1, -1])
    optimisers = rule.start(0, 0.1)
    past = [rule.net.head.weight.detach().clone()]
    for _ in range(5):
        rule.update(batches, 0.5, optimisers)
        past.append(rule.net.head.weight.detach().clone())
    assert len(past) < 1 / (1 - BETA)
    torch.testing.assert_close(rule.teacher.head.weight, torch.stack(past).mean(dim=0))
    rule.eval()
    x = batches.unlabelled(4)
    assert torch.equal(rule.logits(x), rule.teacher(x)), "the teacher answers"


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
