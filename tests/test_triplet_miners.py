"""Miners give valid triplets, by the laws they state."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep.similarity.miners import BINS, MINERS, bin_weights, mine
from mirbench.errors import MethodError
from mirbench.oracle import oracle_similarity, ranked_lists


def oracle(seed, n=14, n_tags=4, artists=None):
    """Few tags: many ties, some tracks without a tag."""
    rng = np.random.default_rng(seed)
    S = oracle_similarity(rng.random((n, n_tags)) < 0.4)
    groups = None if artists is None else rng.integers(0, artists, n).astype(str)
    return S, groups, ranked_lists(S, groups, [f"track {i}" for i in range(n)])


settings_of_a_miner = st.fixed_dictionaries(
    {
        "n_positives": st.integers(1, 20),
        "n_negatives": st.integers(1, 5),
        "per_anchor": st.none() | st.integers(1, 3),
        "negatives_from": st.integers(0, 6),
        "strict": st.booleans(),
    }
)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 20),
    st.none() | st.integers(1, 5),
    st.sampled_from(sorted(MINERS)),
    settings_of_a_miner,
)
def test_every_triplet_is_valid(seed, n, artists, strategy, how):
    S, groups, lists = oracle(seed, n, artists=artists)
    triplets = mine(lists, S, strategy, np.random.default_rng(seed), **how)
    assert triplets.shape[1] == 3
    assert len(np.unique(triplets, axis=0)) == len(triplets)
    for a, p, k in triplets:
        assert len({a, p, k}) == 3
        assert 0 <= min(a, p, k) <= max(a, p, k) < n  # of the one set that was given
        rank_p, rank_n = (int(np.flatnonzero(lists[a] == x)[0]) for x in (p, k))
        assert rank_p < rank_n
        assert rank_p < how["n_positives"]
        assert rank_n >= how["negatives_from"]
        assert S[a, p] >= S[a, k] - 1e-9
        if how["strict"]:
            assert S[a, p] > S[a, k]
        if groups is not None:
            assert groups[a] not in (groups[p], groups[k])
    pairs, count = np.unique(triplets[:, :2], axis=0, return_counts=True)
    assert (count <= how["n_negatives"]).all()
    if how["per_anchor"] and len(pairs):
        assert np.unique(pairs[:, 0], return_counts=True)[1].max() <= how["per_anchor"]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(MINERS)), st.booleans())
def test_no_pair_that_has_a_negative_is_left_out(seed, strategy, strict):
    S, _, lists = oracle(seed)
    rng = np.random.default_rng(seed)
    found = {(a, p) for a, p, _ in mine(lists, S, strategy, rng, n_positives=3, strict=strict)}
    wanted = {
        (a, ranked[i])
        for a, ranked in enumerate(lists)
        for i in range(3)
        if any(round(S[a, x], 9) < round(S[a, ranked[i]], 9) or not strict for x in ranked[i + 1 :])
    }
    assert found == wanted


@pytest.mark.parametrize("strategy", MINERS)
def test_a_seed_repeats(strategy):
    S, _, lists = oracle(1)
    first, again, other = (
        mine(lists, S, strategy, np.random.default_rng(seed), per_anchor=1) for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def line(values):
    """One anchor, track 0, to which the others are similar as told."""
    S = np.zeros((len(values) + 1, len(values) + 1))
    S[0, 1:] = values
    return [np.arange(1, len(values) + 1)] + [np.zeros(0, int)] * len(values), S


def test_neighbors_are_the_ranks_right_after():
    lists, S = line([0.9, 0.8, 0.7, 0.7, 0.5])
    rng = np.random.default_rng(0)
    triplets = mine(lists, S, "neighbors", rng, n_positives=3, n_negatives=2)
    assert triplets.tolist() == [[0, 1, 2], [0, 1, 3], [0, 2, 3], [0, 2, 4], [0, 3, 5]]
    to_the_letter = mine(lists, S, "neighbors", rng, n_positives=3, n_negatives=1, strict=False)
    assert to_the_letter.tolist() == [[0, 1, 2], [0, 2, 3], [0, 3, 4]]


def frequencies(strategy, values, draws=4000):
    lists, S = line(values)
    rng = np.random.default_rng(0)
    count = np.zeros(len(values) + 1)
    for _ in range(draws):
        count[mine(lists, S, strategy, rng, n_positives=1)[:, 2]] += 1
    return count[2:] / draws


def test_random_is_uniform_over_the_ranks_after():
    found = frequencies("random", [1.0, 0.9, 0.5, 0.1, 0.0])
    np.testing.assert_allclose(found, 0.25, atol=0.03)


def test_distance_is_uniform_over_intervals_of_similarity():
    values = [1.0, 0.9, 0.88, 0.5, 0.04, 0.03, 0.02, 0.01, 0.0]
    wanted = [1 / 6, 1 / 6, 1 / 3, *[1 / 15] * 5]  # three of ten intervals hold a track
    np.testing.assert_allclose(frequencies("distance", values), wanted, atol=0.03)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_weights_of_intervals_are_equal(values):
    values = np.array(values)
    weights = bin_weights(values)
    assert weights.sum() == pytest.approx(1)
    assert (weights > 0).all()
    edges = np.linspace(values.min(), values.max(), BINS + 1)[1:-1]
    if np.ptp(values) > 1e-6 and np.abs(values[:, None] - edges).min() > 1e-9:
        inside = [weights[np.digitize(values, edges) == b].sum() for b in range(BINS)]
        held = [total for total in inside if total]
        np.testing.assert_allclose(held, 1 / len(held))


def test_labels_are_an_oracle_too():
    y = np.array([0, 0, 0, 1, 1, 2])
    S = (y[:, None] == y).astype(float)
    triplets = mine(ranked_lists(S), S, "random", np.random.default_rng(0), n_negatives=9)
    a, p, k = triplets.T
    assert (y[a] == y[p]).all()
    assert (y[a] != y[k]).all()
    assert len(triplets) == 6 * 3 + 2 * 4  # ordered pairs of one label, times tracks of another


def test_unknown_strategy_is_one_clear_error():
    with pytest.raises(MethodError, match="neighbors, random, distance"):
        mine([], np.zeros((0, 0)), "magic", np.random.default_rng(0))
