"""Checked plays, and the factorisation against its definition."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_plays import FACTORS, half, long, loss, tiny_plays
from scipy import sparse

from mirbench.errors import DataError, MethodError
from mirbench.recommendation import wmf
from mirbench.recommendation.plays import play_matrix


@pytest.fixture
def plays():
    return tiny_plays()


# --- plays -----------------------------------------------------------------------------------


def test_a_long_table_becomes_a_matrix():
    found = play_matrix(long(("b", "y", 2), ("a", "x", 1), ("b", "x", 5)))
    assert (found.users, found.tracks) == (("a", "b"), ("x", "y"))
    assert found.counts.toarray().tolist() == [[1, 0], [5, 2]]
    assert found.of(["y", "x"]).toarray().tolist() == [[0, 1], [2, 5]]


@pytest.mark.parametrize(
    ("rows_", "asked", "said"),
    [
        ([("a", "x", 1), ("a", "x", 2)], {}, "a and x stand in two rows; add"),
        ([("a", "x", -1)], {}, "count of a and x is -1; .* mend"),
        ([("a", "x", 1.5)], {}, r"count of a and x is 1.5"),
        ([("a", "x", np.nan)], {}, "count of a and x is nan"),
        ([("a", "x", 1), ("b", "x", 0)], {}, "user b has no plays"),
        ([("a", "x", 1), ("a", "y", 0)], {}, "nobody played track y"),
        ([("a", "x", 1)], {"users": ["a", "c"]}, "user c has no plays"),
        ([("a", "x", 1)], {"tracks": ["x", "z"]}, "nobody played track z"),
        ([("a", "x", 1)], {"tracks": ["z"]}, "track x is not one of those"),
        ([("a", None, 1)], {}, "row 0 has no user or no track"),
        ([], {}, "holds no play"),
    ],
)
def test_what_is_wrong_with_plays_is_said_in_one_sentence(rows_, asked, said):
    with pytest.raises(DataError, match=f"^plays.csv: .*{said}"):
        play_matrix(long(*rows_), source="plays.csv", **asked)


def test_a_table_without_counts_is_refused():
    with pytest.raises(DataError, match="no column 'count'"):
        play_matrix(pd.DataFrame({"user": ["a"], "track": ["x"]}))


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(1, 9), min_size=1)
)
def test_a_matrix_holds_what_the_table_holds(counts):
    found = play_matrix(long(*[(f"u{u}", f"t{t}", n) for (u, t), n in counts.items()]))
    back = {
        (int(found.users[u][1:]), int(found.tracks[t][1:])): n
        for u, t, n in zip(*sparse.find(found.counts)[:2], sparse.find(found.counts)[2])
    }
    assert back == counts


# --- factorisation ---------------------------------------------------------------------------


def dense_als(counts, items, sweeps):
    for _ in range(sweeps):
        users = half(counts, items)
        items = half(counts.T, users)
    return users, items


def start(n_users, n_items, seed):
    """Items that the library starts from; it draws the users first."""
    rng = np.random.default_rng(seed)
    rng.random((n_users, FACTORS))
    return rng.random((n_items, FACTORS)) * 0.01


@pytest.mark.parametrize("sweeps", [1, 5, 25])
def test_the_library_solves_the_normal_equations_of_the_definition(plays, sweeps):
    pytest.importorskip("implicit")
    users, items = wmf.factorise(plays.counts, FACTORS, sweeps=sweeps, random_state=3)
    dense = plays.counts.toarray()
    other = dense_als(dense, start(*dense.shape, 3), sweeps)
    np.testing.assert_allclose(users @ items.T, other[0] @ other[1].T, atol=2e-5)


def test_factorising_is_the_same_at_each_run_and_leaves_the_global_seed_alone(plays):
    pytest.importorskip("implicit")
    np.random.seed(7)  # noqa: NPY002
    first, again = (wmf.factorise(plays.counts, FACTORS, random_state=1) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, again))
    drawn = np.random.random()  # noqa: NPY002
    assert drawn == np.random.RandomState(7).random_sample()


def test_factors_lie_on_the_items_principal_axes(plays):
    pytest.importorskip("implicit")
    _, items = wmf.factorise(plays.counts, FACTORS)
    gram = items.T @ items
    assert np.abs(gram - np.diag(np.diag(gram))).max() < 1e-9 * gram.max()
    assert (np.diff(np.diag(gram)) < 0).all()
    assert (items[np.abs(items).argmax(axis=0), range(FACTORS)] > 0).all()


def test_one_play_weighs_what_the_paper_says_and_none_weighs_one():
    found = wmf.confidence(sparse.csr_array(np.array([[0.0, 1.0, 100.0]])))
    assert found.toarray()[0] == pytest.approx(
        [0, 1 + 2 * np.log(1e6 + 1), 1 + 2 * np.log(1e8 + 1)]
    )


def test_a_half_step_finds_the_least_loss(plays):
    """No nearby factors have a smaller loss than those of a half-step."""
    rng = np.random.default_rng(0)
    fixed, dense = rng.standard_normal((plays.counts.shape[1], FACTORS)), plays.counts.toarray()
    found = wmf.half_step(plays.counts, fixed)
    least = loss(dense, found, fixed)
    for _ in range(20):
        assert loss(dense, found + 1e-3 * rng.standard_normal(found.shape), fixed) > least


def test_cold_tracks_land_where_factorised_ones_are(plays):
    """The library's last half-sweep is one half-step: for its own tracks both give the same factors."""
    pytest.importorskip("implicit")
    users, items = wmf.factorise(plays.counts, FACTORS)
    found = wmf.half_step(sparse.csr_array(plays.counts.T), users)
    np.testing.assert_allclose(found, items, atol=1e-5)


def test_too_many_factors_are_refused(plays):
    with pytest.raises(MethodError, match=r"n_factors=99 .* fewer"):
        wmf.factorise(plays.counts, 99)
