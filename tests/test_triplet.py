"""Metrics learned from triplets: what is held out, seeds, searches, odd tracks, methods."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics.pairwise import cosine_similarity
from triplet_helpers import SR, tagged_items

from deep.nets.pooling import AutoPool
from deep.similarity import methods, training
from deep.similarity.inputs import track_logmel
from deep.similarity.objectives import one_hot
from deep.similarity.tagger import TaggerSimilarity
from deep.similarity.targets import mean_average_precision, truth_of
from deep.similarity.triplet import GRIDS, TripletEmbedding
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.items import Item, as_items
from mirbench.methods import chosen_params, count_params, load_method
from mirbench.neighbours import distance_of, nearest

SMALL = {"widths": (4, 6), "pools": ((2, 2), (2, 4)), "units": 12, "dropout": 0.0}


FAST = {"net_args": SMALL, "patch_frames": 16, "max_epochs": 3, "search_epochs": 1}


ONE = {"margin": (0.5,), "dim": (8,)}


FRONT = {"n_fft": 512, "hop_length": 320, "n_mels": 16, "fmax": 3900}


def extract():
    return Extract(track_logmel, sr=SR, kw_args=FRONT)


def embedding(**changes):
    return TripletEmbedding(extract(), **{"grid": ONE, **FAST, **changes})


def tagger(**changes):
    few = {key: value for key, value in FAST.items() if key != "search_epochs"}
    return TaggerSimilarity(extract(), **{**few, **changes})


@pytest.fixture(scope="module")
def training_items():
    return tagged_items()


def test_neither_net_nor_standardiser_meets_the_validation_artists(training_items, monkeypatch):
    X, y = training_items
    met = []
    original = training.Run._parts

    def spy(self, tracks):
        met.extend(id(self.recordings[i]) for i in tracks)
        return original(self, tracks)

    monkeypatch.setattr(training.Run, "_parts", spy)
    given_out = []
    estimator = embedding()
    recordings = estimator._recordings
    monkeypatch.setattr(
        TripletEmbedding,
        "_recordings",
        lambda self, X: given_out.append(recordings(X)) or given_out[-1],
    )
    estimator.fit(X, y)
    owner = {id(r): i for i, r in enumerate(given_out[0])}
    trained = {owner[i] for i in met}
    held = set(np.flatnonzero(estimator.held_out_))
    assert held
    assert trained
    assert not trained & held
    artists = [{X[i].group for i in part} for part in (trained, held)]
    assert not artists[0] & artists[1]
    assert len(artists[1]) == 2  # a quarter of eight
    kept = np.concatenate([given_out[0][i][0] for i in np.flatnonzero(~estimator.held_out_)])
    np.testing.assert_allclose(estimator.mean_[0, 0], kept.mean(axis=0), atol=1e-4)


@pytest.mark.parametrize("make", [embedding, tagger])
def test_a_seed_repeats_and_leaves_torchs_state_alone(training_items, make):
    X, y = training_items
    before = torch.random.get_rng_state()
    first = make(random_state=3).fit(X, y)
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(99)
    again = clone(first).fit(X, y)
    other = make(random_state=4).fit(X, y)
    np.testing.assert_array_equal(first.transform(X), again.transform(X))
    assert first.history_ == again.history_
    assert np.abs(first.transform(X) - other.transform(X)).max() > 1e-3


@pytest.mark.parametrize("make", [embedding, tagger])
@pytest.mark.parametrize("pooling", ["mean", "autopool", "attention"])
def test_a_track_alone_gives_what_it_gives_among_others(training_items, make, pooling):
    X, y = training_items
    estimator = make(pooling=pooling).fit(X, y)
    blind = as_items(item.blind() for item in X)
    together = estimator.transform(blind)
    alone = np.concatenate([estimator.transform(blind[i : i + 1]) for i in range(len(X))])
    np.testing.assert_allclose(alone, together, atol=1e-5)
    np.testing.assert_allclose(estimator.transform(blind[::-1])[::-1], together, atol=1e-5)
    assert np.isfinite(together).all()
    assert count_params(estimator) == sum(
        p.numel() for p in estimator.module_.parameters() if p.requires_grad
    )


@pytest.mark.parametrize("loss", GRIDS)
def test_a_trivial_set_is_learned(loss):
    """Two tags that exclude each other; tracks never heard."""
    X, y = tagged_items(16, n_tags=2, seed=5)
    test, truth = tagged_items(24, n_tags=2, seed=6)
    keep, told = y.sum(axis=1) == 1, truth.sum(axis=1) == 1
    X, y, test, truth = X[keep], y[keep], test[told], truth[told]
    key = "temperature" if loss == "proxy" else "margin"
    grid = {key: (0.5,), "dim": (8,)}
    estimator = embedding(
        loss=loss, grid=grid, max_epochs=25, validation=0, lr=1e-2, mining="random", n_positives=4
    ).fit(X, y)
    losses = [row["train_loss"] for row in estimator.history_]
    assert len(losses) == 25
    assert losses[-1] < 0.4 * losses[0]
    rows = estimator.transform(test)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    ids, _ = nearest(rows, distance_of(estimator), 3)
    assert (truth[ids] == truth[:, None]).all(axis=2).mean() > 0.95


def test_the_tagger_compares_idf_weighted_probabilities():
    X, y = tagged_items(40, seed=7)
    estimator = tagger(max_epochs=25, lr=1e-2, validation=0).fit(X, y)
    test, truth = tagged_items(30, seed=8)
    probabilities = estimator.transform(test)
    assert probabilities.shape == truth.shape
    assert ((probabilities > 0.5) == truth).mean() > 0.9
    weights = np.log(len(y) / y.sum(axis=0))
    wanted = 1 - cosine_similarity(probabilities * weights)
    np.testing.assert_allclose(estimator.distance(probabilities, probabilities), wanted, atol=1e-12)
    ids, _ = nearest(probabilities, distance_of(estimator), 1)
    assert (truth[ids[:, 0]] == truth).mean() > 0.85


def test_the_search_keeps_the_best_setting_and_the_best_epoch(training_items):
    grid = {"margin": (0.1, 0.5), "dim": (8, 4)}
    estimator = embedding(grid=grid, search_epochs=2, max_epochs=6, patience=3).fit(*training_items)
    settings_tried = [tuple(setting.values()) for setting, _ in estimator.search_]
    assert settings_tried == [(0.1, 8), (0.1, 4), (0.5, 8), (0.5, 4)]
    best = max(score for _, score in estimator.search_)
    assert estimator.best_params_ == next(s for s, score in estimator.search_ if score == best)
    assert chosen_params(estimator) == estimator.best_params_
    assert estimator.transform(training_items[0]).shape == (24, estimator.best_params_["dim"])
    scores = [row["valid_map"] for row in estimator.history_]
    assert max(scores[:2]) == best
    assert len(scores) == estimator.n_epochs_ <= 6
    # the weights kept are those of the best epoch
    X, y = training_items
    held = estimator.held_out_
    groups, keys = [i.group for i in X[held]], [i.key for i in X[held]]
    rows = estimator.transform(X[held])
    distances = distance_of(estimator)(rows, rows)
    found = mean_average_precision(distances, truth_of(y[held], groups, keys))
    assert found == pytest.approx(max(scores))


def test_what_is_trained_in_between_changes_nothing(training_items):
    """A setting alone gives what it gives when it wins a search."""
    searched = embedding(grid={"margin": (0.1, 0.5), "dim": (8,)}).fit(*training_items)
    alone = {key: (value,) for key, value in searched.best_params_.items()}
    single = embedding(grid=alone).fit(*training_items)
    np.testing.assert_array_equal(
        searched.transform(training_items[0]), single.transform(training_items[0])
    )


@pytest.mark.parametrize("make", [embedding, tagger])
def test_codes_of_artists_are_labels_too(training_items, make):
    X, _ = training_items
    artists = np.arange(24) % 8
    estimator = make().fit(X, artists)
    assert estimator.held_out_.sum() == 6
    assert estimator.transform(X).shape[1] == (8 if make is embedding else 6)
    np.testing.assert_array_equal(one_hot(np.array([4, 2, 4])), [[0, 1], [1, 0], [0, 1]])


def test_without_groups_tracks_are_held_out(training_items):
    X, y = training_items
    blind = as_items(item.blind() for item in X)
    assert embedding().fit(blind, y).held_out_.sum() == 6


def test_autopool_is_trained_and_kept_in_its_bounds(training_items):
    estimator = embedding(pooling="autopool-nonnegative", lr=1e-2).fit(*training_items)
    (layer,) = [m for m in estimator.module_.modules() if isinstance(m, AutoPool)]
    assert (layer.alpha >= 0).all()
    assert (layer.alpha > 0).any()


@pytest.mark.parametrize("make", [embedding, tagger])
def test_odd_tracks_are_embedded(training_items, make):
    estimator = make().fit(*training_items)
    odd = [np.zeros(SR), np.ones(1), np.ones(SR), np.random.default_rng(0).normal(size=200)]
    rows = estimator.transform(as_items(Item.from_array(s, SR) for s in odd))
    assert np.isfinite(rows).all()
    assert np.isfinite(distance_of(estimator)(rows, rows)).all()


@pytest.mark.parametrize("make", [embedding, tagger])
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.full(24, -1), "needs labels: this protocol is a collection without"),
        (np.zeros(23, int), "24 items but labels"),
        (np.full((24, 2), 7), "tags are 0 and 1"),
    ],
)
def test_bad_labels_are_one_clear_error(training_items, make, labels, message):
    with pytest.raises(MethodError, match=message):
        make().fit(training_items[0], labels)


def test_bad_options_are_one_clear_error(training_items):
    X, y = training_items
    for change in ({"loss": "magic"}, {"mining": "magic"}, {"pooling": "magic"}):
        with pytest.raises(MethodError, match="use one of"):
            embedding(**change).fit(X, y)
    with pytest.raises(MethodError, match="no triplet"):
        embedding().fit(X, np.ones((24, 3), int))
    with pytest.raises(MethodError, match="three tracks"):
        embedding().fit(X[:2], y[:2])
    proxies = embedding(loss="proxy", grid={"temperature": (0.1,), "dim": (4,)})
    for labels in (np.ones_like(y), np.zeros_like(y), np.zeros(24, int)):
        for estimator in (proxies, tagger()):
            with pytest.raises(MethodError, match="two training tracks apart"):
                estimator.fit(X, labels)


@pytest.mark.parametrize("loss", GRIDS)
def test_nine_tracks_are_enough(training_items, loss):
    X, _ = training_items
    grid = {("temperature" if loss == "proxy" else "margin"): (0.5,), "dim": (4,)}
    estimator = embedding(loss=loss, mining="random", grid=grid).fit(X[:9], np.arange(9) % 2)
    assert np.isfinite(estimator.transform(X)).all()


def test_front_end_knows_no_gain_and_silence_is_the_floor():
    noise = np.random.default_rng(0).normal(size=SR).astype(np.float32)
    rows = track_logmel(noise, SR, **FRONT)
    assert rows.shape == (26, 16)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(track_logmel(noise / 64, SR, **FRONT), rows, atol=1e-5)
    np.testing.assert_allclose(track_logmel(np.zeros(SR), SR, **FRONT), -6, rtol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        methods.tagger,
        methods.triplet_neighbors,
        methods.triplet_random,
        methods.triplet_distance,
        methods.triplet_autopool,
        methods.contrastive,
        methods.proxy,
    ],
)
def test_methods_run(training_items, make):
    X, y = training_items
    method = load_method(make)
    assert method.family == "deep"
    assert len(method.title) < 70
    built = method.build(3).set_params(max_epochs=1, patch_frames=10)
    if make is not methods.tagger:
        built.set_params(grid={key: values[:1] for key, values in GRIDS[built.loss].items()})
    rows = built.fit(X, y).transform(X)
    assert rows.shape == (24, 4 if make is methods.tagger else 64)
    assert nearest(rows, distance_of(built), 5)[0].shape == (24, 5)
    wide = make(size="published")
    assert wide.net_args["widths"] == (128, 384, 768, 2048)
    with pytest.raises(MethodError, match="small, published"):
        make(size="huge")
