"""Mixtures and the divergences between them, against closed forms, long runs and scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.mixture import GaussianMixture

from baselines.similarity import approximations, montecarlo
from baselines.similarity.gaussian import symmetric_kl
from baselines.similarity.gmm import GaussianMixtures
from baselines.similarity.kernels import mean_log2_sum_exp2
from baselines.similarity.mixture import Mixtures, log_densities, pack, statistics, unpack
from baselines.similarity.montecarlo import Draws
from mirbench.errors import MethodError

COVARIANCES = ("diag", "full")


def models(n, n_components, d, covariance="diag", seed=0):
    """Mixtures whose components overlap a good deal."""
    rng = np.random.default_rng(seed)
    means = 4 * rng.standard_normal((n, 1, d)) + 3 * rng.standard_normal((n, n_components, d))
    if covariance == "diag":
        spread = rng.uniform(2, 30, (n, n_components, d))
    else:
        mixing = 3 * np.eye(d) + rng.standard_normal((n, n_components, d, d))
        spread = mixing @ np.swapaxes(mixing, -1, -2) + np.eye(d)
    return Mixtures(rng.dirichlet(np.full(n_components, 3.0), n), means, spread)


def log_density(mixtures, i, x):
    """Log density by scipy, one component after the other."""
    terms = []
    for k in range(mixtures.weights.shape[1]):
        spread = mixtures.covariances[i, k]
        full = np.diag(spread) if mixtures.diagonal else spread
        log = multivariate_normal(mixtures.means[i, k], full).logpdf(x)
        terms.append(np.log(mixtures.weights[i, k]) + log)
    return logsumexp(terms, axis=0)


def by_hand(mixtures, draws):
    """The Monte-Carlo divergence pair by pair, float64."""
    n = len(mixtures)
    samples = draws.samples(mixtures)
    mean = np.array(
        [[log_density(mixtures, j, samples[i]).mean() for j in range(n)] for i in range(n)]
    )
    own = mean.diagonal()
    return own[:, None] + own - mean - mean.T


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_flat_rows_go_there_and_back(covariance):
    made = models(4, 3, 5, covariance)
    back = unpack(pack(made), 3, covariance)
    assert_allclose(back.weights, made.weights)
    assert_allclose(back.means, made.means)
    assert_allclose(back.covariances, made.covariances)
    with pytest.raises(MethodError, match="rows that transform returned"):
        unpack(pack(made)[:, :-1], 3, covariance)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_log_density_is_linear_in_the_statistics(covariance):
    made = models(2, 3, 4, covariance)
    x = np.random.default_rng(1).normal(size=(50, 4)) * 5
    theta, phi = log_densities(made), statistics(x, made.diagonal)
    for i in range(2):
        assert_allclose(logsumexp(phi @ theta[i].T, axis=1), log_density(made, i, x), rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(1, 300), st.floats(0.1, 500), st.integers(0, 10_000))
def test_compiled_log_of_sums(n_components, n_samples, spread, seed):
    terms = spread * np.random.default_rng(seed).standard_normal((3, n_components, n_samples))
    terms = terms.astype(np.float32)
    found = np.empty(3)
    mean_log2_sum_exp2(terms, found)
    exact = logsumexp(terms.astype(float) * np.log(2), axis=1).mean(axis=1) / np.log(2)
    assert_allclose(found, exact, rtol=1e-6, atol=3e-6)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("n_components", [1, 3, 7])
def test_tiles_give_what_a_loop_in_double_precision_gives(covariance, n_components):
    made = models(7, n_components, 4, covariance)
    draws = Draws.of(150, 4, 0)
    exact = by_hand(made, draws)
    assert_allclose(montecarlo.divergence(made, made, draws), exact, atol=2e-4, rtol=1e-5)
    assert_allclose(montecarlo.all_pairs(made, draws), exact, atol=2e-4, rtol=1e-5)


def test_blocks_threads_and_tiles_do_not_matter(monkeypatch):
    made, draws = models(40, 3, 5), Draws.of(200, 5, 0)
    whole = montecarlo.all_pairs(made, draws)
    assert_allclose(
        montecarlo.all_pairs(made, draws, block_mb=0.001, n_jobs=2), whole, atol=1e-4, rtol=1e-6
    )
    monkeypatch.setattr(montecarlo, "TILE_BYTES", 2**12)
    parts = [montecarlo.divergence(made[i : i + 7], made, draws) for i in range(0, 40, 7)]
    assert_allclose(np.concatenate(parts), whole, atol=2e-4, rtol=1e-5)


def test_a_torch_device_gives_what_the_compiled_loops_give():
    made, draws = models(9, 3, 5), Draws.of(300, 5, 0)
    ours = montecarlo.cross(made, made, draws)
    theirs = montecarlo.cross(made, made, draws, device="cpu:0", block_mb=0.01)
    assert_allclose(theirs, ours, atol=1e-4, rtol=1e-5)


def test_tight_components_far_away_go_in_double_precision():
    """A component of silence: at -350 dB, with hardly any variance."""
    made = models(6, 3, 4)
    made.means[:3, 0] = [-350, 0, 0, 0]
    made.covariances[:3, 0] = 0.1
    draws = Draws.of(200, 4, 0)
    exact = by_hand(made, draws)
    found = montecarlo.all_pairs(made, draws)
    assert_allclose(found, exact, atol=2e-3, rtol=1e-5)
    assert_allclose(montecarlo.divergence(made, made, draws).diagonal(), 0, atol=2e-3)


def test_one_component_converges_to_the_closed_form_within_its_standard_error():
    made = models(5, 1, 4, "full")
    exact = symmetric_kl(made, made)
    for n_samples in (500, 50_000):
        draws = Draws.of(n_samples, 4, 3)
        samples = draws.samples(made)
        for i, j in ((0, 1), (2, 3), (1, 4)):
            here = log_density(made, i, samples[i]) - log_density(made, j, samples[i])
            there = log_density(made, j, samples[j]) - log_density(made, i, samples[j])
            error = (here + there).std(ddof=1) / np.sqrt(n_samples)
            found = montecarlo.divergence(made[i : i + 1], made[j : j + 1], draws)[0, 0]
            assert abs(found - exact[i, j]) < 4 * error


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_three_components_converge_to_a_long_run(covariance):
    made = models(4, 3, 3, covariance)
    rng = np.random.default_rng(9)
    n_long, n_samples = 200_000, 4000
    found = montecarlo.all_pairs(made, Draws.of(n_samples, 3, 1))
    for i, j in ((0, 1), (2, 3)):
        parts = []
        for a, b in ((i, j), (j, i)):
            chosen = rng.choice(3, n_long, p=made.weights[a])
            spread = made.covariances[a]
            full = spread if covariance == "full" else np.stack([np.diag(v) for v in spread])
            noise = np.linalg.cholesky(full)[chosen] @ rng.standard_normal((n_long, 3, 1))
            x = made.means[a][chosen] + noise[..., 0]
            parts.append(log_density(made, a, x) - log_density(made, b, x))
        long_run = parts[0].mean() + parts[1].mean()
        error = np.sqrt(sum(part.var() for part in parts) * (2 / n_samples + 1 / n_long))
        assert abs(found[i, j] - long_run) < 4 * error


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(COVARIANCES),
    st.sampled_from(["monte-carlo", "variational", "matched"]),
)
def test_no_distance_to_itself_and_the_same_both_ways(seed, covariance, divergence):
    rows = pack(models(5, 2, 3, covariance, seed))
    model = GaussianMixtures(2, covariance, divergence, n_samples=100)
    found = model.distance(rows, rows)
    if divergence != "matched":
        assert_allclose(found.diagonal(), 0, atol=1e-3)
    assert (found.diagonal() < 1e-3).all()  # a heavier component may match better than itself
    assert_allclose(found, found.T, atol=1e-3, rtol=1e-5)
    assert_allclose(model.distance(rows[:2], rows[2:]), found[:2, 2:], atol=1e-3, rtol=1e-5)
    assert_allclose(model.distances(rows), found, atol=1e-3, rtol=1e-5)


def test_seeds_reach_the_samples():
    rows = pack(models(3, 2, 3))
    one, two = (GaussianMixtures(2, random_state=seed).distance(rows, rows) for seed in (0, 1))
    assert abs(one - two).max() > 1e-3
    assert_allclose(GaussianMixtures(2, random_state=0).distance(rows, rows), one, rtol=0)


@pytest.mark.parametrize("kind", approximations.KINDS)
@pytest.mark.parametrize("covariance", COVARIANCES)
def test_approximations_are_exact_for_one_component(kind, covariance):
    made = models(5, 1, 4, covariance)
    full = made
    if made.diagonal:
        full = Mixtures(
            made.weights, made.means, np.einsum("nkd,de->nkde", made.covariances, np.eye(4))
        )
    found = approximations.divergence(made, made, kind)
    assert_allclose(found, symmetric_kl(full, full), atol=1e-9)


@pytest.mark.parametrize("kind", approximations.KINDS)
def test_approximations_by_their_formulas(kind):
    a, b = models(2, 2, 3), models(2, 3, 3, seed=1)

    def kl(m, i, k, o, j, q):
        s, t = m.covariances[i, k], o.covariances[j, q]
        delta = m.means[i, k] - o.means[j, q]
        return 0.5 * (np.log(t / s) + s / t + delta**2 / t - 1).sum()

    def one_way(m, i, o, j):
        total = 0.0
        for k, w in enumerate(m.weights[i]):
            other = [kl(m, i, k, o, j, q) for q in range(len(o.weights[j]))]
            if kind == "matched":
                total += w * min(d + np.log(w / v) for d, v in zip(other, o.weights[j]))
            else:
                own = sum(v * np.exp(-kl(m, i, k, m, i, q)) for q, v in enumerate(m.weights[i]))
                total += w * np.log(own / (o.weights[j] @ np.exp(-np.array(other))))
        return total

    expected = [[one_way(a, i, b, j) + one_way(b, j, a, i) for j in range(2)] for i in range(2)]
    assert_allclose(approximations.divergence(a, b, kind), expected, rtol=1e-8)
    assert_allclose(approximations.divergence(a, b, kind, block_mb=1e-6), expected, rtol=1e-8)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_em_is_scikit_learns(covariance):
    rng = np.random.default_rng(0)
    frames = [rng.normal(size=(200, 3)) * 5 + rng.choice([0, 30], (200, 1)) for _ in range(2)]
    rows = GaussianMixtures(2, covariance, reg_covar=0.01).fit_transform(frames)
    peer = GaussianMixture(2, covariance_type=covariance, reg_covar=0.01, random_state=0)
    peer.fit(frames[1])
    found = unpack(rows[1:], 2, covariance)
    assert_allclose(found.weights[0], peer.weights_)
    assert_allclose(found.covariances[0], peer.covariances_)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_silence_and_repeated_frames_are_not_singular(covariance):
    rng = np.random.default_rng(0)
    odd = [
        np.zeros((40, 4)),
        np.full((1, 4), 3.0),
        np.repeat(rng.normal(size=(2, 4)), 20, axis=0),
        np.concatenate([np.zeros((30, 4)), rng.normal(size=(30, 4))]),
        rng.normal(size=(2, 4)),
    ]
    for divergence in ("monte-carlo", "variational", "matched"):
        model = GaussianMixtures(3, covariance, divergence, n_samples=50)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rows = model.fit_transform(odd)
            found = model.distance(rows, rows)
        assert np.isfinite(rows).all()
        assert np.isfinite(found).all()
        assert (found.diagonal() < 1e-3).all()
    weights = unpack(rows, 3, covariance).weights
    assert_allclose(weights.sum(axis=1), 1)


def test_rows_do_not_depend_on_each_other():
    rng = np.random.default_rng(0)
    frames = [rng.normal(size=(n, 3)) for n in (50, 5, 90)]
    model = clone(GaussianMixtures(2))
    assert_allclose(model.fit_transform(frames)[1:], model.transform(frames[1:]))


def test_bad_frames_and_parameters_are_said():
    model = GaussianMixtures(2)
    with pytest.raises(MethodError, match="shape"):
        model.transform([np.zeros(5)])
    with pytest.raises(MethodError, match="at least one"):
        model.transform([np.zeros((0, 5))])
    with pytest.raises(MethodError, match="NaN"):
        model.transform([np.full((4, 2), np.nan)])
    with pytest.raises(MethodError, match="choose from"):
        GaussianMixtures(divergence="kl").fit([])
