"""Pooling over time against formulas written out, and the net that uses it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from deep.nets.pooling import (
    PENALTY,
    POOLINGS,
    AttentionPool,
    AutoPool,
    MaxPool,
    MeanPool,
    SoftmaxPool,
    largest_alpha,
    penalty,
    project,
)
from deep.nets.vgg_embedding import VGGEmbedding
from mirbench.errors import MethodError


def values(seed, batch=3, channels=4, frames=7, scale=1.0):
    x = np.random.default_rng(seed).normal(0, scale, (batch, channels, frames))
    return torch.tensor(x, dtype=torch.float64)


def autopool(alpha):
    layer = AutoPool(len(alpha))
    layer.alpha.data = torch.as_tensor(alpha, dtype=torch.float64)
    return layer


def written_out(x, alpha):
    """The published formula, one channel of one track at a time."""
    out = np.zeros(x.shape[:2])
    for b, c in np.ndindex(*out.shape):
        weights = np.exp(alpha[c] * x[b, c])
        out[b, c] = sum(w / weights.sum() * v for w, v in zip(weights, x[b, c], strict=True))
    return out


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.floats(0, 20))
def test_autopool_is_its_formula(seed, frames, spread):
    x = values(seed, frames=frames)
    alpha = np.random.default_rng(seed).normal(0, spread, 4)
    found = autopool(alpha)(x).detach().numpy()
    np.testing.assert_allclose(found, written_out(x.numpy(), alpha), rtol=1e-9, atol=1e-9)


def test_alpha_leads_from_minimum_over_mean_and_softmax_to_maximum():
    x = values(0)
    np.testing.assert_allclose(autopool([0.0] * 4)(x).detach(), x.mean(2), atol=1e-12)
    np.testing.assert_allclose(autopool([1.0] * 4)(x).detach(), SoftmaxPool()(x), atol=1e-12)
    np.testing.assert_allclose(autopool([1e6] * 4)(x).detach(), x.amax(2), atol=1e-12)
    np.testing.assert_allclose(autopool([-1e6] * 4)(x).detach(), x.amin(2), atol=1e-12)
    torch.testing.assert_close(MeanPool()(x), x.mean(2))
    torch.testing.assert_close(MaxPool()(x), x.amax(2))
    assert (AutoPool(4).alpha == 0).all()


@pytest.mark.parametrize("name", POOLINGS)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_masked_frames_do_not_count_whatever_they_hold(name, seed):
    torch.manual_seed(seed)
    layer = POOLINGS[name](4).double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    x = values(seed)
    lengths = [7, 3, 1]
    mask = torch.arange(7) < torch.tensor(lengths)[:, None]
    filled = x.masked_fill(~mask[:, None], torch.nan)
    if name == "attention":  # its net is applied to all frames: a gradient of NaN would reach it
        filled = x.masked_fill(~mask[:, None], 1e3)
    alone = torch.cat([layer(row[None, :, :n]) for row, n in zip(x, lengths, strict=True)])
    torch.testing.assert_close(layer(filled, mask), alone)


@pytest.mark.parametrize("name", [name for name in POOLINGS if name != "max"])
def test_gradient_reaches_every_frame(name):
    x = values(1).requires_grad_()
    POOLINGS[name](4).double()(x).square().sum().backward()
    assert (x.grad.abs() > 0).all()


def test_gradient_of_alpha_by_differences():
    x, alpha = values(2), torch.tensor([0.3, -1.0, 2.0, 0.0], dtype=torch.float64)
    layer = autopool(alpha)
    layer(x).sum().backward()
    for c in range(4):
        step = torch.zeros(4, dtype=torch.float64)
        step[c] = 1e-6
        change = autopool(alpha + step)(x).sum() - autopool(alpha - step)(x).sum()
        assert layer.alpha.grad[c].item() == pytest.approx(change.item() / 2e-6, rel=1e-5)


@pytest.mark.parametrize("name", POOLINGS)
def test_large_values_stay_finite(name):
    layer = POOLINGS[name](4)
    x = (values(3) * 1e4).float().requires_grad_()
    layer(x).sum().backward()
    grads = [x.grad, *(p.grad for p in layer.parameters())]
    assert all(torch.isfinite(g).all() for g in grads)


def test_constraints_and_penalty():
    net = torch.nn.Sequential(POOLINGS["autopool-nonnegative"](3), POOLINGS["autopool-bounded"](3))
    for layer in net:
        layer.alpha.data = torch.tensor([-9.0, 0.5, 9.0])
    project(net)
    assert net[0].alpha.tolist() == [0, 0.5, 9]
    assert net[1].alpha.tolist() == [-5, 0.5, 5]
    assert penalty(net) == 0
    layer = POOLINGS["autopool-regularised"](3)
    layer.alpha.data = torch.tensor([-9.0, 0.5, 9.0])
    assert penalty(layer).item() == pytest.approx(PENALTY * (81 + 0.25 + 81))
    assert penalty(torch.nn.Linear(2, 2)) == 0


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 0.99), st.integers(2, 1000))
def test_largest_alpha_is_where_one_frame_weighs_that_much(weight, frames):
    alpha = largest_alpha(weight, frames)
    x = np.zeros((1, 1, frames))
    x[0, 0, 0] = 1
    assert written_out(x, [alpha])[0, 0] == pytest.approx(weight)


def test_learned_alpha_tells_short_events_from_long_ones():
    """Channel 0 is active in one frame of 20 for the positives, channel 1 in all: bags are labelled."""
    rng = np.random.default_rng(0)
    x = 0.1 * rng.normal(size=(200, 2, 20))
    y = rng.integers(0, 2, (200, 2))
    x[np.arange(200), 0, rng.integers(0, 20, 200)] += y[:, 0]
    x[:, 1] += np.where(y[:, 1], 0.3, 0)[:, None]
    x[np.arange(200), 1, rng.integers(0, 20, 200)] += 1.0  # a loud frame that says nothing
    pool = AutoPool(2)
    scale, bias = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.zeros(2))
    optimiser = torch.optim.Adam([pool.alpha, scale, bias], lr=0.05)
    inputs, target = torch.tensor(x).float(), torch.tensor(y).float()
    for _ in range(150):
        optimiser.zero_grad()
        logits = pool(inputs) * scale + bias
        torch.nn.functional.binary_cross_entropy_with_logits(logits, target).backward()
        optimiser.step()
    assert pool.alpha[0] > 2 > pool.alpha[1]


def test_attention_starts_as_the_mean():
    x = values(4).float()
    torch.testing.assert_close(AttentionPool(4)(x), x.mean(2))


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("frames", [1, 2, 9, 40])
def test_net_gives_unit_vectors_for_any_length(pooling, frames):
    torch.manual_seed(0)
    net = VGGEmbedding((1, 40, 20), 5, widths=(2, 3), pools=((2, 2), (2, 8)), pooling=pooling)
    out = net.eval()(torch.randn(3, 1, frames, 20))
    torch.testing.assert_close(out.norm(dim=1), torch.ones(3))
    assert out.shape == (3, 5)


def test_net_takes_the_published_size():
    net = VGGEmbedding(
        (1, 1366, 96),
        50,
        widths=(128, 384, 768, 2048),
        pools=((4, 2), (5, 4), (8, 3), (8, 4)),
        units=64,
        normalise=False,
    )
    convolutions = sum(m.weight.numel() for m in net.blocks if isinstance(m, torch.nn.Conv2d))
    assert convolutions == 9 * (128 + 128 * 384 + 384 * 768 + 768 * 2048)
    assert [tuple(m.size) for m in net.blocks if hasattr(m, "size")] == [
        (4, 2),
        (5, 4),
        (8, 3),
        (8, 4),
    ]
    assert net.bands[0].in_channels == 2048  # one band of frequency is left


def test_unknown_pooling_is_one_clear_error():
    with pytest.raises(MethodError, match="mean, max"):
        VGGEmbedding((1, 40, 20), 5, pooling="magic")
