"""Filter-and-refine: the embedding by landmarks, the index, recall against brute force."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.decomposition import PCA

from baselines.similarity.gaussian import SingleGaussian, flat, skl_forms
from baselines.similarity.search import FilterRefine, LandmarkEmbedding
from mirbench.errors import MethodError
from mirbench.neighbours import euclidean, first


def catalogue(n=3000, d=5, seed=0):
    """Rows of Gaussians around artists' centres."""
    rng = np.random.default_rng(seed)
    artist = rng.integers(n // 15, size=n)
    means = (rng.normal(size=(n // 15, d)) * 8)[artist] + 3 * rng.normal(size=(n, d))
    mixing = 5 * np.eye(d) + (rng.normal(size=(n // 15, d, d)))[artist]
    mixing += 0.5 * rng.normal(size=(n, d, d))
    return flat(means, mixing @ np.swapaxes(mixing, 1, 2))


def brute(rows, queries, k):
    return np.stack([first(row, k) for row in SingleGaussian().distance(queries, rows)])


def recall(found, true):
    return np.mean([len(np.intersect1d(a, b)) / len(b) for a, b in zip(found, true)])


def test_points_keep_the_distances_of_a_flat_space():
    """Distances ``exp(r) - 1`` with r Euclidean are undone to the last bit but rounding."""
    X = np.random.default_rng(0).normal(size=(200, 4))

    def stretched(A, B):
        return np.expm1(cdist(A, B))

    model = clone(LandmarkEmbedding(stretched, n_landmarks=30, n_dims=8)).fit(X)
    points = model.transform(X)
    assert points.shape == (200, 4)
    assert points.dtype == np.float32
    assert_allclose(cdist(points, points), cdist(X, X), atol=1e-4)


def test_landmarks_are_seeded():
    X = np.random.default_rng(0).normal(size=(200, 4))
    one, two, other = (
        LandmarkEmbedding(n_landmarks=20, random_state=seed).fit(X).landmarks_ for seed in (0, 0, 1)
    )
    assert_array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("forms", [None, skl_forms])
def test_recall_of_the_neighbours_by_brute_force(forms):
    pytest.importorskip("faiss")
    rows = catalogue()
    queries = rows[::30]
    search = FilterRefine(SingleGaussian().distance, forms=forms, n_candidates=150, probed=0.3)
    ids, distances = clone(search).fit(rows).query(queries, 20)
    assert recall(ids, brute(rows, queries, 20)) >= 0.95
    assert_array_equal(ids[:, 0], np.arange(0, 3000, 30))
    assert (np.diff(distances, axis=1) >= 0).all()
    exact = SingleGaussian().distance(queries, rows)
    assert_allclose(distances, np.take_along_axis(exact, ids, 1), rtol=1e-6, atol=1e-6)


def test_all_candidates_and_all_cells_are_brute_force():
    pytest.importorskip("faiss")
    rows = catalogue(300)
    search = FilterRefine(SingleGaussian().distance, n_candidates=300, probed=1.0, block=64)
    ids, _ = search.fit(rows).query(rows[:20], 10)
    assert_array_equal(ids, brute(rows, rows[:20], 10))


def test_more_candidates_find_more():
    pytest.importorskip("faiss")
    rows = catalogue()
    true = brute(rows, rows[::30], 20)
    search = FilterRefine(SingleGaussian().distance, forms=skl_forms, probed=0.5)
    found = [
        recall(search.set_params(n_candidates=n).fit(rows).query(rows[::30], 20)[0], true)
        for n in (20, 200)
    ]
    assert found[0] < found[1]


def test_another_embedding_and_a_plain_distance():
    pytest.importorskip("faiss")
    X = np.random.default_rng(0).normal(size=(500, 6))
    search = FilterRefine(euclidean, PCA(6, random_state=0), n_candidates=50, probed=1.0)
    ids, _ = search.fit(X).query(X[:5], 4)
    exact = np.argsort(cdist(X[:5], X), axis=1)[:, :4]
    assert_array_equal(ids, exact)


def test_tiny_catalogues():
    pytest.importorskip("faiss")
    rows = catalogue(30)[:3]
    ids, distances = FilterRefine(SingleGaussian().distance).fit(rows).query(rows, 5)
    assert ids.shape == (3, 3)
    assert_array_equal(np.sort(ids, axis=1), np.tile(np.arange(3), (3, 1)))
    assert np.isfinite(distances).all()


def test_a_catalogue_of_duplicates():
    pytest.importorskip("faiss")
    rows = np.repeat(catalogue(30)[:1], 60, axis=0)
    ids, distances = FilterRefine(SingleGaussian().distance).fit(rows).query(rows[:4], 5)
    assert (ids >= 0).all()
    assert_allclose(distances, 0, atol=1e-6)


def test_without_faiss_one_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MethodError, match="pip install"):
        FilterRefine().fit(np.zeros((3, 2)))
