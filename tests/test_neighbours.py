"""Nearest neighbours in blocks against a sort of the whole matrix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mirbench.errors import MethodError
from mirbench.neighbours import distance_of, euclidean, nearest, pairwise


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 40), st.integers(1, 50), st.integers(0, 99), st.booleans())
def test_blocks_give_what_a_whole_sort_gives(n, k, seed, ties):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 3, (n, 2)).astype(float) if ties else rng.standard_normal((n, 4))
    whole = euclidean(rows, rows).astype(np.float32)
    expected = [[j for j in np.argsort(whole[i], kind="stable") if j != i][:k] for i in range(n)]
    for block_mb in (256, 1e-4):
        ids, distances = nearest(rows, euclidean, k, block_mb=block_mb)
        assert ids.tolist() == expected
        assert (distances == np.take_along_axis(whole, ids.astype(int), axis=1)).all()
        assert (pairwise(rows, rows, euclidean, block_mb) == whole).all()


def test_neighbours_are_scikit_learns():
    rows = np.random.default_rng(0).standard_normal((300, 5))
    found = NearestNeighbors(n_neighbors=8).fit(rows).kneighbors(return_distance=False)
    assert (nearest(rows, euclidean, 7)[0] == found[:, :7]).all()


def test_progress_counts_every_row():
    done = []
    nearest(np.zeros((50, 1)), euclidean, 3, block_mb=1e-3, advance=done.append)
    assert sum(done) == 50
    assert len(done) > 1


class Halved(StandardScaler):
    def distance(self, A, B):
        return euclidean(A, B) / 2


def test_the_distance_is_the_last_steps():
    own = make_pipeline(FunctionTransformer(), Halved())
    rows = np.arange(4.0)[:, None]
    assert (distance_of(own)(rows, rows) == euclidean(rows, rows) / 2).all()
    assert distance_of(make_pipeline(Halved(), StandardScaler())) is euclidean
    assert distance_of(GridSearchCV(own, {})) is euclidean  # not fitted: there is no best one yet


@pytest.mark.parametrize(
    ("distance", "message"),
    [
        (
            lambda A, B: np.full((len(A), len(B)), np.nan),
            "NaN, infinite or beyond single precision",
        ),
        (lambda A, B: np.zeros((len(B), 1)), "return one distance a pair"),
    ],
)
def test_what_is_no_distance_is_refused(distance, message):
    with pytest.raises(MethodError, match=message):
        nearest(np.zeros((3, 1)), distance, 2)


def test_near_distances_are_told_apart_before_they_are_rounded():
    rows = np.array([[0.0], [3.0], [2.0], [1.0]])

    def offset(A, B):
        return np.abs(A - B.T) + 1e9

    assert nearest(rows, offset, 3)[0][0].tolist() == [3, 2, 1]


def test_few_rows():
    for n in (0, 1):
        ids, distances = nearest(np.zeros((n, 2)), euclidean, 5)
        assert ids.shape == distances.shape == (n, 0)
