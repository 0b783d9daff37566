"""The k-d partition against a slow twin that is written another way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier

from baselines.scheirer_slaney.classifiers import KDPartition


def slow_shares(X: np.ndarray, codes: np.ndarray, query: np.ndarray, leaf_size: int) -> np.ndarray:
    """Recursion on the points themselves, one query at a time: no tree is kept."""
    if len(X) <= leaf_size or len(np.unique(X, axis=0)) == 1:
        return np.bincount(codes, minlength=2) / len(codes)
    varied = [j for j in range(X.shape[1]) if len(np.unique(X[:, j])) > 1]
    axis = max(varied, key=lambda j: X[:, j].var())
    values = sorted(X[:, axis])
    cut = values[(len(values) - 1) // 2]
    if cut == values[-1]:
        cut = max(v for v in values if v < cut)
    side = X[:, axis] <= cut
    if query[axis] > cut:
        side = ~side
    return slow_shares(X[side], codes[side], query, leaf_size)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(2, 80),
    d=st.integers(1, 4),
    leaf_size=st.integers(1, 20),
    seed=st.integers(0, 1000),
    coarse=st.booleans(),
)
def test_same_votes_as_the_slow_twin(
    n: int, d: int, leaf_size: int, seed: int, coarse: bool
) -> None:
    rng = np.random.default_rng(seed)
    X, queries = rng.normal(size=(n, d)), rng.normal(size=(20, d))
    if coarse:  # ties in plenty
        scales = np.array([1.0, 1.3, 1.7, 2.1])[:d]  # but no two axes of equal variance
        X, queries = np.round(X) * scales, np.round(queries) * scales
    codes = np.r_[0, 1, rng.integers(0, 2, n - 2)]
    model = KDPartition(leaf_size).fit(X, codes)
    expected = [slow_shares(X, codes, query, leaf_size) for query in queries]
    assert_allclose(model.predict_proba(queries), expected)


def test_leaves_hold_what_they_may() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(1000, 3)), rng.integers(0, 2, 1000)
    model = KDPartition(leaf_size=32).fit(X, y)
    sizes = np.bincount(model.apply(X))
    assert sizes.max() <= 32
    assert sizes[sizes > 0].min() >= 15  # medians halve: 1000 -> ... -> 31 or 32 -> no further


def test_labels_of_any_kind() -> None:
    X = np.array([[0.0], [1.0], [10.0], [11.0]])
    model = KDPartition(leaf_size=2).fit(X, np.array(["music", "music", "speech", "speech"]))
    assert_array_equal(model.predict([[0.4], [12.0]]), ["music", "speech"])


def test_identical_points_make_one_leaf() -> None:
    model = KDPartition(leaf_size=1).fit(np.ones((5, 2)), [0, 0, 1, 0, 0])
    assert_allclose(model.predict_proba([[3.0, -1.0]]), [[0.8, 0.2]])


def test_close_to_nearest_neighbours() -> None:
    """An approximate k-NN, as the paper says: nearly as good on two clouds."""
    rng = np.random.default_rng(1)
    X = np.concatenate([rng.normal(0, 1, (2000, 3)), rng.normal(2, 1, (2000, 3))])
    y = np.repeat([0, 1], 2000)
    order = rng.permutation(4000)
    train, test = order[:3000], order[3000:]
    partition = KDPartition(32).fit(X[train], y[train]).score(X[test], y[test])
    neighbours = KNeighborsClassifier(15).fit(X[train], y[train]).score(X[test], y[test])
    assert partition > neighbours - 0.03


def test_cloning_and_bad_input() -> None:
    assert clone(KDPartition(7)).leaf_size == 7
    with pytest.raises(ValueError, match="NaN"):
        KDPartition().fit([[np.nan], [1.0]], [0, 1])
