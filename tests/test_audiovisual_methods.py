"""Methods of sound and sight: losses against loops, seconds that fit, one contract for all, places found."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.special import log_softmax
from sklearn.base import clone
from torch import nn

from deep.audiovisual import seconds
from deep.audiovisual.ave import AVE, distances
from deep.audiovisual.avol import AVOL
from deep.audiovisual.estimator import MAPS_HZ, recording_of
from deep.audiovisual.l3 import L3
from deep.audiovisual.pairing import correspondence_loss
from deep.audiovisual.views import SHIFT, apart, changed, coloured, mirrored, moved
from deep.audiovisual.vm import VM, structure_loss, triplet_loss
from deep.representation.budget import BATCH, EMBEDDING, STEPS
from mirbench.errors import MethodError
from mirbench.items import Item, as_items, ragged
from mirbench.methods import load_method
from mirbench.video import VideoItem

NAMES = ("l3-net", "ave-net", "avol-net", "vm-net", "vm-net-bce")
LOCALISERS = ("ave-net", "avol-net")
SR = 16_000
N = 5


def clip(i, seconds_s=2.0, sound_s=None, level=0.2):
    """A tone of a pitch, and a square of the hue that goes with it, in a corner of its own."""
    rng = np.random.default_rng(i)
    t = np.arange(int(SR * (sound_s or seconds_s))) / SR
    wave = level * (np.sin(2 * np.pi * 200 * 1.7**i * t) + 0.01 * rng.standard_normal(len(t)))
    frames = rng.integers(0, 40, (max(1, int(10 * seconds_s)), 48, 48, 3)).astype(np.uint8)
    x, y = 28 * (i % 2), 28 * (i // 2 % 2)
    frames[:, y : y + 16, x : x + 16] = [255 - 60 * i, 60 * i, 255 * (i % 2)]
    return Item.from_array(wave.astype(np.float32), SR), VideoItem.from_array(frames)


@pytest.fixture(scope="module")
def world():
    clips = [clip(i) for i in range(N)]
    return as_items(c[0] for c in clips), ragged(c[1] for c in clips)


def quick(name, seed=0, steps=2):
    return load_method(name).build(seed).set_params(steps=steps, batch_size=4)


@pytest.fixture
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


# losses


def test_correspondence_is_the_cross_entropy_of_two_classes():
    scores = np.random.default_rng(0).normal(size=(5, 5))
    logs = log_softmax(np.stack([np.zeros((5, 5)), scores], axis=2), axis=2)
    true = np.mean([logs[i, i, 1] for i in range(5)])
    false = np.mean([logs[i, j, 0] for i in range(5) for j in range(5) if i != j])
    loss = correspondence_loss(torch.tensor(scores)).item()
    assert loss == pytest.approx(-(true + false) / 2)
    assert correspondence_loss(torch.zeros(3, 3)).item() == pytest.approx(np.log(2))


def test_triplets_and_structure_against_loops():
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(4, 4))
    hinges = [
        max(0.0, scores[i, j] - scores[i, i] + 0.3) for i in range(4) for j in range(4) if i != j
    ]
    assert triplet_loss(torch.tensor(scores)).item() == pytest.approx(np.mean(hinges))
    x = rng.normal(size=(4, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    before = rng.normal(size=(4, 6))
    f = before - before.mean(axis=0)
    f /= np.linalg.norm(f, axis=1, keepdims=True)
    total = 0.0
    for i in range(4):
        for j in range(4):
            for k in range(4):
                now, was = x[i] @ x[j] - x[i] @ x[k], f[i] @ f[j] - f[i] @ f[k]
                total += (np.sign(now) - np.sign(was)) * now
    found = structure_loss(torch.tensor(x), torch.tensor(before)).item()
    assert found == pytest.approx(total / 64)
    kept = structure_loss(torch.tensor(f), torch.tensor(before)).item()
    assert kept == pytest.approx(0.0, abs=1e-12), "no order is changed"


class Given(nn.Module):
    """An encoder that gives back its input; of a picture every place is a vector."""

    def forward(self, x):
        return x.amax(dim=(2, 3)) if x.ndim == 4 else x

    def maps(self, x):
        return x


def test_scores_against_formulas(seeded):
    heard, seen = torch.randn(3, EMBEDDING), torch.randn(4, EMBEDDING)
    l3 = L3(Given(), Given())
    weights = torch.cat([l3.of_sound.weight, l3.of_picture.weight], dim=1)
    for i in range(3):
        for j in range(4):
            both = torch.relu(torch.cat([heard[i], seen[j]]))
            hidden = torch.relu(weights @ both + l3.of_sound.bias)
            torch.testing.assert_close(l3.scores(heard, seen)[i, j], l3.answer(hidden)[0])
    ave = AVE(Given(), Given())
    a, b = ave.hear(heard), nn.functional.normalize(seen, dim=1)
    far = cdist(a.numpy(), b.numpy())
    np.testing.assert_allclose(distances(a, b).numpy(), far, atol=1e-5)
    np.testing.assert_allclose(ave.scores(a, b).detach().numpy(), 5.0 - 5.0 * far, atol=1e-4)
    places = torch.randn(4, EMBEDDING, 2, 3)
    avol = AVOL(Given(), Given())
    best = np.array(
        [
            [max((p * h).sum().item() for p in of.flatten(1).T) for of in avol.see(places)]
            for h in heard
        ]
    )
    np.testing.assert_allclose(
        avol.scores(heard, places).detach().numpy(), best / EMBEDDING**0.5, atol=1e-4
    )
    vm = VM(Given(), Given())
    np.testing.assert_allclose(vm.scores(a, b).numpy(), 1 - far**2 / 2, atol=1e-5)


@pytest.mark.parametrize("pairing", [AVE, AVOL])
def test_a_place_that_fits_is_found(pairing):
    picture = torch.zeros(1, EMBEDDING, 4, 4)
    picture[0, 1::2] = -0.1
    picture[0, :, 1, 2] = 1.0
    picture[0, ::2, 3, 0] = 1.0  # half of it fits
    task = pairing(Given(), Given())
    with torch.no_grad():
        found = task.similarity(task.hear(torch.ones(1, EMBEDDING)), picture)[0]
        if pairing is AVOL:
            assert found.max() == task.scores(torch.ones(1, EMBEDDING), task.see(picture))[0, 0]
    assert found[1, 2] == found.max()
    assert found[0, 0] < found[3, 0] < found[1, 2]


def test_an_unknown_loss_is_refused():
    with pytest.raises(MethodError, match="triplet or bce"):
        VM(Given(), Given(), "hinge")


# seconds and views


def test_seconds_cover_a_sound_and_pictures_are_those_of_the_second():
    logmel = np.arange(100.0).reshape(1, 100, 1)  # 2.4 s
    cut = seconds.sounds_from(logmel, seconds.covering(2.4))
    assert cut.shape == (3, 1, seconds.WINDOW, 1)
    assert cut[1, 0, 0, 0] == 42, "24 ms a frame"
    assert cut[-1, 0, -1, 0] == 99, "the last one ends with the sound"
    short = seconds.sounds_from(logmel[:, :10], np.array([0.0]))[0, 0, :, 0]
    np.testing.assert_array_equal(short, np.arange(seconds.WINDOW) % 10)
    pictures = np.arange(24, dtype=np.uint8)[:, None, None, None]
    shown = seconds.pictures_from(pictures, seconds.whole(2.4))[..., 0, 0, 0]
    np.testing.assert_array_equal(shown, [np.arange(10), np.arange(10, 20)])
    starts = seconds.around(2.4, 5.0)
    np.testing.assert_allclose(starts + 0.5, (np.arange(12) + 0.5) / 5)
    edges = seconds.pictures_from(pictures, starts)[[0, -1], :, 0, 0, 0]
    assert edges[0, 0] == 0
    assert edges[-1, -1] == 23
    assert len(seconds.whole(0.3)) == len(seconds.covering(0.3)) == 1


def test_what_moves_is_set_apart_and_nothing_lost(seeded):
    x = torch.rand(2, 6, 4, 4)
    found = apart(x)
    torch.testing.assert_close(found[:, 3:] + found[:, :3].repeat(1, 2, 1, 1), x)
    still = x[:, :3].repeat(1, 2, 1, 1)
    assert apart(still)[:, 3:].abs().max() < 1e-6


def test_views_are_of_the_same_picture(seeded):
    x = torch.rand(32, 6, 20, 20) - 0.5
    wide = nn.functional.pad(x, (SHIFT,) * 4, mode="replicate")
    for one, new, where in zip(x, moved(x), wide):
        crops = where.unfold(1, 20, 1).unfold(2, 20, 1)  # all of them
        assert (crops == new[:, None, None]).all(dim=(0, 3, 4)).any()
        assert new.shape == one.shape
    flipped = (mirrored(x) == x.flip(3)).all(dim=(1, 2, 3))
    assert 0 < flipped.sum() < 32
    grey = (x.unflatten(1, (2, 3)).mean(dim=2), coloured(x).unflatten(1, (2, 3)).mean(dim=2))
    shift = (grey[1] - grey[0]).flatten(1)
    torch.testing.assert_close(shift, shift[:, :1].expand_as(shift))
    assert (changed(x) != x).any()


# estimators


@pytest.mark.parametrize("name", NAMES)
def test_contract(name, world):
    X, V = world
    method = load_method(name).build()
    assert (method.steps, method.batch_size) == (STEPS, BATCH), "one budget for all"
    state = torch.random.get_rng_state()
    one = quick(name).fit(X, V)
    assert torch.equal(state, torch.random.get_rng_state())
    scores = one.match(X, V[:3])
    assert scores.shape == (N, 3)
    assert np.isfinite(scores).all()
    assert np.ptp(scores) > 0
    again = clone(one).fit(X, V)
    np.testing.assert_array_equal(again.match(X, V[:3]), scores)
    np.testing.assert_allclose(one.match(X[1:2], V[2:3]), scores[1:2, 2:3], atol=1e-5)
    assert np.abs(quick(name, seed=1).fit(X, V).match(X, V[:3]) - scores).max() > 1e-6
    tables = one.match_seconds(X[0], V[:3])
    assert [t.shape for t in tables] == [(2, 2)] * 3
    np.testing.assert_allclose([np.diagonal(t).mean() for t in tables], scores[0], atol=1e-5)
    assert hasattr(one, "localise") == (name in LOCALISERS)
    if name in LOCALISERS:
        maps = one.localise(X, V)
        assert [m.shape for m in maps] == [(int(2 * MAPS_HZ), 12, 12)] * N
        assert np.isfinite(maps).all()


def test_odd_lengths_silence_and_black(world):
    fitted = quick("ave-net").fit(*world)
    odd = [clip(0, 0.3), clip(1, 1.7, 3.2), clip(2, 2.0, 0.4, level=0.0)]
    X, V = as_items(c[0] for c in odd), ragged(c[1] for c in odd)
    V[2] = VideoItem.from_array(np.zeros((5, 48, 48, 3), np.uint8))
    assert np.isfinite(fitted.match(X, V)).all()
    assert [t.shape for t in fitted.match_seconds(X[1], V)] == [(4, 1)] * 3
    assert len(fitted.localise(X, V)[0]) == 1
    again = quick("l3-net").fit(X, V)  # trains on them too
    assert np.isfinite(again.match(X, V)).all()


def test_one_video_is_too_few(world):
    X, V = world
    with pytest.raises(MethodError, match="two or more"):
        quick("ave-net").fit(X[:1], V[:1])
    parts = [VideoItem(f"k{i}", f"film.webp#t={i},{i + 1}", 1.0) for i in range(3)]
    with pytest.raises(MethodError, match="1 videos"):
        quick("ave-net").fit(X[:3], ragged(parts))


def test_no_recording_is_twice_in_a_batch():
    parts = [VideoItem("", f"film{i % 4}.webp#t={i},{i + 1}", 1.0) for i in range(20)]
    owners = recording_of(ragged(parts))
    estimator = quick("ave-net", steps=30).set_params(batch_size=3)
    batches = list(estimator._clips(owners, np.random.default_rng(0)))
    assert len(batches) == 30
    assert all(len(set(owners[batch])) == len(batch) == 3 for batch in batches)
    assert len(np.unique(np.concatenate(batches))) == 20, "every part has its turn"


def test_five_clips_are_learnt_by_heart(world):
    X, V = world
    fitted = quick("avol-net", steps=40).set_params(lr=2e-3, batch_size=N).fit(X, V)
    assert (fitted.match(X, V).argmax(axis=1) == np.arange(N)).mean() >= 0.8
    history = fitted.history_
    assert history[-1]["train_loss"] < history[0]["train_loss"]
