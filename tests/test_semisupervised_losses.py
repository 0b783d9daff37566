"""Rules of learning from few labels as composed: a step's loss and gradient against the sum of its parts."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from deep.nets.small_encoder import SmallEncoder
from deep.semisupervised import vat
from deep.semisupervised.consistency import Consistency, clean_answers
from deep.semisupervised.entropy import Entropy
from deep.semisupervised.finetuned import Finetuned
from deep.semisupervised.gan import NOISE, Gan
from deep.semisupervised.mean_teacher import MeanTeacher
from deep.semisupervised.noisy_student import NoisyStudent
from deep.semisupervised.pseudo_labels import PseudoLabels
from deep.semisupervised.rule import Net
from deep.semisupervised.supervised import Supervised
from deep.semisupervised.vat import EPS, Vat, adversarial

SHAPE = (1, 4, 16)
T = 0.2
RAMP = math.exp(-5 / 4)
"""What the second term counts at T, half-way up."""


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


class Shown:
    """Batches of four labelled and four other patches, the same each time, and a noise that isn't random:
    a factor, since batch norm takes out what is added to all."""

    size = 8

    def __init__(self, noise=1.0):
        made = torch.Generator().manual_seed(0)
        self.x, self.u = torch.randn(2, 8, *SHAPE, generator=made)
        self.y = torch.tensor([0, 1, 2, 1, 0, 2, 2, 1])
        self.factor = 1 + noise * torch.randn(SHAPE, generator=made)

    def labelled(self, n):
        return self.x[:n], self.y[:n]

    def unlabelled(self, n):
        return self.u[:n]

    def noised(self, x):
        return x * self.factor


def toy_net():
    """In training mode; sure of some of its answers."""
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.BatchNorm1d(16), nn.Tanh())
    net = Net(encoder, 16, 3)
    with torch.no_grad():
        net.head.weight *= 12
    return net


def logs(net, x):
    """Log-probabilities."""
    scores = net(x)
    return scores - scores.exp().sum(dim=1, keepdim=True).log()


def named(log_p, y):
    """Cross-entropy of the first rows."""
    return -sum(log_p[i, c] for i, c in enumerate(y)) / len(y)


def halves(net, shown):
    """Cross-entropy of the labelled half and log-probabilities of the other, passed together."""
    log_p = logs(net, torch.cat([shown.x[:4], shown.u[:4]]))
    return named(log_p[:4], shown.y[:4]), log_p[4:]


def supervised(rule, shown):
    return named(logs(rule.net, shown.x), shown.y)


def entropy(rule, shown):
    first, log_p = halves(rule.net, shown)
    return first - RAMP * (log_p.exp() * log_p).sum() / 4


def pseudo_labels(rule, shown):
    first, log_p = halves(rule.net, shown)
    top = log_p.max(dim=1).values
    sure = top > math.log(0.95)
    assert 0 < sure.sum() < 4
    return first - RAMP * top[sure].sum() / 4


def answers_for(rule, shown, changed):
    """Log-probabilities of clean patches, through which nothing is learned, and of changed ones."""
    clean, other = logs(rule.net, shown.u[:4]).detach(), logs(rule.net, changed)
    assert (clean - other).abs().max() > 0.1
    return clean, other


def consistency(rule, shown):
    clean, noised = answers_for(rule, shown, shown.u[:4] * shown.factor)
    return halves(rule.net, shown)[0] + 10 * RAMP * ((clean.exp() - noised.exp()) ** 2).sum() / 4


def consistency_kl(rule, shown):
    clean, noised = answers_for(rule, shown, shown.u[:4] * shown.factor)
    return halves(rule.net, shown)[0] + RAMP * (clean.exp() * (clean - noised)).sum() / 4


def virtual_adversary(rule, shown):
    u = shown.u[:4]
    r = adversarial(rule.net, u, rule.net(u).detach())
    assert r.flatten(1).norm(dim=1).numpy() == pytest.approx(EPS)
    clean, attacked = answers_for(rule, shown, u + r)
    return halves(rule.net, shown)[0] + RAMP * (clean.exp() * (clean - attacked)).sum() / 4


def mean_teacher(rule, shown):
    taught = logs(rule.teacher, shown.u[:4]).exp()
    student = logs(rule.net, shown.u[:4] * shown.factor).exp()
    return halves(rule.net, shown)[0] + 10 * RAMP * ((student - taught) ** 2).sum() / 4


def taught(net):
    """A mean teacher that is no longer its student."""
    rule = MeanTeacher(net, SHAPE)
    with torch.no_grad():
        rule.teacher.head.weight.neg_()
    return rule


RULES = {
    "supervised": (Supervised, supervised),
    "entropy": (Entropy, entropy),
    "pseudo-labels": (PseudoLabels, pseudo_labels),
    "consistency": (Consistency, consistency),
    "consistency-kl": (lambda net, shape: Consistency(net, shape, "kl"), consistency_kl),
    "vat": (Vat, virtual_adversary),
    "mean-teacher": (lambda net, _: taught(net), mean_teacher),
}


def agree(one, other, parameters):
    """Two losses, and what they teach."""
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
    grads = (torch.autograd.grad(loss, parameters) for loss in (one, other))
    for ours, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", RULES)
def test_a_loss_and_its_gradient_are_those_of_the_parts(name):
    make, formula = RULES[name]
    rule, shown = make(toy_net(), SHAPE), Shown()
    losses = []
    for loss in (lambda: rule.loss(shown, T), lambda: formula(rule, shown)):
        torch.manual_seed(1)
        losses.append(loss())
    agree(*losses, list(rule.net.parameters()))


def test_a_student_hears_noise_and_its_teacher_none():
    shown, rule = Shown(), NoisyStudent(toy_net(), SHAPE)
    assert rule.rounds == 3, "a teacher and two students"
    [optimiser] = rule.start(0, 0.05)
    agree(rule.loss(shown, T), supervised(rule, shown), list(rule.net.parameters()))
    for _ in range(3):
        rule.update(shown, T, [optimiser])
    teacher = copy.deepcopy(rule.net).eval()
    rule.start(1, 0.05)
    assert not torch.equal(rule.net.head.weight, teacher.head.weight), "a student begins anew"
    torch.manual_seed(1)
    ours = rule.loss(shown, T)
    torch.manual_seed(1)
    rows = rule.net.encoder(torch.cat([shown.x[:4], shown.u[:4]]) * shown.factor)
    log_p = rule.net.head(functional.dropout(rows, 0.5)).log_softmax(dim=1)
    said = logs(teacher, shown.u[:4]).exp().detach()
    wanted = named(log_p[:4], shown.y[:4]) - (said * log_p[4:]).sum() / 4
    agree(ours, wanted, list(rule.net.parameters()))


def test_fine_tuning_begins_with_the_auto_encoder_of_the_encoder_that_answers():
    shown = Shown()
    rule = Finetuned(Net(SmallEncoder(SHAPE, 128), 128, 3), SHAPE)
    assert rule.rounds == 2
    optimisers = rule.start(0, 0.01)
    drawn = rule.task.decoder(rule.net.encoder.frames(shown.u))
    error = ((drawn - shown.u) ** 2).mean()
    agree(rule.loss(shown, T), error, list(rule.net.encoder.parameters()))
    before = copy.deepcopy(rule.net)
    rule.update(shown, T, optimisers)
    assert not torch.equal(rule.net.encoder.mix.weight, before.encoder.mix.weight)
    assert torch.equal(rule.net.head.weight, before.head.weight)
    learned = copy.deepcopy(rule.net.encoder.mix.weight)
    optimisers = rule.start(1, 0.01)
    assert torch.equal(rule.net.encoder.mix.weight, learned), "what was learned is kept"
    agree(rule.loss(shown, T), supervised(rule, shown), list(rule.net.parameters()))
    rule.update(shown, T, optimisers)
    assert not torch.equal(rule.net.head.weight, before.head.weight)
    assert not torch.equal(rule.net.encoder.mix.weight, learned)


def stepped(module, loss, lr):
    """A step of plain gradient descent, the gradient's norm at most 5."""
    grads = torch.autograd.grad(loss, list(module.parameters()))
    norm = torch.cat([g.flatten() for g in grads]).norm()
    with torch.no_grad():
        for p, g in zip(module.parameters(), grads, strict=True):
            p -= lr * g * min(1.0, 5 / float(norm))


def test_a_step_of_the_adversaries_is_one_of_each():
    shown, rule = Shown(), Gan(toy_net(), SHAPE)
    twin = copy.deepcopy(rule)
    sides = (rule.net, rule.generator)
    torch.manual_seed(1)
    loss = rule.update(shown, T, [torch.optim.SGD(s.parameters(), lr=0.3) for s in sides])
    torch.manual_seed(1)
    z = [torch.randn(4, NOISE, 1) for _ in range(2)]
    made = twin.generator(z[0]).detach()
    scores = twin.net(torch.cat([shown.x[:4], shown.u[:4]]))[4:]
    real = 1 - 1 / (1 + scores.exp().sum(dim=1))
    fake = 1 / (1 + twin.net(made).exp().sum(dim=1))
    wanted = halves(twin.net, shown)[0] - real.log().mean() - fake.log().mean()
    assert loss == pytest.approx(wanted.item(), rel=1e-4)
    stepped(twin.net, wanted, 0.3)
    means = [twin.net.encoder(x).mean(dim=0) for x in (shown.u[:4], twin.generator(z[1]))]
    stepped(twin.generator, ((means[0].detach() - means[1]) ** 2).mean(), 0.3)
    for side in ("net", "generator"):
        for ours, theirs in zip(getattr(rule, side).parameters(), getattr(twin, side).parameters()):
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


# in training mode, batch norm by the batch


@pytest.mark.parametrize("distance", ["squared", "kl"])
def test_noise_that_changes_nothing_costs_nothing(distance):
    rule, shown = Consistency(toy_net(), SHAPE, distance), Shown(noise=0.0)
    assert rule.training
    assert torch.equal(rule.loss(shown, 1.0), rule.both(shown)[0])


def test_an_adversary_that_changes_nothing_costs_nothing(monkeypatch):
    rule, shown = Vat(toy_net(), SHAPE), Shown()
    monkeypatch.setattr(vat, "adversarial", lambda net, u, clean: torch.zeros_like(u))
    assert rule.training
    assert torch.equal(rule.loss(shown, 1.0), rule.both(shown)[0])


def test_an_adversary_starts_where_it_is_put(monkeypatch):
    """Near its minimum the divergence is even: opposite directions to start in have opposite ends."""
    rule, shown, ends = Vat(toy_net(), SHAPE), Shown(), []
    d = torch.randn(4, *SHAPE)

    def spied(net, u, clean):
        ends.append(adversarial(net, u, clean))
        return ends[-1]

    monkeypatch.setattr(vat, "adversarial", spied)
    for start in (d, -d, torch.randn(4, *SHAPE)):
        monkeypatch.setattr(torch, "randn_like", lambda u, start=start: start.clone())
        rule.loss(shown, 1.0)
    cosines = functional.cosine_similarity(ends[0].flatten(1), ends[1].flatten(1))
    assert (cosines < -0.9).all()
    assert all((a != b).any() for a, b in zip(ends[0], ends[2]))


def test_clean_answers_pass_alone_and_leave_the_statistics(monkeypatch):
    net, shown = toy_net(), Shown()
    before = copy.deepcopy(net.state_dict())
    found = clean_answers(net, shown.u)
    assert not found.requires_grad
    for name, value in net.state_dict().items():
        assert name.endswith("num_batches_tracked") or torch.equal(value, before[name])
    rows = net.encoder[1](shown.u.flatten(1)).detach().numpy()
    rows = (rows - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0) + net.encoder[2].eps)
    wanted = np.tanh(rows) @ net.head.weight.detach().numpy().T + net.head.bias.detach().numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-4)
