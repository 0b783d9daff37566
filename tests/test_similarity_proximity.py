"""Mutual proximity against a twin by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import norm
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from baselines.similarity.gaussian import SingleGaussian
from baselines.similarity.gmm import GaussianMixtures
from baselines.similarity.proximity import MutualProximity
from mirbench.errors import MethodError
from mirbench.neighbours import euclidean, nearest

KINDS = ("empirical", "normal")


def twin(distances, variant):
    """1 - mutual proximity, pair by pair."""
    n = len(distances)
    out = np.zeros((n, n))
    for x in range(n):
        for y in range(n):
            if x == y:
                continue
            d = distances[x, y]
            if variant == "empirical":
                both = [
                    distances[x, j] > d and distances[y, j] > d for j in range(n) if j not in (x, y)
                ]
                out[x, y] = 1 - sum(both) / (n - 1)
            else:
                shares = []
                for one in (x, y):
                    others = np.delete(distances[one], one)
                    shares.append(norm(others.mean(), others.std()).sf(d))
                out[x, y] = 1 - shares[0] * shares[1]
    return out


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 20), st.sampled_from(KINDS))
def test_mutual_proximity_is_the_count_or_the_normal_share(seed, n, variant):
    X = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    model = clone(MutualProximity(StandardScaler(with_std=False), variant)).fit(X)
    rows = model.transform(X)
    found = model.distance(rows, rows)
    assert_allclose(found, twin(euclidean(X, X).astype(np.float32), variant), atol=1e-5)
    assert_allclose(found, found.T, atol=1e-6)
    assert (found.diagonal() == 0).all()
    assert_allclose(model.distance(rows[:2], rows[1:]), found[:2, 1:])


def hubness(ids, n):
    counts = np.bincount(ids.ravel(), minlength=n).astype(float)
    return np.mean((counts - counts.mean()) ** 3) / counts.std() ** 3


@pytest.mark.parametrize("variant", KINDS)
def test_it_takes_hubs_away(variant):
    X = np.random.default_rng(0).normal(size=(300, 50))
    model = MutualProximity(StandardScaler(), variant).fit(X)
    rows = model.transform(X)
    before, _ = nearest(X, euclidean, 5)
    after, _ = nearest(rows, model.distance, 5)
    assert hubness(after, 300) < hubness(before, 300) / 2


def test_any_base_with_a_distance():
    rng = np.random.default_rng(0)
    frames = [rng.normal(size=(40, 3)) + 3 * rng.normal(size=3) for _ in range(8)]
    for base in (
        SingleGaussian("js"),
        GaussianMixtures(2, n_samples=100),
        make_pipeline(GaussianMixtures(2, n_samples=100)),
    ):
        model = MutualProximity(base).fit(frames)
        rows = model.transform(frames)
        flat = clone(base).fit(frames).transform(frames)
        distance = base.distance if hasattr(base, "distance") else base[-1].distance
        exact = np.asarray(distance(flat, flat))
        assert_allclose(
            model.distance(rows, rows), twin((exact + exact.T) / 2, "empirical"), atol=1e-6
        )


@pytest.mark.parametrize("variant", KINDS)
def test_one_or_two_items_and_duplicates_are_finite(variant):
    model = MutualProximity(StandardScaler(), variant).fit(np.zeros((4, 2)))
    for X in (np.zeros((1, 2)), np.zeros((2, 2)), np.zeros((5, 2)), np.eye(2)):
        rows = model.transform(X)
        assert np.isfinite(rows).all()
        found = model.distance(rows, rows)
        assert np.isfinite(found).all()
        assert ((found >= 0) & (found <= 1)).all()


def test_mistakes_are_said():
    X = np.random.default_rng(0).normal(size=(6, 2))
    with pytest.raises(MethodError, match="choose from"):
        MutualProximity(StandardScaler(), "gamma").fit(X)
    model = MutualProximity(StandardScaler()).fit(X)
    with pytest.raises(MethodError, match="one call of transform"):
        model.distance(model.transform(X), model.transform(X[:4]))
