"""Signatures and the earth mover's distance between them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import linprog
from scipy.stats import wasserstein_distance
from sklearn.base import clone

from baselines.similarity.approximations import component_kl
from baselines.similarity.mixture import Mixtures, pack, unpack
from baselines.similarity.signatures import KMeansSignatures, earth_mover, ground_distances


def signatures(n, n_clusters, d, seed=0):
    rng = np.random.default_rng(seed)
    means = 5 * rng.standard_normal((n, n_clusters, d))
    weights = rng.dirichlet(np.ones(n_clusters), n)
    return Mixtures(weights, means, rng.uniform(1, 9, (n, n_clusters, d)))


def transport(weights, others, costs):
    """The transport problem as a linear program."""
    k, m = costs.shape
    rows = np.kron(np.eye(k), np.ones(m))
    columns = np.kron(np.ones(k), np.eye(m))
    bounds = np.concatenate([weights, others])
    found = linprog(costs.ravel(), A_eq=np.vstack([rows, columns]), b_eq=bounds)
    return found.fun


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 6))
def test_transport_is_the_linear_program(seed, k, m):
    rng = np.random.default_rng(seed)
    weights, others = rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(m))
    costs = rng.uniform(0, 10, (k, m))
    assert_allclose(
        earth_mover(weights, others, costs), transport(weights, others, costs), atol=1e-8
    )


def test_transport_on_a_line_is_wassersteins():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=7), rng.normal(size=5)
    weights, others = rng.dirichlet(np.ones(7)), rng.dirichlet(np.ones(5))
    found = earth_mover(weights, others, abs(x[:, None] - y))
    assert_allclose(found, wasserstein_distance(x, y, weights, others))


def test_ground_distance_is_the_symmetrised_divergence_of_clusters():
    a, b = signatures(2, 3, 4), signatures(3, 5, 4, seed=1)
    there = np.transpose(component_kl(b, a), (2, 3, 0, 1))
    assert_allclose(ground_distances(a, b), component_kl(a, b) + there, rtol=1e-8)
    s, t = a.covariances[1, 2], b.covariances[0, 4]
    delta = a.means[1, 2] - b.means[0, 4]
    by_hand = (s / t + t / s - 2 + delta**2 * (1 / s + 1 / t)).sum() / 2
    assert_allclose(ground_distances(a, b)[1, 2, 0, 4], by_hand)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_distance_is_that_of_the_linear_program_and_symmetric(seed):
    made = signatures(3, 4, 2, seed)
    rows = pack(made)
    found = KMeansSignatures(4).distance(rows, rows)
    assert_allclose(found, found.T, rtol=1e-7, atol=1e-8)
    assert_allclose(found.diagonal(), 0, atol=1e-8)
    costs = ground_distances(made, made)[0, :, 1]
    assert_allclose(found[0, 1], transport(made.weights[0], made.weights[1], costs), rtol=1e-7)


def test_signatures_are_clusters_with_their_shares():
    rng = np.random.default_rng(0)
    frames = np.concatenate([rng.normal(size=(30, 2)), 100 + 3 * rng.normal(size=(90, 2))])
    rows = clone(KMeansSignatures(2, reg_covar=0.0)).fit_transform([frames])
    made = unpack(rows, 2, "diag")
    order = np.argsort(made.weights[0])
    assert_allclose(made.weights[0, order], [0.25, 0.75])
    for k, part in zip(order, (frames[:30], frames[30:])):
        assert_allclose(made.means[0, k], part.mean(axis=0))
        assert_allclose(made.covariances[0, k], part.var(axis=0))


def test_silence_and_few_frames():
    rng = np.random.default_rng(0)
    odd = [np.zeros((50, 3)), np.ones((1, 3)), rng.normal(size=(5, 3)), rng.normal(size=(99, 3))]
    model = KMeansSignatures(16)
    rows = model.fit_transform(odd)
    found = model.distance(rows, rows)
    assert np.isfinite(found).all()
    assert_allclose(found.diagonal(), 0, atol=1e-6)
    assert_allclose(unpack(rows, 16, "diag").weights.sum(axis=1), 1)
