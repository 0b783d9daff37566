"""The estimator of nets over tracks: three kinds, repeatable, blind to held-out and test items."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

import deep.tracks.training
from deep.nets.vgg import VGG
from deep.tracks.estimator import TrackEstimator
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.features.spectral import mel_power
from mirbench.items import Item, as_items

SR = 8000


def decibels(signal, sr):
    return np.log10(mel_power(signal, sr, n_fft=256, hop_length=160, n_mels=12) + 1e-6)


class Dense(nn.Module):
    """Mean over frames, batch norm, one dense layer: fails on a training batch of one patch."""

    def __init__(self, in_shape, n_outputs, width=1.0):
        super().__init__()
        self.norm = nn.BatchNorm1d(in_shape[2])
        self.out = nn.Linear(in_shape[2], n_outputs)

    def forward(self, x):
        return self.out(self.norm(x.mean(dim=(1, 2))))


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def sounds(n, seed=0, longest=1.4):
    """Noise (odd) and tones (even) of various lengths, two items a group, with the tones' Hz."""
    rng = np.random.default_rng(seed)
    items, hertz = [], rng.uniform(200, 2000, n)
    for i in range(n):
        length = int(SR * rng.uniform(0.6, longest))
        tone = np.sin(2 * np.pi * hertz[i] * np.arange(length) / SR)
        sound = rng.standard_normal(length) if i % 2 else tone
        items.append(Item.from_array(sound, SR, f"g{i % 2}{i // 4}"))
    return as_items(items), hertz


def labels(kind, n, hertz):
    noise = np.arange(n) % 2
    if kind == "classes":
        return noise + 3
    if kind == "tags":
        return np.stack([noise, 1 - noise, hertz > 1000, np.zeros(n, int)], axis=1).astype(np.int64)
    return np.stack([100.0 * noise + 50, np.full(n, 7.0)], axis=1)


def estimator(**changes):
    args = {
        "net": Dense,
        "patch_frames": 40,
        "max_epochs": 4,
        "batch_size": 8,
        "lr": 1e-2,
        "device": "cpu",
    }
    return TrackEstimator(Extract(decibels, sr=SR), **{**args, **changes})


def answers(model, X):
    return model.predict(X) if model.kind_ == "values" else model.predict_proba(X)


@pytest.mark.parametrize("kind", ["classes", "tags", "values"])
def test_learns_every_kind_and_repeats_bit_for_bit(kind):
    X, hertz = sounds(32)
    y = labels(kind, 32, hertz)
    test, _ = sounds(16, seed=1)
    state = torch.get_rng_state()
    model = estimator(max_epochs=15).fit(X, y)
    assert torch.equal(state, torch.get_rng_state())
    rows = answers(model, test)
    assert np.isfinite(rows).all()
    assert np.array_equal(rows, answers(clone(model).fit(X, y), test))
    assert not np.array_equal(
        rows, answers(estimator(max_epochs=15, random_state=1).fit(X, y), test)
    )
    assert hasattr(model, "predict_proba") == (kind != "values")
    if kind == "classes":
        assert model.classes_.tolist() == [3, 4]
        assert np.allclose(rows.sum(axis=1), 1)
        assert (model.predict(test) == np.arange(16) % 2 + 3).mean() > 0.9
    elif kind == "tags":
        assert rows.shape == (16, 4)
        assert rows.min() >= 0
        assert rows.max() <= 1
        assert (model.predict(test)[:, 0] == np.arange(16) % 2).mean() > 0.9
        assert model.thresholds_.shape == (4,)
        assert model.thresholds_[3] == 0.5
    else:
        assert np.abs(rows[:, 0] - (100 * (np.arange(16) % 2) + 50)).mean() < 25
        assert np.allclose(rows[:, 1], 7, atol=1.5)  # doesn't vary: standardised by 1


@pytest.mark.parametrize("kind", ["classes", "tags", "values"])
def test_hold_out_is_by_group_and_stops_early(kind, monkeypatch):
    X, hertz = sounds(32)
    model = estimator(max_epochs=50, patience=2, lr=0.3, validation=0.25).fit(
        X, labels(kind, 32, hertz)
    )
    groups = np.array([item.group for item in X])
    assert 0 < model.held_out_.sum() < 16
    assert not set(groups[model.held_out_]) & set(groups[~model.held_out_])
    losses = [row["valid_loss"] for row in model.history_]
    assert model.n_epochs_ == len(losses) < 50
    assert np.argmin(losses) == len(losses) - 3  # two epochs after the best
    seen = [decibels(item.signal(SR), SR) for item in X[~model.held_out_]]
    assert np.allclose(model.mean_[0, 0], np.concatenate(seen).mean(axis=0), atol=1e-4)


def test_best_epoch_is_kept():
    X, hertz = sounds(32)
    y = labels("classes", 32, hertz)
    long = estimator(max_epochs=12, patience=12, lr=0.1).fit(X, y)
    best = int(np.argmin([row["valid_loss"] for row in long.history_])) + 1
    short = estimator(max_epochs=best, patience=12, lr=0.1).fit(X, y)
    assert np.array_equal(long.predict_proba(X), short.predict_proba(X))


def test_an_item_depends_on_itself_alone():
    X, hertz = sounds(24)
    test, _ = sounds(9, seed=2, longest=3.0)  # longer and shorter than a patch of 0.8 s
    model = estimator(net=VGG, net_args={"widths": (4, 4)}, max_epochs=1).fit(
        X, labels("classes", 24, hertz)
    )
    together = model.predict_proba(test)
    assert np.array_equal(
        together, np.concatenate([model.predict_proba(as_items([i])) for i in test])
    )
    model.batch_size = 1
    assert np.allclose(together, model.predict_proba(test), atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 3, 31, 100])
@pytest.mark.parametrize("patches", [None, 1, 3])
def test_no_batch_of_one_meets_batch_norm(batch_size, patches):
    X, hertz = sounds(32)
    model = estimator(batch_size=batch_size, patches=patches, max_epochs=1, validation=0)
    assert np.isfinite(model.fit(X, labels("classes", 32, hertz)).predict_proba(X)).all()


def test_aggregation_against_a_twin_by_hand():
    X, hertz = sounds(24)
    test, _ = sounds(6, seed=3, longest=6.0)
    y = labels("tags", 24, hertz)
    mean = estimator().fit(X, y)
    vote = estimator(aggregation="vote").fit(X, y)
    for item, by_mean, by_vote in zip(test, mean.predict_proba(test), vote.predict_proba(test)):
        frames = np.asarray(decibels(item.signal(SR), SR), dtype=np.float32)
        n = len(frames)
        starts = [0] if n <= 40 else [*range(0, n - 40, 40), n - 40]
        patches = np.stack([[[frames[(s + i) % n] for i in range(40)]] for s in starts])
        with torch.no_grad():
            rows = torch.sigmoid(mean.module_(torch.as_tensor(patches)).double()).numpy()
        assert np.allclose(by_mean, rows.mean(axis=0), atol=1e-6)
        assert np.allclose(by_vote, (rows >= 0.5).mean(axis=0), atol=2e-3)


def test_thresholds_are_those_of_the_held_out_items():
    X, hertz = sounds(48)
    y = labels("tags", 48, hertz)
    model = estimator(validation=0.4).fit(X, y)
    held = model.held_out_
    scores, truth = model.predict_proba(X[held]), y[held]
    for tag, threshold in enumerate(model.thresholds_):
        if not 0 < truth[:, tag].sum() < held.sum():
            assert threshold == 0.5
            continue

        def f1(t, tag=tag):
            said = scores[:, tag] >= t
            return 2 * (said & (truth[:, tag] == 1)).sum() / (said.sum() + truth[:, tag].sum())

        assert f1(threshold) == pytest.approx(max(f1(t) for t in scores[:, tag]))
    assert np.array_equal(model.predict(X), model.predict_proba(X) >= model.thresholds_)
    none = estimator(validation=0, max_epochs=1).fit(X, y)
    assert (none.thresholds_ == 0.5).all()
    assert none.search_ == []


def test_the_best_setting_is_kept_without_another_fit():
    X, hertz = sounds(32)
    y = labels("classes", 32, hertz)
    grid = ({"lr": 1e-6}, {"lr": 1e-2, "augment": "mixup"}, {"lr": 1e-2}, {"lr": 1.0})
    model = estimator(grid=grid, trials=3).fit(X, y)
    assert [setting for setting, _ in model.search_] == list(grid[:3])
    scores = [score for _, score in model.search_]
    assert model.best_params_ == grid[int(np.argmax(scores))] != grid[0]
    alone = estimator(**model.best_params_).fit(X, y)
    assert np.array_equal(alone.predict_proba(X), model.predict_proba(X))
    assert alone.history_ == model.history_


@pytest.mark.parametrize("kind", ["classes", "values"])
def test_an_interrupted_fit_goes_on_as_if_it_had_not_been(kind, tmp_path, monkeypatch):
    X, hertz = sounds(24)
    y = labels(kind, 24, hertz)
    how = {
        "grid": ({"lr": 1e-2}, {"lr": 3e-2}),
        "augment": "mixup+specaugment+noise",
        "net": VGG,
        "net_args": {"widths": (4, 4)},
        "schedule": "cosine",
        "patience": 9,
    }
    whole = estimator(**how).fit(X, y)
    epoch, calls = deep.tracks.training.Run._epoch, []

    def breaks(self):
        calls.append(1)
        if len(calls) == 7:  # the third epoch of the second setting
            raise KeyboardInterrupt
        return epoch(self)

    monkeypatch.setattr(deep.tracks.training.Run, "_epoch", breaks)
    with pytest.raises(KeyboardInterrupt):
        estimator(**how, checkpoint=tmp_path).fit(X, y)
    assert len(list(tmp_path.glob("*.pt"))) == 2
    other = estimator(**how, checkpoint=tmp_path, random_state=5).fit(X, y)  # shares the folder
    calls.clear()
    resumed = estimator(**how, checkpoint=tmp_path).fit(X, y)
    assert len(calls) == 2
    assert resumed.history_ == whole.history_
    assert resumed.search_ == whole.search_
    assert np.array_equal(answers(resumed, X), answers(whole, X))
    assert not np.array_equal(answers(other, X), answers(whole, X))
    assert not list(tmp_path.iterdir())


def test_a_damaged_checkpoint_is_named(tmp_path, monkeypatch):
    X, hertz = sounds(16)
    y = labels("classes", 16, hertz)

    save = deep.tracks.training.Run._save

    def save_and_break(self, file):
        save(self, file)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deep.tracks.training.Run, "_save", save_and_break)
        with pytest.raises(KeyboardInterrupt):
            estimator(checkpoint=tmp_path).fit(X, y)
    (file,) = tmp_path.glob("*.pt")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(MethodError, match="not a checkpoint"):
        estimator(checkpoint=tmp_path).fit(X, y)


@pytest.mark.parametrize(
    ("y", "changes", "message"),
    [
        (np.zeros(8, int), {}, "two classes"),
        (np.array([-1, 0] * 4), {}, "negative"),
        (np.zeros((7, 2), int), {}, "one row"),
        (np.full((8, 2), 2), {}, "0 and 1"),
        (np.full((8, 2), np.nan), {}, "NaN"),
        (["a"] * 8, {}, "one row"),
        (np.zeros((8, 2)), {"aggregation": "vote"}, "mean"),
        (np.arange(8), {"aggregation": "max"}, "aggregation"),
        (np.arange(8), {"optimizer": "rprop"}, "optimizer"),
        (np.arange(8), {"augment": "mixup+x"}, "augmentation"),
        (np.arange(8), {"schedule": "x"}, "schedule"),
        (np.arange(8), {"grid": ({"patience": 1},)}, "grid"),
    ],
)
def test_errors_say_what_to_do(y, changes, message):
    X, _ = sounds(8)
    with pytest.raises(MethodError, match=message):
        estimator(**changes).fit(X, y)
