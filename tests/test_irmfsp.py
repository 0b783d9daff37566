"""IRMFSP against a twin written from the formula, and on constructions with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.feature_selection import f_classif
from sklearn.utils.estimator_checks import parametrize_with_checks

from baselines.peeters.irmfsp import IRMFSP, inertia_ratios
from mirbench.errors import MethodError


@parametrize_with_checks([IRMFSP(n_features=5)])
def test_is_a_scikit_learn_selector(estimator, check):
    check(estimator)


def slow_ratio(columns, y):
    """The formula of the paper, with traces for a vector feature, by loops."""
    between = total = 0.0
    for f in columns:
        mean = sum(f) / len(f)
        for k in set(y):
            own = [v for v, c in zip(f, y) if c == k]
            between += len(own) / len(f) * (sum(own) / len(own) - mean) ** 2
        total += sum((v - mean) ** 2 for v in f) / len(f)
    return between / total


def slow_irmfsp(X, y, n_features, ratio, groups):
    """One feature at a time; projection by least squares instead of an orthonormal basis."""
    features = {g: [X[:, j].copy() for j in np.flatnonzero(groups == g)] for g in np.unique(groups)}
    order, found = [], []
    while features and len(order) < n_features:
        ratios = {g: slow_ratio(columns, y) for g, columns in features.items()}
        best = max(ratios, key=lambda g: (ratios[g], -g))
        if found and ratios[best] < ratio * found[0]:
            break
        order.append(best)
        found.append(ratios[best])
        chosen = np.column_stack([np.ones(len(X)), *features.pop(best)])
        for columns in features.values():
            for f in columns:
                f -= chosen @ np.linalg.lstsq(chosen, f, rcond=None)[0]
    return order, found


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(12, 40),
    d=st.integers(1, 7),
    n_classes=st.integers(2, 4),
    n_groups=st.integers(1, 7),
    n_features=st.integers(1, 7),
    ratio=st.sampled_from([0.0, 0.01, 0.3]),
    offset=st.sampled_from([0.0, 50.0]),
    seed=st.integers(0, 10_000),
)
def test_takes_what_the_formula_takes(n, d, n_classes, n_groups, n_features, ratio, offset, seed):
    rng = np.random.default_rng(seed)
    y = np.r_[np.arange(n_classes), rng.integers(0, n_classes, n - n_classes)]
    X = rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + offset
    X += rng.normal(size=(n_classes, d))[y]
    groups = rng.integers(0, n_groups, d)
    model = IRMFSP(n_features, ratio, groups).fit(X, y)
    order, found = slow_irmfsp(X, y, n_features, ratio, groups)
    assert list(dict.fromkeys(groups[model.order_])) == order
    assert_allclose([dict(zip(groups[model.order_], model.ratios_))[g] for g in order], found)
    assert_array_equal(np.flatnonzero(model.get_support()), np.sort(model.order_))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_scale_and_shift_of_a_feature_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(60) % 3)
    X = rng.normal(size=(60, 8)) + rng.normal(size=(3, 8))[y]
    moved = X * 10.0 ** rng.integers(-3, 4, 8) + rng.normal(size=8)
    one, other = IRMFSP(4).fit(X, y), IRMFSP(4).fit(moved, y)
    assert_array_equal(one.order_, other.order_)
    assert_allclose(one.ratios_, other.ratios_, rtol=1e-6)


def test_first_ratio_is_eta_squared_of_the_analysis_of_variance():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 4, 100)
    X = rng.normal(size=(100, 6)) + rng.normal(size=(4, 6))[y]
    F, _ = f_classif(X, y)
    k = len(np.unique(y)) - 1
    expected = F * k / (F * k + 100 - k - 1)
    assert_allclose(inertia_ratios(X, y), expected)
    assert_allclose(IRMFSP(2).fit(X, y).scores_, expected)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_of_redundant_features_one_is_taken(dtype):
    rng = np.random.default_rng(1)
    y = np.arange(90) % 3
    a, b = y + rng.normal(size=90), (y == 1) + rng.normal(size=90)
    X = np.column_stack([a, 3 * a - 700, b, -a, a + 2 * b, np.full(90, 0.1)]).astype(dtype)
    model = IRMFSP(ratio=0.0).fit(X, y)
    assert len(model.order_) == 2  # a and b span the space
    assert 5 not in model.order_
    taken = np.linalg.matrix_rank(X[:, model.order_] - X[:, model.order_].mean(axis=0), tol=1e-2)
    assert taken == 2


def test_projection_finds_what_a_plain_ranking_leaves():
    """Three noisy copies of one good feature, and a weaker one about another pair of classes."""
    rng = np.random.default_rng(2)
    y = np.arange(300) % 3
    good = np.where(y == 0, 4.0, 0.0) + rng.normal(size=300)
    weak = np.where(y == 1, 1.5, 0.0) + rng.normal(size=300)
    X = np.column_stack([good + 0.01 * rng.normal(size=300) for _ in range(3)] + [weak])
    assert 3 not in np.argsort(-inertia_ratios(X, y))[:3]
    assert IRMFSP(2).fit(X, y).order_[1] == 3


def test_both_rules_stop():
    rng = np.random.default_rng(3)
    y = np.arange(2000) % 2
    X = rng.normal(size=(2000, 30))
    X[:, 7] += 4 * y
    assert_array_equal(IRMFSP(ratio=0.05).fit(X, y).order_, [7])
    assert len(IRMFSP(5, ratio=0.0).fit(X, y).order_) == 5


def test_classifier_gets_the_values_as_they_came():
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(50, 9)), np.arange(50) % 2
    model = IRMFSP(4, ratio=0.0).fit(X, y)
    assert_array_equal(model.transform(X), X[:, np.sort(model.order_)])


def test_constant_features_are_never_taken():
    X = np.full((20, 3), 0.1)
    model = IRMFSP().fit(X, np.arange(20) % 2)
    assert len(model.order_) == 0
    assert_array_equal(model.scores_, 0)


def test_one_class_is_a_clear_error():
    with pytest.raises(MethodError, match=r"two classes or more, got 1 class \(flute\)"):
        IRMFSP().fit(np.random.default_rng(0).normal(size=(5, 2)), np.array(["flute"] * 5))


def test_groups_must_cover_the_columns():
    with pytest.raises(MethodError, match="3 columns"):
        IRMFSP(groups=[0, 1]).fit(np.eye(3), [0, 1, 1])
