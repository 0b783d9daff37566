"""Single Gaussians and their closed-form divergences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm
from sklearn.base import clone

from baselines.similarity.gaussian import (
    SingleGaussian,
    flat,
    gaussians,
    jensen_shannon,
    skl_forms,
    symmetric_kl,
)
from mirbench.errors import MethodError


def rows_of(n, d, seed=0):
    rng = np.random.default_rng(seed)
    mixing = np.eye(d) + 0.4 * rng.standard_normal((n, d, d))
    return flat(2 * rng.standard_normal((n, d)), mixing @ np.swapaxes(mixing, 1, 2))


def formula_skl(m, s, mean, spread):
    """As printed in the literature."""
    p, q, delta = np.linalg.inv(s), np.linalg.inv(spread), m - mean
    traces = np.trace(p @ spread) + np.trace(q @ s)
    return traces / 2 - len(m) + delta @ (p + q) @ delta / 2


def formula_js(m, s, mean, spread):
    delta = m - mean
    merged = (s + spread) / 2 + np.outer(delta, delta) / 4
    logs = [np.linalg.slogdet(x)[1] for x in (merged, s, spread)]
    return np.sqrt(max(0, logs[0] / 2 - (logs[1] + logs[2]) / 4))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9))
def test_divergences_are_their_formulas(seed, d):
    rows = rows_of(6, d, seed)
    made = gaussians(rows)
    pairs = list(zip(made.means[:, 0], made.covariances[:, 0]))
    skl = [[formula_skl(*a, *b) for b in pairs] for a in pairs]
    js = [[formula_js(*a, *b) for b in pairs] for a in pairs]
    assert_allclose(SingleGaussian("skl").distance(rows, rows), skl, rtol=1e-6, atol=1e-6)
    found = SingleGaussian("js").distance(rows, rows)
    assert_allclose(found**2, np.square(js), rtol=1e-7, atol=1e-9)
    left, right = skl_forms(rows)
    assert_allclose(left @ right.T, skl, rtol=1e-6, atol=1e-6)


def test_symmetric_kl_is_the_integral():
    rows = flat([[0.3], [-1.0]], [[[1.7]], [[0.6]]])
    p, q = norm(0.3, np.sqrt(1.7)), norm(-1.0, np.sqrt(0.6))

    def integrand(x):
        return (p.pdf(x) - q.pdf(x)) * (p.logpdf(x) - q.logpdf(x))

    made = gaussians(rows)
    assert_allclose(symmetric_kl(made, made)[0, 1], quad(integrand, -15, 15)[0], rtol=1e-7)


def test_symmetric_kl_is_the_mean_over_samples():
    made = gaussians(rows_of(2, 3))
    rng = np.random.default_rng(0)
    p, q = (multivariate_normal(made.means[i, 0], made.covariances[i, 0]) for i in (0, 1))
    x, y = p.rvs(100_000, rng), q.rvs(100_000, rng)
    here, there = p.logpdf(x) - q.logpdf(x), q.logpdf(y) - p.logpdf(y)
    error = np.sqrt((here.var() + there.var()) / 100_000)
    assert abs(symmetric_kl(made, made)[0, 1] - here.mean() - there.mean()) < 4 * error


def test_jensen_shannon_bounds_that_of_the_true_mixture():
    """The Gaussian of the mixture's moments has the most entropy: never less than the integral."""
    rows = flat([[0.3], [-1.0]], [[[1.7]], [[0.6]]])
    p, q = norm(0.3, np.sqrt(1.7)), norm(-1.0, np.sqrt(0.6))

    def entropy(pdf):
        return quad(lambda x: -pdf(x) * np.log(pdf(x)), -12, 12)[0]

    exact = entropy(lambda x: (p.pdf(x) + q.pdf(x)) / 2) - (entropy(p.pdf) + entropy(q.pdf)) / 2
    made = gaussians(rows)
    found = jensen_shannon(made, made)[0, 1] ** 2
    assert exact <= found <= 1.2 * exact


@pytest.mark.parametrize("divergence", ["skl", "js"])
def test_blocks_do_not_matter(divergence):
    rows = rows_of(30, 5)
    whole = SingleGaussian(divergence).distance(rows, rows)
    parts = SingleGaussian(divergence, block_mb=0.001).distance(rows, rows)
    assert_allclose(parts, whole, rtol=1e-9, atol=1e-6)
    assert_allclose(whole, whole.T, rtol=1e-9, atol=1e-6)


def test_rows_are_maximum_likelihood():
    frames = np.random.default_rng(0).normal(size=(70, 4))
    rows = clone(SingleGaussian(reg_covar=0.5)).fit_transform([frames, frames[:9]])
    made = gaussians(rows)
    assert_allclose(made.means[0, 0], frames.mean(axis=0))
    assert_allclose(made.covariances[0, 0], np.cov(frames.T, bias=True) + 0.5 * np.eye(4))


@pytest.mark.parametrize("divergence", ["skl", "js"])
def test_silence_and_repeated_frames_are_not_singular(divergence):
    rng = np.random.default_rng(0)
    odd = [np.zeros((9, 4)), np.ones((1, 4)), np.repeat(rng.normal(size=(2, 4)), 9, axis=0)]
    model = SingleGaussian(divergence)
    rows = model.fit_transform([*odd, rng.normal(size=(99, 4)) * 30])
    found = model.distance(rows, rows)
    assert np.isfinite(found).all()
    assert_allclose(found.diagonal(), 0, atol=1e-4)
    assert (found[np.triu_indices(4, 1)] > 0.1).all()


def test_unknown_divergence_is_said():
    with pytest.raises(MethodError, match="choose from skl, js"):
        SingleGaussian("kl").fit([])
