"""Front ends, G1C and the methods of bag-of-frames similarity."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import kstest
from sklearn.base import clone

from baselines.similarity import methods
from baselines.similarity.chance import RandomOrder
from baselines.similarity.g1c import G1C
from baselines.similarity.gaussian import flat, gaussians, symmetric_kl
from baselines.similarity.mfcc import (
    aucouturier_pachet,
    central,
    logan_salomon,
    mandel_ellis,
    statistics,
)
from baselines.similarity.patterns import bass, fluctuation_pattern, g1c_features, gravity
from mirbench.items import Item, as_items
from mirbench.neighbours import distance_of, nearest, pairwise
from mirbench.testing import check_method

SR = 22_050


def odd_signals():
    rng = np.random.default_rng(0)
    return {
        "silence": np.zeros(SR),
        "one sample": np.ones(1),
        "constant": np.full(SR, 0.5),
        "short": rng.normal(size=300),
        "clipped": np.clip(10 * rng.normal(size=SR), -1, 1),
        "repeated": np.tile(np.sin(np.arange(512) * 2 * np.pi / 32), 60),
    }


@pytest.mark.parametrize("name", odd_signals())
def test_front_ends_are_finite_on_odd_signals(name):
    signal = odd_signals()[name].astype(np.float32)
    for front_end, d in ((aucouturier_pachet, 8), (mandel_ellis, 20), (logan_salomon, 19)):
        frames = front_end(signal, SR)
        assert len(frames) >= 1
        assert frames.shape[1] == d
        assert np.isfinite(frames).all()
    assert np.isfinite(statistics(signal, SR)).all()
    assert np.isfinite(g1c_features(signal, SR)).all()


def test_front_ends_count_frames():
    signal = np.random.default_rng(0).normal(size=SR * 2).astype(np.float32)
    assert len(aucouturier_pachet(signal, SR)) == 1 + (2 * SR - 1102) // 551
    assert len(mandel_ellis(signal, SR)) == 1 + (2 * SR - 1024) // 512
    assert len(logan_salomon(signal, SR)) == 1 + (2 * SR - 551) // 551
    assert mandel_ellis(signal, SR, n_mfcc=25).shape[1] == 25


def test_the_central_part_is_in_the_middle():
    signal = np.arange(10.0)
    assert_array_equal(central(signal, 1, 4.0), [3, 4, 5, 6])
    assert_array_equal(central(signal, 1, 40.0), signal)
    assert_array_equal(central(signal, 1, None), signal)


def test_a_fluctuation_peaks_at_its_rate_and_band():
    rate = SR / 256
    t = np.arange(2000) / rate
    for hertz, band in ((2.0, 0), (6.0, 35)):
        decibels = np.zeros((2000, 36))
        decibels[:, band] = 30 + 20 * np.sin(2 * np.pi * hertz * t)
        pattern = fluctuation_pattern(decibels, rate)
        low, peak = np.unravel_index(pattern.argmax(), pattern.shape)
        assert low == (0 if band == 0 else 11)
        assert abs((peak + 1) * rate / 256 - hertz) < 0.7
        assert pattern.shape == (12, 30)
    slow = np.zeros((12, 30))
    slow[0, 3] = 1.0
    assert gravity(slow) == 4
    assert bass(slow) == 1
    assert gravity(np.zeros((12, 30))) == 15.5


def g1c_rows(n=12, seed=0):
    rng = np.random.default_rng(seed)
    mixing = np.eye(3) + 0.4 * rng.standard_normal((n, 3, 3))
    timbre = flat(2 * rng.standard_normal((n, 3)), mixing @ np.swapaxes(mixing, 1, 2))
    return np.hstack([timbre, rng.gamma(2, size=(n, 362))])


def test_g1c_is_the_weighted_sum_of_standardised_distances():
    rows = g1c_rows()
    model = clone(G1C(n_mfcc=3)).fit(rows)
    found = model.distance(rows, rows)
    made = gaussians(rows[:, :9])
    parts = [
        -np.exp(-symmetric_kl(made, made) / 450),
        np.linalg.norm(rows[:, None, 9:-2] - rows[None, :, 9:-2], axis=-1),
        np.abs(rows[:, None, -2] - rows[None, :, -2]),
        np.abs(rows[:, None, -1] - rows[None, :, -1]),
    ]
    above = np.triu_indices(12, 1)
    expected = sum(
        w * (part - part[above].mean()) / part[above].std()
        for w, part in zip((0.7, 0.1, 0.1, 0.1), parts)
    )
    assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    parts = clone(model).set_params(block_mb=0.001).fit(rows).distance(rows, rows)
    assert_allclose(parts, found, rtol=1e-6, atol=1e-8)


def test_g1c_takes_a_seeded_sample_of_pairs_and_one_row():
    rows = g1c_rows(60)
    one, two = (G1C(n_mfcc=3, n_pairs=50).fit(rows).scale_ for _ in range(2))
    assert_array_equal(one, two)
    other = G1C(n_mfcc=3, n_pairs=50, random_state=1).fit(rows).scale_
    assert abs(one - other).max() > 0
    single = G1C(n_mfcc=3).fit(rows[:1])
    assert np.isfinite(single.distance(rows, rows)).all()


def sounds():
    """Three kinds of sound, four of each."""
    rng = np.random.default_rng(0)
    t = np.arange(3 * SR) / SR
    made = []
    for kind in range(3):
        for _ in range(4):
            noise = rng.standard_normal(len(t))
            if kind == 0:
                made.append(0.1 * noise)
            elif kind == 1:
                made.append(0.1 * np.sin(2 * np.pi * rng.uniform(200, 260) * t) + 0.002 * noise)
            else:
                made.append(0.1 * noise * (np.sin(2 * np.pi * 5 * t) > 0) + 0.001 * noise)
    return as_items([Item.from_array(signal, SR) for signal in made])


BAG_OF_FRAMES = (
    methods.gmm_2002,
    methods.gmm_2002_mp,
    methods.gaussian,
    methods.gaussian_mp,
    methods.gaussian_js,
    methods.gaussian_js_mp,
    methods.g1c,
    methods.mfcc_stats,
)


@pytest.mark.parametrize("method", BAG_OF_FRAMES, ids=lambda method: method.__name__)
def test_methods_find_the_same_kind_of_sound(method):
    X = sounds()
    model = method().fit(X, np.full(len(X), -1))
    rows = model.transform(X)
    found = pairwise(rows, rows, distance_of(model))
    np.fill_diagonal(found, np.inf)
    kind = np.arange(12) // 4
    assert np.mean(kind[found.argmin(axis=1)] == kind) >= 11 / 12
    assert method.__doc__
    assert method.family in ("hand-crafted", "baseline")


def test_2004_has_more_of_everything():
    X = sounds()[::4]
    model = methods.gmm_2004(n_components=6, n_samples=100)
    rows = model.fit_transform(X)
    assert rows.shape == (3, 6 * (1 + 2 * 20))
    assert methods.gmm_2004().get_params()["gaussianmixtures__n_components"] == 50
    assert methods.gmm_2004().get_params()["gaussianmixtures__n_samples"] == 2000


def test_random_order_depends_on_the_sounds_alone():
    X = sounds()
    model = methods.random_order().fit(X)
    rows = model.transform(X)
    assert_array_equal(methods.random_order().transform(X[5:6])[0], rows[5])
    assert len(np.unique(rows)) == len(X)
    assert abs(methods.random_order(1).transform(X) - rows).min() > 0
    found = distance_of(model)(rows, rows)
    assert_array_equal(found, found.T)


def test_random_orders_have_no_favourites():
    rows = np.random.default_rng(0).uniform(0.5, 1, (400, 1))
    found = RandomOrder().distance(rows, rows)
    assert kstest(found[np.triu_indices(400, 1)], "uniform").pvalue > 0.01
    ids, _ = nearest(rows, RandomOrder().distance, 5)
    counts = np.bincount(ids.ravel(), minlength=400)
    assert_allclose(counts.var(), 5, rtol=0.25)  # independent draws are binomial


LIGHT = (
    *(methods.random_order, methods.mfcc_stats, methods.gaussian, methods.gaussian_mp),
    *(methods.gaussian_js, methods.gaussian_js_mp, methods.gmm_2002, methods.gmm_2002_mp),
    *(methods.earth_mover, methods.g1c),
)


@pytest.mark.slow
@pytest.mark.parametrize("function", LIGHT, ids=lambda f: f.__name__)
def test_methods_keep_the_contract(function):
    failed = [check for check in check_method(function, "same-artist") if not check.passed]
    assert not failed


def test_mixtures_of_many_components_keep_the_contract():
    def small(random_state=0):
        """The method of 2004 with fewer components and samples."""
        return methods.gmm_2004(n_components=5, n_samples=200, random_state=random_state)

    assert all(check.passed for check in check_method(small, "same-artist"))
