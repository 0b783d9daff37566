"""Rules of learning from few labels: batches, losses, ramps and steps against formulas."""

import copy

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax
from scipy.stats import entropy as scipy_entropy
from torch import nn

from deep.semisupervised.batches import Batches
from deep.semisupervised.consistency import disagreement
from deep.semisupervised.entropy import entropy
from deep.semisupervised.gan import fake_loss, real_loss
from deep.semisupervised.mean_teacher import BETA, MeanTeacher, follow
from deep.semisupervised.noisy_student import soft_cross_entropy
from deep.semisupervised.pseudo_labels import pseudo_label_loss
from deep.semisupervised.rule import RAMP, Net, held_statistics, kl, ramp, squared
from deep.semisupervised.vat import adversarial
from deep.tracks.batches import Patches


@pytest.fixture
def logits():
    return np.random.default_rng(0).normal(0, 2, (9, 4))


def tensor(rows):
    return torch.as_tensor(np.asarray(rows))


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
