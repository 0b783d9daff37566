"""Deep methods for notes: front-end, augmentation, architectures, and what they learn."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from deep import note_augment, notes
from deep.nets import vgg
from deep.nets.note_tcn import PatchTCN
from deep.nets.rnn import RNN
from deep.nets.timbre import TallFilters, TimbreCNN
from deep.nets.transformer import Transformer, sinusoids
from deep.nets.vgg import VGG
from deep.note_augment import random_recording
from deep.note_inputs import SR, note_logmel
from mirbench.errors import MethodError
from mirbench.items import Item, as_items

METHODS = [notes.cnn, notes.timbre, notes.tcn, notes.rnn, notes.transformer]
NETS = [VGG, TimbreCNN, PatchTCN, RNN, Transformer]
FLOOR = np.float32(-6)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def note(rng, odd, seconds=0.7, f0=None):
    """Twelve partials of a random pitch, or the odd ones of them, fading in and out."""
    time = np.arange(int(seconds * SR)) / SR
    f0 = f0 or rng.uniform(150, 600)
    partials = range(1, 13, 2) if odd else range(1, 13)
    sound = sum(np.sin(2 * np.pi * (f0 * k * time + rng.random())) / k for k in partials)
    return (sound * np.minimum(1, time / 0.02) * np.exp(-time)).astype(np.float32)


def corpus(n, seed):
    rng = np.random.default_rng(seed)
    odd = np.arange(n) % 2
    return as_items(Item.from_array(note(rng, o), SR) for o in odd), odd


# Front-end


@settings(max_examples=20, deadline=None)
@given(gain_db=st.floats(-60, 40), seed=st.integers(0, 5))
def test_front_end_ignores_gain(gain_db, seed):
    signal = note(np.random.default_rng(seed), odd=False)
    louder = signal * np.float32(10 ** (gain_db / 20))
    np.testing.assert_allclose(note_logmel(louder, SR), note_logmel(signal, SR), atol=1e-3)


def test_front_end_begins_at_the_onset_and_ends_after_two_seconds():
    signal = note(np.random.default_rng(0), odd=False, seconds=3)
    rows = note_logmel(signal, SR)
    assert rows.shape == (99, 80)
    soon, late = (
        note_logmel(np.concatenate([np.zeros(n * 441, np.float32), signal]), SR) for n in (9, 100)
    )
    np.testing.assert_allclose(late, soon, atol=1e-5)
    ahead = next(k for k in range(4) if np.allclose(late[k : k + 90], rows[:90], atol=0.05))
    assert ahead <= 2  # half a window
    assert (10.0**rows - 1e-6).sum(axis=1).max() == pytest.approx(1, abs=1e-3)


def test_a_note_cut_short_gives_the_first_frames():
    signal = note(np.random.default_rng(0), odd=False, seconds=3)
    rows, cut = note_logmel(signal, SR), note_logmel(signal[:SR], SR)
    assert len(cut) == 51
    np.testing.assert_allclose(cut[:48], rows[:48], atol=1e-3)


@pytest.mark.parametrize("n", [1, 2, 441, 2048])
def test_silence_and_short_notes_have_a_frame(n):
    silent = note_logmel(np.zeros(n, np.float32), SR)
    np.testing.assert_allclose(silent, np.full((1 + n // 441, 80), FLOOR), atol=1e-6)
    click = note_logmel(np.ones(n, np.float32), SR)
    assert 1 <= len(click) <= 1 + n // 441
    assert np.isfinite(click).all()


# Augmentation


def some_patch(frames=50):
    return note_logmel(note(np.random.default_rng(0), False, 2.5), SR)[None, :frames]


@pytest.mark.parametrize("frames", [1, 2, 50])
def test_random_recording_is_seeded_bounded_and_leaves_its_input(frames):
    for patch in (some_patch(frames), np.full((1, frames, 80), FLOOR)):
        before = patch.copy()
        for seed in range(60):
            out = random_recording(patch, np.random.default_rng(seed))
            assert out.shape == patch.shape
            assert out.dtype == np.float32
            assert np.isfinite(out).all()
            assert out.min() >= FLOOR - 1e-4
            assert out.max() < 1
        again = random_recording(patch, np.random.default_rng(59))
        np.testing.assert_array_equal(again, out)
        np.testing.assert_array_equal(patch, before)
    assert not np.array_equal(out, patch)


@settings(max_examples=30, deadline=None)
@given(bands=st.floats(-3, 3), bins=st.integers(1, 12))
def test_shift_is_linear_interpolation(bands, bins):
    rows = np.random.default_rng(0).standard_normal((1, 2, bins))
    expected = [[np.interp(np.arange(bins) - bands, np.arange(bins), row) for row in rows[0]]]
    np.testing.assert_allclose(note_augment.shifted(rows, bands), expected, atol=1e-9)


def test_equaliser_moves_bands_alike_in_all_frames_and_within_its_range():
    gains = [np.log10(note_augment.equaliser(80, np.random.default_rng(s))) for s in range(200)]
    cut = [gain.min() < -3 for gain in gains]
    assert 0.05 < np.mean(cut) < 0.3
    assert {gain[0] < -3 for gain in gains} == {gain[-1] < -3 for gain in gains} == {True, False}
    open_gains = np.array([gain for gain, c in zip(gains, cut) if not c])
    assert np.abs(open_gains).max() <= 0.5
    assert open_gains[:, 0].std() > 0.1
    np.testing.assert_allclose(open_gains[:, ::79].sum(axis=1), 0, atol=1e-9)


def test_reverberation_of_an_impulse_is_an_exponential_tail():
    power = np.zeros((1, 40, 2))
    power[0, 3] = (1, 2)
    out = note_augment.reverberant(power, decay=20, wet=0.3)
    ratio = 10 ** (-6 / 20)
    expected = 0.3 * (1 - ratio) * ratio ** np.arange(36)
    np.testing.assert_allclose(out[0, 4:, 1], 2 * expected)
    np.testing.assert_array_equal(out[0, :4], power[0, :4])
    assert out.sum() == pytest.approx(3 * 1.3, rel=1e-3)


def test_truncation_repeats_the_first_frames():
    power = np.arange(10.0).reshape(1, 10, 1)
    out = note_augment.truncated(power, 4)[0, :, 0]
    np.testing.assert_array_equal(out, [0, 1, 2, 3, 0, 1, 2, 3, 0, 1])
    np.testing.assert_array_equal(note_augment.truncated(power, 10), power)


# Architectures


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("frames", [1, 2, 7, 50, 131])
def test_nets_take_any_length(net, frames):
    module = net((1, 50, 80), 17).eval()
    with torch.no_grad():
        assert module(torch.randn(2, 1, frames, 80)).shape == (2, 17)


def parameters(module):
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def test_parameter_counts_follow_from_the_layers():
    def blocks(*maps):
        return sum(9 * a * b + 2 * b for a, b in pairwise(maps))

    def dense(a, b):
        return a * b + 2 * b

    head = 2 * 64 * 17 + 17
    assert parameters(VGG((1, 50, 80), 17)) == (
        blocks(1, 16, 32, 48, 64) + dense(64 * 5, 64) + head
    )
    tall = sum(m * length * h + 2 * m for h in (72, 40, 16) for length, m in ((1, 24), (5, 12)))
    assert parameters(TimbreCNN((1, 50, 80), 17)) == tall + dense(3 * 36 * 3, 64) + head
    stem = blocks(1, 8, 16)
    gru = 2 * 3 * (2 * 48 * 48 + 2 * 48)
    assert parameters(RNN((1, 50, 80), 17)) == (stem + dense(16 * 8, 48) + gru + 2 * 96 * 17 + 17)
    layer = 4 * (64 * 64 + 64) + 2 * 64 * 128 + 128 + 64 + 4 * 64
    assert parameters(Transformer((1, 50, 80), 17)) == (
        stem + dense(16 * 8, 64) + 2 * layer + 2 * 64 + head
    )


def test_tall_filters_against_a_loop():
    torch.manual_seed(0)
    module = TallFilters(1, 2, height=3, length=3).eval()
    x = torch.randn(1, 1, 6, 8)
    padded = np.pad(x[0, 0].numpy(), ((1, 1), (0, 0)))
    weight = module.conv.weight.detach().numpy()[:, 0]
    expected = np.zeros((2, 6))
    for m in range(2):
        for t in range(6):
            places = [np.sum(weight[m] * padded[t : t + 3, b : b + 3]) for b in range(6)]
            expected[m, t] = max(0, max(places))
    expected /= np.sqrt(1 + module.norm.eps)
    np.testing.assert_allclose(module(x)[0].detach().numpy(), expected, atol=1e-5)


def test_a_tall_filter_answers_alike_at_any_pitch_and_a_vgg_does_not():
    torch.manual_seed(0)
    x = torch.zeros(1, 1, 20, 80)
    x[..., 30:40] = torch.randn(1, 1, 20, 10)
    timbre = TimbreCNN((1, 50, 80), 5, heights=(0.2,)).eval()
    vgg = VGG((1, 50, 80), 5).eval()
    with torch.no_grad():
        moved = {net: (net(x) - net(x.roll(8, dims=3))).abs().max() for net in (timbre, vgg)}
    assert moved[timbre] < 1e-5 < 1e-3 < moved[vgg]


def test_patch_tcn_is_the_mean_of_causal_frames():
    torch.manual_seed(0)
    module = PatchTCN((1, 50, 80), 5, units=8, widths=(2, 2)).eval()
    x = torch.randn(2, 1, 50, 80)
    pairs = x.reshape(2, 1, 25, 2, 80).mean(dim=3)
    edited = pairs.clone()
    edited[:, :, 15:] = 0
    with torch.no_grad():
        frames = module.frames(pairs)
        torch.testing.assert_close(module(x), frames.mean(dim=2))
        np.testing.assert_array_equal(frames[..., :15], module.frames(edited)[..., :15])
    assert module.frames.context == (2 * 4 * 15 + 4, 0)  # longer than a patch


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_states_look_back_only_unless_bidirectional(cell):
    torch.manual_seed(0)
    x = torch.randn(1, 1, 30, 80)
    edited = x.clone()
    edited[:, :, 20:] = 0
    for bidirectional in (False, True):
        module = RNN((1, 50, 80), 5, cell=cell, bidirectional=bidirectional).eval()
        with torch.no_grad():
            # frames are averaged in pairs, and the two 3x3 blocks look two pairs ahead
            same = torch.equal(module.states(x)[:, :8], module.states(edited)[:, :8])
        assert same != bidirectional


def test_an_unknown_cell_is_one_clear_error():
    with pytest.raises(MethodError, match="gru, lstm"):
        RNN((1, 50, 80), 5, cell="elman")


def test_sinusoids_are_the_published_ones():
    table = sinusoids(9, 6).numpy()
    for t in range(9):
        for i in range(3):
            angle = t / 10000 ** (2 * i / 6)
            np.testing.assert_allclose(table[t, 2 * i : 2 * i + 2], [np.sin(angle), np.cos(angle)])


def test_the_encoder_knows_the_order_by_its_positions_only():
    torch.manual_seed(0)
    frames = torch.randn(1, 12, 64)
    order = torch.randperm(12)
    module = Transformer((1, 50, 80), 5).eval()
    with torch.no_grad():
        for positions in (True, False):
            module.positions = positions
            same = torch.allclose(
                module.encode(frames)[:, order], module.encode(frames[:, order]), atol=1e-4
            )
            assert same != positions


# Methods


@pytest.fixture(scope="module", params=METHODS, ids=lambda method: method.__name__)
def fitted(request):
    torch.set_num_threads(1)
    X, y = corpus(48, seed=0)
    return request.param(epochs=15).fit(X, y)


def test_a_small_problem_is_learned(fitted):
    assert fitted.score(*corpus(30, seed=1)) >= 0.9


def test_scores_do_not_depend_on_the_batch(fitted):
    X = corpus(9, seed=2)[0]
    scores = []
    for batch_size in (1, 7):
        fitted.set_params(batch_size=batch_size)
        scores.append(fitted.predict_proba(X))
    fitted.set_params(batch_size=16)
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-5)
    np.testing.assert_allclose(scores[0].sum(axis=1), 1)


def test_silence_and_notes_of_a_sample_get_an_answer(fitted):
    sounds = [np.zeros(1), np.zeros(3 * SR), np.ones(1), np.ones(300)]
    scores = fitted.predict_proba(as_items(Item.from_array(s, SR) for s in sounds))
    assert scores.shape == (4, 2)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_last_batch_of_one_note_is_trained_on(method):
    items, y = corpus(17, seed=3)  # batches of 16 and 1
    assert method(epochs=1).fit(items, y).predict_proba(items[:2]).shape == (2, 2)


def test_batch_norm_of_one_value_is_that_of_past_batches():
    norm, plain = vgg.BatchNorm(4), torch.nn.BatchNorm1d(4)
    batch, single = torch.randn(8, 4, 3), torch.randn(1, 4, 1)
    torch.testing.assert_close(norm(batch), plain(batch))
    torch.testing.assert_close(norm(single), plain.eval()(single))
    torch.testing.assert_close(norm.running_var, plain.running_var)


@pytest.mark.parametrize("method", METHODS)
def test_a_fit_repeats_to_the_bit(method):
    X, y = corpus(8, seed=0)
    first, again, other = (
        method(epochs=1, random_state=seed).fit(X, y).predict_proba(X) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("method", METHODS)
def test_cards_say_the_parameter_count_that_is(method):
    estimator = method()
    net = estimator.net((1, estimator.patch_frames, 80), 17, **estimator.net_args)
    assert f"{parameters(net):,}" in method.__doc__
    assert method.family == "deep"
