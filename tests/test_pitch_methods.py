"""Pitch trackers: known tones, formulas against libraries, silence; the small CREPE learns; the contract."""

import librosa
import numpy as np
import pytest
import torch

from baselines.pitch.prior import prior_pitch
from baselines.pitch.pyin import pyin
from baselines.pitch.swipe import kernel, swipe
from baselines.pitch.tracker import frames, parabola
from baselines.pitch.yin import WINDOW, _normalised, yin
from deep.pitch.crepe import CENTS, FRAME, Crepe, CrepeNet, crepe_small, normalised, read, target_of
from mirbench.errors import MethodError
from mirbench.items import Item, as_items, ragged
from mirbench.pitch import frame_times, n_frames
from mirbench.testing.methods import check_method

SR = 16_000


def tone(hz, seconds=0.6, noise=0.0, slope=1.0):
    t = np.arange(int(SR * seconds)) / SR
    k = np.arange(1, min(20, int(7000 / hz)) + 1)
    sound = (np.sin(2 * np.pi * np.outer(t, k * hz) + k) / k**slope).sum(axis=1)
    return 0.2 * sound + noise * np.random.default_rng(0).standard_normal(len(t))


def item(signal):
    return Item.from_array(signal, SR)


def cents(answer, hz):
    middle = answer[15:-15, 0]
    return np.abs(1200 * np.log2(middle / hz))


@pytest.mark.parametrize("hz", [61.0, 110.0, 441.3, 987.7, 1490.0])
@pytest.mark.parametrize("method", [yin, swipe])
def test_a_tone_has_its_pitch(method, hz):
    answer = method().fit(as_items([])).predict(as_items([item(tone(hz))]))[0]
    assert answer.shape == (60, 2)
    assert np.median(cents(answer, hz)) < 10
    assert (answer[15:-15, 1] >= 0.5).all()


@pytest.mark.slow
def test_pyin_hears_a_tone_and_a_rest():
    sound = np.concatenate([tone(220.0), np.zeros(8000)])
    answer = pyin().fit(as_items([])).predict(as_items([item(sound)]))[0]
    assert len(answer) == n_frames(len(sound) / SR)
    assert np.median(np.abs(1200 * np.log2(answer[10:45, 0] / 220))) < 10
    assert (answer[10:45, 1] >= 0.5).all()
    assert (answer[75:, 1] < 0.5).all()


@pytest.mark.parametrize("method", [yin, swipe])
@pytest.mark.parametrize("sound", [np.zeros(8000), np.zeros(100), np.full(8000, 0.5)])
def test_silence_has_no_pitch(method, sound):
    answer = method().fit(as_items([])).predict(as_items([item(sound)]))[0]
    assert answer.shape == (len(sound) // 160, 2)
    assert np.isfinite(answer).all()
    if not sound.any():
        assert (answer[:, 1] < 0.5).all()


@pytest.mark.parametrize("method", [yin, swipe])
def test_noise_is_unvoiced_more_often_than_not(method):
    noise = 0.1 * np.random.default_rng(3).standard_normal(SR)
    answer = method().fit(as_items([])).predict(as_items([item(noise)]))[0]
    assert (answer[:, 1] >= 0.5).mean() < 0.3


def test_the_difference_of_yin_is_its_formula():
    rng = np.random.default_rng(0)
    window, most = rng.standard_normal(WINDOW + 41), 40
    d = [((window[:WINDOW] - window[lag : lag + WINDOW]) ** 2).sum() for lag in range(most + 1)]
    wanted = [1.0] + [d[lag] * lag / sum(d[1 : lag + 1]) for lag in range(1, most + 1)]
    assert np.allclose(_normalised(window[None], most)[0], wanted)


def test_yin_agrees_with_librosa():
    sound = tone(233.0, 1.0, noise=0.005)
    ours = yin().fit(as_items([])).predict(as_items([item(sound)]))[0][20:-20, 0]
    theirs = librosa.yin(sound, fmin=50, fmax=2000, sr=SR, frame_length=2048, hop_length=160)
    assert np.abs(1200 * np.log2(np.median(ours) / np.median(theirs))) < 5


def test_the_kernel_of_swipe_has_its_lobes():
    scale = np.linspace(25, 2000, 20001)
    found = kernel(scale, 100.0) * np.sqrt(scale)
    at = {
        q: found[np.abs(scale - 100 * q).argmin()] for q in (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6)
    }
    unit = at[1]
    assert unit > 0
    wanted = {0.5: -0.5, 1: 1, 1.5: -1, 2: 1, 2.5: -1, 3: 1, 3.5: -0.5, 4: 0, 5: 1, 6: 0}
    assert {q: round(v / unit, 2) for q, v in at.items()} == pytest.approx(wanted, abs=0.02)
    whole = kernel(scale, 100.0)
    assert np.linalg.norm(whole[whole > 0]) == pytest.approx(1)


def test_a_parabola_gives_its_vertex():
    x = np.array([-1.0, 0.0, 1.0])
    place, height = parabola(*(np.array([3 - 2 * (v - 0.3) ** 2]) for v in x))
    assert (place[0], height[0]) == (pytest.approx(0.3), pytest.approx(3.0))


def test_windows_are_centred_on_their_times():
    signal = np.zeros(3200)
    signal[1600] = 1
    assert frames(signal, 64, 20)[10].argmax() == 32


def test_the_prior_is_the_commonest_pitch():
    items = as_items([item(np.zeros(16000)) for _ in range(2)])
    f0 = np.where(np.arange(100) < 60, 200.0, np.where(np.arange(100) < 80, 330.0, 0.0))
    rows = np.stack([frame_times(100), f0], axis=1)
    made = prior_pitch().fit(items, ragged([rows, rows]))
    answer = made.predict(items)[0]
    assert answer.shape == (100, 2)
    assert 1200 * abs(np.log2(answer[0, 0] / 200)) <= 50 + 1e-6
    assert answer[0, 1] == pytest.approx(0.8)
    with pytest.raises(MethodError, match="voiced frame"):
        prior_pitch().fit(items, ragged([rows * [1, 0]]))


def test_targets_of_crepe_are_read_back():
    hz = np.array([60.0, 333.0, 1500.0])
    answer = read(target_of(hz))
    assert np.abs(1200 * np.log2(answer[:, 0] / hz)).max() < 2
    assert (answer[:, 1] > 0.9).all()
    assert not target_of(np.zeros(1)).any()
    peak = target_of(np.array([32.70 * 2 ** (CENTS[100] / 1200)]))[0]
    assert peak[100] == pytest.approx(1)
    assert peak[101] == pytest.approx(np.exp(-(20**2) / (2 * 25**2)))


def test_frames_of_crepe_are_normalised_and_silence_stays():
    x = normalised(
        np.stack([np.random.default_rng(0).standard_normal(FRAME) * 0.1, np.ones(FRAME)])
    )
    assert x[0].mean() == pytest.approx(0, abs=1e-4)
    assert x[0].std() == pytest.approx(1, abs=1e-3)
    assert not x[1].any()
    assert CrepeNet()(torch.as_tensor(x)).shape == (2, 360)


@pytest.mark.slow
def test_crepe_learns_a_few_tones_and_leaves_the_random_state_alone():
    hz = [150.0, 220.0, 500.0]
    items = as_items([item(tone(h, 0.6, 0.01)) for h in hz])
    rows = [np.stack([frame_times(60), np.full(60, h)], axis=1) for h in hz]
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    made = Crepe(steps=60, batch_size=32, random_state=0).fit(items, ragged(rows))
    assert torch.equal(before, torch.random.get_rng_state())
    errors = [np.median(cents(a, h)) for a, h in zip(made.predict(items), hz)]
    assert max(errors) < 50
    assert made.history_[-1]["train_loss"] < made.history_[0]["train_loss"]


@pytest.mark.slow
@pytest.mark.parametrize("method", [yin, swipe, prior_pitch])
def test_methods_keep_the_contract(method):
    failed = [c for c in check_method(method, "pitch") if not c.passed]
    assert not failed, failed


@pytest.mark.slow
def test_crepe_keeps_the_contract():
    def crepe_short(random_state=0):
        """A few steps."""
        return crepe_small(random_state).set_params(steps=4, batch_size=8)

    failed = [c for c in check_method(crepe_short, "pitch") if not c.passed]
    assert not failed, failed
