"""Large margin nearest neighbours, discriminants, and both as similarities of items."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh
from scipy.optimize import check_grad, minimize
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.covariance import LedoitWolf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import KNeighborsClassifier

from baselines.linear_metric import (
    LDA,
    LinearMetric,
    lda_similarity,
    lmnn_similarity,
    timbre_statistics,
)
from baselines.lmnn import LMNN, target_neighbours
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.items import Item, as_items

SR = 8000


def rows(seed, n=24, d=4, classes=3):
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes)])
    return rng.normal(size=(n, d)) + 2 * rng.normal(size=(classes, d))[y], y


def written_out(L, X, y, targets, push):
    """The objective, a triple at a time."""
    total = 0.0
    for i, j in targets:
        near = np.sum((L @ (X[i] - X[j])) ** 2)
        total += (1 - push) * near
        for k in range(len(X)):
            if y[k] != y[i]:
                total += push * max(0.0, 1 + near - np.sum((L @ (X[i] - X[k])) ** 2))
    return total / len(targets)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.001, 256]))
def test_objective_and_gradient(seed, push, block_mb):
    X, y = rows(seed)
    model = LMNN(2, push=push, block_mb=block_mb)
    model.targets_ = target_neighbours(X, y, 3)
    L = np.random.default_rng(seed).normal(size=(2, 4))
    wanted = written_out(L, X, y, model.targets_, push)
    assert model.loss(L.ravel(), X, y)[0] == pytest.approx(wanted)
    gap = check_grad(
        lambda f: model.loss(f, X, y)[0], lambda f: model.loss(f, X, y)[1], L.ravel(), seed=seed
    )
    assert gap < 1e-4 * max(1, np.linalg.norm(model.loss(L.ravel(), X, y)[1]))


def test_targets_are_the_nearest_of_the_class_in_input_space():
    X, y = rows(1)
    for i, j in target_neighbours(X, y, 1):
        same = np.flatnonzero((y == y[i]) & (np.arange(len(y)) != i))
        assert j == same[np.argmin(np.linalg.norm(X[same] - X[i], axis=1))]
    y[:] = [0] * 22 + [1, 2]  # a row alone in its class has none, a pair has one
    y[20:22] = 3
    pairs = target_neighbours(X, y, 3)
    assert np.bincount(pairs[:, 0], minlength=24)[20:].tolist() == [1, 1, 0, 0]
    assert (y[pairs[:, 0]] == y[pairs[:, 1]]).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_the_objective_falls_and_a_shift_changes_nothing(seed):
    X, y = rows(seed)
    model = LMNN(3).fit(X, y)
    assert (np.diff(model.objective_) <= 1e-12).all()
    assert len(model.objective_) > 1
    np.testing.assert_allclose(clone(model).fit(X, y).components_, model.components_)
    shifted = LMNN(3).fit(X + 2.0**4, y)
    apart = [cdist(m.transform(Z), m.transform(Z)) for m, Z in ((model, X), (shifted, X + 2.0**4))]
    np.testing.assert_allclose(*apart, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(
        np.concatenate([model.transform(row[None]) for row in X]), model.transform(X), atol=1e-9
    )


def test_nearest_neighbours_are_right_where_euclid_fails():
    def draw(seed, n=150):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 3, n)
        return np.column_stack([y + 0.2 * rng.normal(size=n), 2 * rng.normal(size=(n, 6))]), y

    (X, y), (test_X, test_y) = draw(0), draw(1)
    model = LMNN(7, max_iter=100).fit(X, y)

    def right(train, test):
        return KNeighborsClassifier(3).fit(train, y).score(test, test_y)

    assert right(X, test_X) < 0.6
    assert right(model.transform(X), model.transform(test_X)) > 0.9
    weight = np.linalg.norm(model.components_, axis=0)
    assert weight[0] > 3 * weight[1:].max()


def test_any_start_ends_at_one_metric():
    """In terms of the square matrix L^T L the problem is convex."""
    X, y = rows(7, n=40)
    model = LMNN(4, max_iter=1000, tol=1e-12).fit(X, y)
    start = np.random.default_rng(0).normal(size=16)
    found = minimize(model.loss, start, (X - model.mean_, y), jac=True, method="L-BFGS-B")
    L = found.x.reshape(4, 4)
    assert found.fun == pytest.approx(model.objective_[-1], rel=1e-3)
    np.testing.assert_allclose(L.T @ L, model.components_.T @ model.components_, atol=0.02)


def test_without_push_everything_falls_together():
    X, y = rows(4)
    model = LMNN(4, push=0.0, max_iter=200, tol=1e-12).fit(X, y)
    assert model.objective_[-1] < 1e-3 * model.objective_[0]


def test_discriminants_solve_the_eigenvalue_problem_written_out():
    X, y = rows(5, n=60)
    found = LDA().fit(X, y).transform(X)
    by_unit = LDA().fit(X * [1, 10, 0.1, 5], y).transform(X * [1, 10, 0.1, 5])
    np.testing.assert_allclose(cdist(by_unit, by_unit), cdist(found, found), atol=1e-6)
    centred = X - np.array([X[y == k].mean(axis=0) for k in range(3)])[y]
    X, centred = X / centred.std(axis=0), centred / centred.std(axis=0)
    shrinkage = LedoitWolf(assume_centered=True).fit(centred).shrinkage_

    def shrunk(S):
        return (1 - shrinkage) * S + shrinkage * np.trace(S) / 4 * np.eye(4)

    within, total = shrunk(centred.T @ centred / 60), shrunk(np.cov(X.T, bias=True))
    wanted = X @ eigh(total - within, within)[1][:, ::-1][:, :2]
    np.testing.assert_allclose(cdist(found, found), cdist(wanted, wanted), atol=1e-6)
    assert LDA(1).fit(X, y).transform(X).shape == (60, 1)


def test_small_classes_are_not_shrunk_away():
    """Forty classes of six rows, told apart in one direction that isn't a feature's."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(40), 6)
    X = np.linspace(0.2, 3, 30) * rng.normal(size=(240, 30))
    X[:, 0] += 0.6 * rng.normal(size=40)[y]
    train, test = y < 30, y >= 30

    def spread(rows):
        means = np.array([rows[y[test] == k].mean() for k in range(30, 40)])
        return means.var() / np.mean((rows - np.repeat(means, 6)) ** 2)

    X = X @ rng.normal(size=(30, 30))
    ours = LDA(1).fit(X[train], y[train]).transform(X[test])[:, 0]
    by_class = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto", n_components=1)
    theirs = by_class.fit(X[train], y[train]).transform(X[test])[:, 0]
    assert spread(ours) > 2 * spread(theirs)


@pytest.mark.parametrize("learner", [LDA(), LMNN()])
@pytest.mark.parametrize("y", [np.zeros(6), np.arange(6)])
def test_classes_that_teach_nothing_are_one_clear_error(learner, y):
    with pytest.raises(MethodError, match="two classes or more"):
        learner.fit(np.random.default_rng(0).normal(size=(6, 3)), y)


def artist_items(n=24, seed=0, seconds=0.5):
    """An artist is a resonance, whatever is played."""
    rng = np.random.default_rng(seed)
    items, artists = [], np.arange(n) % 4
    for artist in artists:
        noise = rng.normal(size=int(seconds * SR))
        tone = np.sin(2 * np.pi * (500 + 700 * artist) * np.arange(len(noise)) / SR)
        items.append(Item.from_array(0.2 * noise + tone, SR, group=f"artist {artist}"))
    return as_items(items), artists


@pytest.mark.parametrize("make", [lda_similarity, lmnn_similarity])
def test_methods_bring_an_artist_together(make):
    X, y = artist_items()
    test, test_y = artist_items(seed=1)
    model = make(n_components=3).fit(X, y)
    blind = as_items(item.blind() for item in test)
    embedded = model.transform(blind)
    distances = cdist(embedded, embedded)
    np.fill_diagonal(distances, np.inf)
    assert (test_y[distances.argmin(axis=1)] == test_y).all()
    alone = np.concatenate([model.transform(blind[i : i + 1]) for i in range(len(blind))])
    np.testing.assert_allclose(alone, embedded, atol=1e-5)
    tags = np.random.default_rng(0).integers(0, 2, (len(X), 5))  # tags: the artist is the class
    np.testing.assert_allclose(clone(model).fit(X, tags).transform(blind), embedded, atol=1e-6)
    assert make.family == "hand-crafted"


def test_what_items_lack_is_one_clear_error():
    X, y = artist_items(8)
    with pytest.raises(MethodError, match="needs labels"):
        lda_similarity().fit(X, np.full(8, -1))
    with pytest.raises(MethodError, match="name the training tracks' artists"):
        lda_similarity().fit(as_items(item.blind() for item in X), np.zeros((8, 3), int))
    with pytest.raises(MethodError, match="8 items but 7 labels"):
        lmnn_similarity().fit(X, y[:-1])


@pytest.mark.parametrize("sr", [8000, 22_050])
def test_statistics_are_finite_and_know_no_gain(sr):
    rng = np.random.default_rng(0)
    t = np.arange(sr) / sr
    for signal in (
        np.zeros(sr),
        np.ones(1),
        np.ones(sr),
        rng.normal(size=sr // 3),
        np.sin(880 * t),
    ):
        signal = signal.astype(np.float32)
        found = timbre_statistics(signal, sr)
        assert found.shape == (79,)
        assert np.isfinite(found).all()
        np.testing.assert_allclose(timbre_statistics(signal / 8, sr), found, atol=1e-3)


def test_usable_on_features_alone():
    X, y = artist_items()
    features = Extract(timbre_statistics, sr=SR)
    model = LinearMetric(features, LDA(2)).fit(X, y)
    Z = features.transform(X)
    alone = LDA(2).fit((Z - Z.mean(axis=0)) / Z.std(axis=0), y)
    np.testing.assert_allclose(
        model.transform(X), alone.transform((Z - Z.mean(axis=0)) / Z.std(axis=0)), atol=1e-2
    )
