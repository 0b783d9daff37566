"""Nets that draw sound: what they hear, what they cost, whether they heed their label."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter
from scipy.special import ndtr
from scipy.stats import norm

from deep.generative import bits as bits_module
from deep.generative.bits import linear_bits, net_bits
from deep.generative.gan import LabelledGan, ToldGan, labelled_gan
from deep.generative.linear_predictor import (
    LinearPredictor,
    edges,
    fit_predictor,
    gaussian_bits,
    lagged,
    samples,
)
from deep.generative.sample_check import agreement, real_patches
from deep.generative.vae import class_codes, vae_draws
from deep.generative.wavenet import SR, wavenet_by_instrument
from deep.nets.sample_rnn import SampleRNN
from deep.nets.told_wavenet import ToldWaveNet
from deep.nets.wavenet import LEVELS, WaveNet, dequantise, quantise
from deep.representation.sample_rnn import encoder_samplernn
from deep.representation.vae import encoder_vae
from deep.semisupervised.supervised import few_supervised
from mirbench.errors import MethodError
from mirbench.items import Item, as_items

RATE = 16_000


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture(scope="module")
def notes():
    """Tones of 110 Hz (0) or 1,760 Hz (1) with a little noise: 8 items and their labels."""
    rng = np.random.default_rng(0)
    t = np.arange(RATE) / RATE
    y = np.arange(8) % 2
    sounds = [
        np.sin(2 * np.pi * (110, 1760)[c] * t + i) + 0.01 * rng.standard_normal(len(t))
        for i, c in enumerate(y)
    ]
    return as_items(
        Item.from_array(0.3 * s.astype(np.float32), RATE, group=str(i))
        for i, s in enumerate(sounds)
    ), y


# SampleRNN


def test_sample_rnn_hears_no_future_and_all_that_passed():
    net = SampleRNN((1, 200, 1), 8, units=6, frames=(16, 4)).eval()
    codes = torch.randint(LEVELS, (2, 200))
    with torch.no_grad():
        before = net.hidden(codes)
        assert before.shape == (2, 8, 200)
        for at in (0, 3, 15, 16, 100, 199):
            edited = codes.clone()
            edited[:, at] = (codes[:, at] + 99) % LEVELS
            changed = (net.hidden(edited) != before).any(dim=1).all(dim=0).nonzero().flatten()
            assert changed[0] == at
            # a frame's end is heard by the recurrent tiers ever after
            assert changed[-1] == 199


def test_sample_rnn_is_tiers_run_one_frame_at_a_time():
    net = SampleRNN((1, 96, 1), 5, units=4, frames=(8, 4)).eval()
    codes = torch.randint(LEVELS, (1, 90))
    x = torch.cat([torch.zeros(8), codes[0] / (LEVELS - 1) * 2 - 1])  # silence before the first
    state = [net.first[0][:, 0], net.first[1][:, 0]]
    cells = []
    for gru in net.tiers:
        cell = torch.nn.GRUCell(4, 4)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(cell, name).data = getattr(gru, f"{name}_l0").data
        cells.append(cell)
    rows = []
    with torch.no_grad():
        for j in range(91):
            if j % 8 == 0:
                state[0] = cells[0](net.hear[0](x[j : j + 8])[None], state[0])
                slow = net.spread[0](state[0]).reshape(2, 4)
            if j % 4 == 0:
                heard = net.hear[1](x[j + 4 : j + 8])[None] + slow[j // 4 % 2]
                state[1] = cells[1](heard, state[1])
                fast = net.spread[1](state[1]).reshape(4, 5)
            rows.append(fast[j % 4])
        torch.testing.assert_close(net.told(codes)[0], torch.stack(rows))


def test_frames_of_sample_rnn_fit_into_one_another():
    with pytest.raises(MethodError, match="multiple of the next"):
        SampleRNN((1, 64, 1), frames=(16, 6))


# the linear predictor


def test_levels_of_a_gaussian_have_the_probabilities_of_its_distribution():
    rng = np.random.default_rng(0)
    mean, sigma = rng.uniform(-0.5, 0.5, 7), 0.05
    found = np.stack([gaussian_bits(np.arange(LEVELS), np.full(LEVELS, m), sigma) for m in mean])
    np.testing.assert_allclose((2.0**-found).sum(axis=1), 1)
    inside = np.diff(norm.cdf(edges(), 0.1, sigma))
    np.testing.assert_allclose(
        2.0 ** -gaussian_bits(np.arange(LEVELS), np.full(LEVELS, 0.1), sigma), inside, atol=1e-12
    )
    assert np.isfinite(gaussian_bits(np.array([0, 255]), np.array([0.9, -0.9]), 0.01)).all()


def test_every_level_is_between_its_edges():
    middle = dequantise(torch.arange(LEVELS, dtype=torch.float64)).numpy()
    assert (edges()[:-1] < middle).all()
    assert (middle < edges()[1:]).all()
    near = torch.as_tensor(edges()[1:-1])
    assert torch.equal(quantise(near + 1e-9), torch.arange(1, LEVELS))


@given(st.floats(0.02, 0.2))
@settings(max_examples=10, deadline=None)
def test_bits_of_fine_levels_are_the_differential_entropy_less_the_step(sigma):
    """``log2(sigma sqrt(2 pi e)) - E log2(width of the level)``, where levels are narrow."""
    x = norm.ppf((np.arange(20_000) + 0.5) / 20_000) * sigma
    codes = quantise(torch.as_tensor(x)).numpy()
    found = gaussian_bits(codes, np.zeros(len(x)), sigma).mean()
    width = np.diff(np.clip(edges(), -1, 1))[codes]
    formula = np.log2(sigma * math.sqrt(2 * math.pi * math.e)) - np.log2(width).mean()
    assert found == pytest.approx(formula, abs=0.02)


def test_a_predictor_finds_the_filter_that_made_the_sound():
    rng = np.random.default_rng(0)
    made = lfilter([1], [1, -1.6, 0.81], 0.03 * rng.standard_normal(20_000))
    codes = quantise(torch.as_tensor(made)).numpy()
    fitted = fit_predictor([codes[:9000], codes[9000:]], order=4)
    np.testing.assert_allclose(fitted.weights, [1.6, -0.81, 0, 0], atol=0.1)
    assert fitted.sigma == pytest.approx(0.03, rel=0.1)
    guess = LinearPredictor(np.zeros(4), float(made.std()))
    gain = (guess.bits(codes) - fitted.bits(codes)).mean()
    assert gain == pytest.approx(np.log2(made.std() / fitted.sigma), abs=0.1)
    rows, now = lagged(samples(codes), 4)
    np.testing.assert_array_equal(rows[7], samples(codes)[10:6:-1])
    assert now[7] == samples(codes)[11]


def test_bits_of_a_net_that_knows_nothing_are_eight(notes):
    X, _ = notes
    net = encoder_samplernn().set_params(steps=0, patch_frames=600).fit(X)
    for part in net.task_.head.parameters():
        torch.nn.init.zeros_(part)
    assert net_bits(net, X, heard=100) == pytest.approx(8)
    tones = linear_bits(net, X[:1], X[:1], heard=100)
    assert tones < 5, "a tone tells its next sample"
    assert linear_bits(net, X[:1], None, heard=100) < 5


@pytest.mark.parametrize("trained", [False, True])
def test_what_is_heard_first_costs_no_bits_and_is_all_that_a_patch_tells(trained, monkeypatch):
    """A soft start and a loud rest, against least squares and differences of normal distributions."""
    rng = np.random.default_rng(0)
    loud = np.where(np.arange(400) < 150, 0.03, 0.1)
    codes = quantise(torch.as_tensor(rng.standard_normal((3, 400)) * loud))
    others = quantise(torch.as_tensor(0.05 * rng.standard_normal((2, 300))))
    monkeypatch.setattr(bits_module, "patch_codes", lambda net, X: X)
    found = linear_bits(None, codes, others if trained else None, heard=150)
    costs, bounds = [], edges()
    for patch in codes:
        told = [dequantise(c).double().numpy() for c in (others if trained else [patch[:150]])]
        past = np.array([x[t - 16 : t][::-1] for x in told for t in range(16, len(x))])
        now = np.concatenate([x[16:] for x in told])
        w = np.linalg.solve(past.T @ past, past.T @ now)
        sigma = np.sqrt(np.mean((now - past @ w) ** 2))
        x = dequantise(patch).double().numpy()
        for t in range(150, 400):
            at = (bounds[patch[t] : patch[t] + 2] - w @ x[t - 16 : t][::-1]) / sigma
            tail = ndtr(-at if at[0] > 0 else at)
            costs.append(-np.log2(abs(tail[1] - tail[0])))
    assert found == pytest.approx(np.mean(costs), rel=1e-4)


# WaveNet by label


def test_a_told_wavenet_is_wavenet_until_it_learns_what_a_label_means():
    net = WaveNet((1, 90, 1), 8, units=6, blocks=5)
    told = ToldWaveNet(net, 3).eval()
    codes = torch.randint(LEVELS, (4, 90))
    labels = torch.tensor([0, 1, 2, 0])
    with torch.no_grad():
        torch.testing.assert_close(told(codes, labels), told.head(net.hidden(codes)))
        for table in told.tell:
            torch.nn.init.normal_(table.weight)
        one, other = told(codes, labels), told(codes, labels.roll(1))
    same = (one == other).all(dim=1).all(dim=1)
    assert same.tolist() == [True, False, False, False]
    assert (one != other).any(dim=1)[1:].float().mean() > 0.9, "all along the label is heard"


def test_a_told_wavenet_hears_no_future():
    told = ToldWaveNet(WaveNet((1, 90, 1), 8, units=6, blocks=5), 2).eval()
    codes = torch.randint(LEVELS, (1, 90))
    edited = codes.clone()
    edited[:, 40] = (codes[:, 40] + 99) % LEVELS
    label = torch.tensor([1])
    with torch.no_grad():
        changed = (told(codes, label) != told(edited, label)).any(dim=1)[0].nonzero().flatten()
    assert changed[0] == 40
    assert changed[-1] == 40 + told.net.context - 1


def test_drawing_sample_by_sample_is_drawing_from_the_whole_net():
    told = ToldWaveNet(WaveNet((1, 90, 1), 8, units=6, blocks=4), 2).eval()
    for table in told.tell:
        torch.nn.init.normal_(table.weight)
    drawn = told.draw(1, 60, torch.Generator().manual_seed(3))
    generator = torch.Generator().manual_seed(3)
    codes = quantise(torch.zeros(1, 1))
    with torch.no_grad():
        for _ in range(60):
            chances = told(codes, torch.tensor([1]))[0, :, -1].softmax(dim=0)
            code = torch.multinomial(chances, 1, generator=generator)
            codes = torch.cat([codes, code[None]], dim=1)
    assert torch.equal(drawn, codes[0, 1:])


def test_the_right_label_costs_fewer_bits_and_names_the_sound():
    rng = np.random.default_rng(0)
    y = np.arange(8) % 2
    hisses = [rng.standard_normal(SR) if c else rng.choice([-0.1, 0.1], SR) for c in y]
    X = as_items(Item.from_array(x.astype(np.float32), SR, group="g") for x in hisses)
    net = wavenet_by_instrument().set_params(
        encoder=partial(WaveNet, blocks=2), steps=30, patch_frames=256, batch_size=4, lr=2e-2
    )
    net.fit(X[:6], 10 + y[:6])
    assert net.classes_.tolist() == [10, 11]
    bits = net.bits(X[6:])
    assert (bits[[0, 1], y[6:]] < bits[[0, 1], 1 - y[6:]]).all()
    assert net.predict(X[6:]).tolist() == (10 + y[6:]).tolist()
    chances = net.predict_proba(X[6:])
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    sound = net.sample(11, 0.02, seed=1)
    assert sound.shape == (round(0.02 * SR),)
    np.testing.assert_array_equal(sound, net.sample(11, 0.02, seed=1))
    assert np.abs(sound - net.sample(10, 0.02, seed=1)).max() > 0
    with pytest.raises(MethodError, match="label 3 is none"):
        net.sample(3, 0.1)


def test_labels_must_be_as_many_as_items_and_of_two_classes(notes):
    X, y = notes
    for model in (wavenet_by_instrument(), labelled_gan()):
        with pytest.raises(MethodError, match="8 items but 3 labels"):
            model.fit(X, y[:3])
        with pytest.raises(MethodError, match="1 classes"):
            model.fit(X, y * 0)
        for bad in (y + np.nan, y - 1, y.astype(str), y[:, None]):
            with pytest.raises(MethodError, match="codes of classes, whole numbers from 0 on"):
                model.fit(X, bad)


# patches by label


@pytest.fixture(scope="module")
def judge(notes):
    X, y = notes
    return few_supervised().set_params(steps=15, batch_size=8).fit(X, y)


def test_the_judge_knows_real_patches_by_their_labels(judge, notes):
    X, y = notes
    patches, labels = real_patches(judge, X, y)
    told = agreement(judge, patches, labels)
    assert (told.recall, told.n) == (1.0, 8)
    assert agreement(judge, patches, 1 - labels).recall == 0.0
    assert agreement(judge, patches[[0, 0, 1, 1]], labels[[0, 0, 1, 1]]).spread < 1e-5
    mixed = agreement(judge, patches, np.zeros(8, dtype=int))
    assert mixed.recall == 0.5


def test_the_projection_scores_a_name_by_the_product_with_its_vector():
    gan = ToldGan(torch.nn.Flatten(), (1, 8, 16), 3)
    real, drawn = torch.randn(2, 5, 1, 8, 16)
    labels = torch.tensor([0, 1, 2, 1, 0])
    found = torch.cat(gan.scores(real, drawn, labels)).detach()
    e = torch.cat([real, drawn]).flatten(1)
    for i in range(10):
        v = gan.match.weight[labels[i % 5]]
        one = gan.score.weight[0] @ e[i] + gan.score.bias[0] + v @ e[i]
        torch.testing.assert_close(found[i], one.detach())


def test_a_gan_learns_to_draw_by_label_and_untrained_does_not(judge, notes):
    X, y = notes
    wanted = np.arange(40) % 2
    untrained = labelled_gan(0).fit(X, y)
    assert isinstance(untrained, LabelledGan)
    trained = labelled_gan(60).set_params(batch_size=8).fit(X, y)
    assert trained.draw(wanted[:3]).shape == (3, 1, 64, 64)
    np.testing.assert_array_equal(trained.draw(wanted), trained.draw(wanted))
    before, after = (agreement(judge, m.draw(wanted), wanted).recall for m in (untrained, trained))
    assert before == pytest.approx(0.5, abs=0.3)
    assert after > 0.9


def test_draws_of_an_auto_encoder_by_class_and_from_the_prior(notes):
    X, y = notes
    vae = encoder_vae().set_params(steps=3, batch_size=4).fit(X)
    codes = class_codes(vae, X, y)
    tiles = torch.cat([vae.tiled(rows[None]) for rows in vae.extract.transform(X[y == 1])])
    with torch.no_grad():
        mean = vae.task_.encoder.frames(tiles)
        drawn = mean + torch.randn(500, *mean.shape) * (vae.task_.log_variance(mean) / 2).exp()
    torch.testing.assert_close(codes[1][0], mean.mean(dim=0))
    spread = drawn.flatten(0, 1).std(dim=0)  # of draws from the posteriors of all patches
    torch.testing.assert_close(codes[1][1], spread, atol=0.1, rtol=0.1)
    wanted = np.array([0, 1, 1])
    drawn = vae_draws(vae, wanted, codes)
    assert drawn.shape == (3, 1, 64, 64)
    assert np.abs(drawn - vae_draws(vae, wanted, None)).max() > 0
    np.testing.assert_array_equal(drawn, vae_draws(vae, wanted, codes))
    still = {c: torch.stack([code[0], 0 * code[1]]) for c, code in codes.items()}
    np.testing.assert_allclose(*vae_draws(vae, wanted, still)[1:], atol=1e-6)
