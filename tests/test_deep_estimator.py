"""The deep estimator: repeatable, blind to held-out and test items, one answer an item or frame."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from torch import nn

import deep.estimator
from deep.dataset import Patches, as_recording, band_statistics, inner_split, tile_starts
from deep.estimator import DeepClassifier
from deep.modules import MaskedCrossEntropy
from deep.nets.cnn2d import CNN2d
from deep.nets.frame_cnn import FrameCNN
from deep.nets.mlp import MLP
from mirbench.errors import MethodError
from mirbench.estimators import GroupItems
from mirbench.features import Extract
from mirbench.features.spectral import mel_power
from mirbench.frames import Grid
from mirbench.items import Item, as_items

SR = 8000


def decibels(signal, sr):
    return np.log10(mel_power(signal, sr, n_fft=256, hop_length=160, n_mels=12) + 1e-6)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def corpus(n, seed=0, shortest=0.6, longest=1.4, group=True):
    """Noise (code 1) and tones (code 0) of various lengths, two items a group."""
    rng = np.random.default_rng(seed)
    items, codes = [], []
    for i in range(n):
        length = int(SR * rng.uniform(shortest, longest))
        tone = np.sin(2 * np.pi * rng.uniform(200, 2000) * np.arange(length) / SR)
        noise = rng.standard_normal(length)
        items.append(
            Item.from_array(noise if i % 2 else tone, SR, f"g{i % 2}{i // 4}" if group else None)
        )
        codes.append(i % 2)
    return as_items(items), np.array(codes)


def items_net(**options):
    options = {"patch_frames": 20, "max_epochs": 3, "batch_size": 8, "lr": 1e-2} | options
    return DeepClassifier(Extract(decibels, sr=SR), CNN2d, {"widths": [4, 8]}, **options)


def frames_net(**options):
    options = {"patch_frames": 20, "max_epochs": 3, "batch_size": 8, "lr": 1e-2} | options
    net_args = {"widths": (4, 4), "units": 8, "dilations": (1, 2)}
    return DeepClassifier(Extract(decibels, sr=SR), FrameCNN, net_args, output="frames", **options)


@pytest.fixture(scope="module")
def training():
    return corpus(24)


@pytest.fixture(scope="module")
def fitted(training):
    torch.set_num_threads(1)
    return items_net(max_epochs=6).fit(*training)


@pytest.fixture(scope="module")
def fitted_frames(training):
    torch.set_num_threads(1)
    return frames_net(max_epochs=6).fit(*training)


def test_learns_items_and_frames(fitted, fitted_frames):
    X, y = corpus(16, seed=1)
    assert fitted.score(X, y) >= 0.9
    right = [np.mean(rows == code) for rows, code in zip(fitted_frames.predict(X), y)]
    assert np.mean(right) >= 0.9


def test_probabilities_have_a_row_an_item(fitted):
    X = corpus(17, seed=1, group=False)[0]  # batch_size * 2 + 1 items, of various lengths
    probabilities = fitted.predict_proba(X)
    assert probabilities.shape == (17, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_frames_are_those_of_the_grid(fitted_frames):
    X = corpus(9, seed=2, shortest=0.01, longest=0.5, group=False)[0]
    for rows, item in zip(fitted_frames.predict_proba(X), X):
        assert rows.shape == (Grid().n_frames(item.duration_s), 2)
        np.testing.assert_allclose(rows.sum(axis=1), 1)


@pytest.mark.parametrize("kind", ["items", "frames"])
def test_scores_do_not_depend_on_the_batch_or_on_the_neighbours(kind, fitted, fitted_frames):
    estimator = fitted if kind == "items" else fitted_frames
    X = corpus(15, seed=3, shortest=0.1)[0]
    outputs = []
    for batch_size in (1, 7):
        estimator.set_params(batch_size=batch_size)
        outputs.append(np.vstack(list(estimator.predict_proba(X))))
    alone = np.vstack([np.vstack(list(estimator.predict_proba(X[i : i + 1]))) for i in range(15)])
    estimator.set_params(batch_size=8)
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-5)
    np.testing.assert_allclose(outputs[0], alone, atol=1e-5)


def test_chunks_give_what_the_whole_recording_gives(fitted_frames, monkeypatch):
    X = corpus(3, seed=4, shortest=3, longest=4)[0]
    whole = fitted_frames.predict_proba(X)
    monkeypatch.setattr(deep.estimator, "CHUNK_FRAMES", 37)
    for rows, expected in zip(fitted_frames.predict_proba(X), whole):
        np.testing.assert_allclose(rows, expected, atol=1e-5)


def test_a_fit_repeats_and_leaves_torch_alone(training, fitted):
    torch.manual_seed(123)
    state = torch.random.get_rng_state()
    X = corpus(8, seed=5)[0]
    again = clone(fitted).fit(*training)
    assert torch.equal(torch.random.get_rng_state(), state)
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    assert again.history_ == fitted.history_
    other = clone(fitted).set_params(random_state=1).fit(*training)
    assert not np.array_equal(other.predict_proba(X), fitted.predict_proba(X))


def test_augmentation_repeats_and_touches_training_only(training, fitted):
    with_noise = items_net(augment=add_noise).fit(*training)
    again = items_net(augment=add_noise).fit(*training)
    X = corpus(5, seed=6)[0]
    np.testing.assert_array_equal(with_noise.predict_proba(X), again.predict_proba(X))
    np.testing.assert_array_equal(with_noise.predict_proba(X), with_noise.predict_proba(X))
    np.testing.assert_array_equal(with_noise.mean_, fitted.mean_)


def test_held_out_groups_are_whole_and_of_both_classes(training, fitted):
    X, y = training
    held = fitted.held_out_
    assert set(y[held]) == {0, 1}
    assert not {i.group for i in X[held]} & {i.group for i in X[~held]}
    assert 0.1 < held.mean() < 0.4


def test_the_standardiser_sees_neither_held_out_nor_test_items(training, fitted):
    X, y = training
    recordings = [as_recording(rows) for rows in fitted.extract.transform(X[~fitted.held_out_])]
    frames = np.concatenate([r[0] for r in recordings])
    np.testing.assert_allclose(fitted.mean_[0, 0], frames.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(fitted.scale_[0, 0], frames.std(axis=0), rtol=1e-4)
    poisoned = X.copy()
    for i in np.flatnonzero(fitted.held_out_):
        poisoned[i] = Item.from_array(100 * X[i].signal(SR), SR, X[i].group)
    spy = items_net(max_epochs=1).fit(poisoned, y)
    np.testing.assert_array_equal(spy.mean_, fitted.mean_)
    before = fitted.mean_.copy(), [p.clone() for p in fitted.module_.parameters()]
    fitted.predict_proba(corpus(5, seed=7)[0])
    np.testing.assert_array_equal(fitted.mean_, before[0])
    assert all(torch.equal(a, b) for a, b in zip(before[1], fitted.module_.parameters()))


def test_the_best_epoch_is_kept(training):
    X, y = training
    estimator = items_net(lr=0.1, max_epochs=8, patience=2).fit(X, y)
    losses = [row["valid_loss"] for row in estimator.history_]
    best = int(np.argmin(losses))
    assert estimator.n_epochs_ == len(losses) <= min(8, best + 1 + 2)
    held = estimator.held_out_
    recordings = [as_recording(rows) for rows in estimator.extract.transform(X[held])]
    patches = Patches(recordings, y[held], 20)
    batch, target = (torch.stack(list(column)) for column in zip(*patches))
    kept = y[~held]
    weight = len(kept) / (2 * np.bincount(kept))
    loss = MaskedCrossEntropy(torch.tensor(weight, dtype=torch.float32))
    with torch.no_grad():
        expected = loss(estimator.module_(batch), target).item()
    # skorch averages the losses of batches, here weighted classes differ a little between them
    assert expected == pytest.approx(losses[best], rel=0.05, abs=1e-3)


def test_epochs_are_judged_by_the_held_out_items(training, fitted):
    """Their sounds exchanged for those of the other class: what helps in training hurts there."""
    X, y = training
    other = {code: X[np.flatnonzero((y != code) & ~fitted.held_out_)[0]] for code in (0, 1)}
    exchanged = X.copy()
    for i in np.flatnonzero(fitted.held_out_):
        exchanged[i] = Item.from_array(other[y[i]].signal(SR), SR, X[i].group)
    estimator = items_net(max_epochs=6).fit(exchanged, y)
    np.testing.assert_array_equal(estimator.held_out_, fitted.held_out_)
    last = estimator.history_[-1]
    assert last["train_loss"] < 0.5 < last["valid_loss"]


def test_segments_train_as_codes_do(training):
    X, y = training
    segments = [[(0.0, item.duration_s, int(code))] for item, code in zip(X, y)]
    test = corpus(4, seed=8)[0]
    by_code = frames_net().fit(X, y).predict_proba(test)
    by_segment = frames_net().fit(X, as_items(segments)).predict_proba(test)
    for a, b in zip(by_code, by_segment):
        np.testing.assert_array_equal(a, b)


def test_what_no_segment_covers_is_left_out(training):
    X, y = training
    segments = as_items([[(0.0, 0.3, int(c))] if i else [] for i, c in enumerate(y)])
    estimator = frames_net(max_epochs=1).fit(X, segments)
    assert np.isfinite([row["train_loss"] for row in estimator.history_]).all()
    logits, target = torch.randn(2, 2, 5), torch.full((2, 5), -1)
    loss = MaskedCrossEntropy(torch.ones(2))
    assert loss(logits, target) == 0
    target[0, 2] = 1
    expected = nn.functional.cross_entropy(logits[:1, :, 2], torch.tensor([1]))
    assert loss(logits, target).item() == pytest.approx(expected.item(), rel=1e-5)


def test_codes_need_not_be_contiguous(training):
    X, y = training
    estimator = items_net(max_epochs=6).fit(X, np.where(y == 1, 4, 2))
    assert estimator.classes_.tolist() == [2, 4]
    assert set(estimator.predict(X)) <= {2, 4}


def test_without_groups_items_are_held_out():
    X, y = corpus(12, group=False)
    assert 2 <= items_net(max_epochs=1).fit(X, y).held_out_.sum() <= 4


def test_without_validation_all_items_are_used(training):
    estimator = items_net(max_epochs=2, validation=0).fit(*training)
    assert not estimator.held_out_.any()
    assert estimator.n_epochs_ == 2
    assert "valid_loss" not in estimator.history_[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X, np.where(np.arange(len(y)) == 3, -1, y)), "negative"),
        (lambda X, y: (X, np.zeros_like(y)), "two classes"),
        (lambda X, y: (X, y[:-1]), "labels"),
    ],
)
def test_bad_training_data_is_one_clear_error(training, change, message):
    with pytest.raises(MethodError, match=message):
        items_net().fit(*change(*training))


def test_bad_options_are_one_clear_error(training):
    with pytest.raises(MethodError, match="unknown output"):
        items_net(output="songs").fit(*training)
    with pytest.raises(MethodError, match="unknown optimizer"):
        items_net(optimizer="magic").fit(*training)


def test_an_item_without_a_frame_is_an_error(fitted):
    with pytest.raises(MethodError, match="too short"):
        fitted.predict_proba(as_items([Item.from_array(np.ones(100), SR)]))


def test_behaves_like_an_estimator_in_a_grid_search(training):
    X, y = training
    estimator = items_net()
    assert clone(estimator).get_params(deep=False).keys() == estimator.get_params(False).keys()
    assert isinstance(estimator.get_params(deep=True)["extract"], Extract)
    search = GridSearchCV(items_net(max_epochs=2), {"lr": [1e-2, 1e-5]}, cv=GroupItems(2))
    search.fit(X, y)
    assert search.best_params_["lr"] == 1e-2
    assert search.predict(X).shape == y.shape


def test_channels_lie_side_by_side():
    rows = np.arange(24).reshape(4, 6)
    recording = as_recording(rows, channels=2)
    assert recording.shape == (2, 4, 3)
    np.testing.assert_array_equal(recording[1], rows[:, 3:])


def test_band_statistics_of_ragged_recordings():
    rng = np.random.default_rng(0)
    recordings = [rng.normal(5, 3, (2, n, 4)).astype(np.float32) for n in (3, 50, 1)]
    mean, scale = band_statistics(recordings)
    joined = np.concatenate(recordings, axis=1)
    np.testing.assert_allclose(mean, joined.mean(axis=1, keepdims=True), rtol=1e-5)
    np.testing.assert_allclose(scale, joined.std(axis=1, keepdims=True), rtol=1e-5)
    assert band_statistics([np.ones((1, 3, 2), np.float32)])[1].tolist() == [[[1, 1]]]


@pytest.mark.parametrize("n_frames", [1, 5, 6, 7, 12, 13])
def test_tiles_cover_every_frame(n_frames):
    starts = tile_starts(n_frames, 6)
    covered = np.unique(np.concatenate([np.arange(s, min(s + 6, n_frames)) for s in starts]))
    np.testing.assert_array_equal(covered, np.arange(n_frames))
    assert (starts + 6 <= max(n_frames, 6)).all()


def test_a_short_recording_is_repeated_and_its_added_frames_masked():
    patches = Patches([np.arange(3.0).reshape(1, 3, 1)], [np.array([0, 1, 1])], 7)
    patch, target = patches[0]
    assert patch.flatten().tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert target.tolist() == [0, 1, 1, -1, -1, -1, -1]


def test_inner_split_keeps_a_group_of_each_class_on_both_sides():
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], 10)
    groups = [f"{c}-{i % 3}" for i, c in enumerate(codes)]
    held = inner_split(codes, groups, 0.2, rng)
    assert {codes[i] for i in np.flatnonzero(held)} == {0, 1}
    assert {codes[i] for i in np.flatnonzero(~held)} == {0, 1}
    assert not {g for g, h in zip(groups, held) if h} & {g for g, h in zip(groups, held) if not h}
    lopsided = ["big"] * 17 + ["a", "b", "c"]
    held = inner_split(np.repeat([0, 1], 20), lopsided + [g + "1" for g in lopsided], 0.2, rng)
    assert held[:17].sum() == held[20:37].sum() == 0
    assert held.sum() == 6
    alone = inner_split(np.array([0, 1]), ["a", "b"], 0.5, rng)
    assert not alone.any()


def test_mlp_works_on_items_of_one_length(training):
    estimator = items_net(max_epochs=1).set_params(net=MLP, net_args={"hidden": [8]})
    estimator.fit(*training)
    assert estimator.n_params_ == 20 * 12 * 8 + 8 + 8 * 2 + 2


def add_noise(patch, rng):
    return patch + rng.normal(0, 0.1, patch.shape)
