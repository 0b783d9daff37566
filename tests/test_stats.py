"""Intervals by simulation, tests against scipy and statsmodels, ranks on constructed cases."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from mirbench.metrics import ratio
from mirbench.stats import (
    friedman,
    grouped_interval,
    heavy_tailed_freedom,
    holm,
    letter_display,
    linearised_error,
    mcnemar_exact,
    rank_groups,
    ranks_from_p_values,
    sign_flip_test,
    sum_by_group,
)


def share(counts):
    return ratio(counts[..., 0], counts[..., 1])


def draw(rng, n_groups, mean, n_items=10, correlation=0.3):
    """Beta-binomial items: counts (n, 2) of (hit, 1) and the group of each."""
    spread = (1 - correlation) / correlation
    rates = rng.beta(mean * spread, (1 - mean) * spread, n_groups)
    hits = rng.binomial(1, np.repeat(rates, n_items))
    groups = np.repeat([f"g{i:03}" for i in range(n_groups)], n_items)
    return np.stack([hits, np.ones(len(hits))], axis=1), groups


def coverage(n_groups, by_group=True, n_draws=500, mean=0.8):
    rng = np.random.default_rng(1)
    covered = 0
    for seed in range(n_draws):
        counts, groups = draw(rng, n_groups, mean)
        unit = groups if by_group else np.arange(len(groups))
        found = grouped_interval(counts, unit, share, limits=(0, 1), n_boot=1000, random_state=seed)
        covered += found.lo <= mean <= found.hi
    return covered / n_draws


@pytest.mark.parametrize("n_groups", [15, 40, 80])
def test_grouped_intervals_cover_95_percent(n_groups):
    assert coverage(n_groups) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(("n_groups", "method"), [(8, "t"), (60, "bootstrap")])
def test_an_interval_of_a_mean_is_as_wide_as_students(n_groups, method):
    values = np.random.default_rng(0).normal(size=n_groups)
    counts = np.stack([values, np.ones(n_groups)], axis=1)
    found = grouped_interval(counts, np.arange(n_groups), share, n_boot=20_000)
    half = scipy_stats.t.ppf(0.975, n_groups - 1) * scipy_stats.sem(values)
    assert found.method == method
    assert found.hi - found.lo == pytest.approx(2 * half, rel=0.03)


def test_itemwise_intervals_cover_far_less():
    assert coverage(40, by_group=False, n_draws=100) < 0.80


def test_stratified_intervals_cover_where_a_class_has_few_groups():
    """80 speakers and 14 artists, as in a real corpus: classes are strata."""
    rng = np.random.default_rng(2)
    means, sizes = (0.1, 0.3), (80, 14)
    truth = np.average(means, weights=sizes)
    covered = 0
    for _ in range(1000):
        parts = [draw(rng, n, mean) for n, mean in zip(sizes, means)]
        counts = np.concatenate([p[0] for p in parts])
        groups = np.concatenate([np.char.add(c, p[1]) for c, p in zip("sm", parts)])
        classes = np.repeat(["speech", "music"], [len(p[1]) for p in parts])
        found = grouped_interval(counts, groups, share, classes=classes, limits=(0, 1))
        covered += found.lo <= truth <= found.hi
        assert found.method == "t"
        assert found.few_groups
    assert covered / 1000 == pytest.approx(0.95, abs=0.02)


def test_regimes_by_number_of_groups():
    rng = np.random.default_rng(0)
    for n, method in ((7, "none"), (8, "t"), (29, "t"), (30, "bootstrap")):
        counts, groups = draw(rng, n, 0.5)
        found = grouped_interval(counts, groups, share, limits=(0, 1))
        assert (found.method, found.n_groups, found.few_groups) == (method, n, n < 30)
        assert bool(found.group_values) == (n < 8)
        assert np.isnan(found.lo) == (method == "none")
        if n >= 8:
            assert 0 <= found.lo < found.value < found.hi <= 1


def test_no_interval_where_all_groups_are_alike():
    counts = np.tile([0.0, 1.0], (40, 1))
    found = grouped_interval(counts, np.arange(40), share)
    assert (found.value, found.method) == (0.0, "none")
    assert np.isnan(found.lo)


def test_bootstrap_agrees_with_a_plain_loop():
    counts, groups = draw(np.random.default_rng(3), 60, 0.6)
    found = grouped_interval(counts, groups, share, n_boot=4000)
    sums = np.array([counts[groups == g].sum(axis=0) for g in np.unique(groups)])
    rng = np.random.default_rng(9)
    draws = [share(sums[rng.integers(0, 60, 60)].sum(axis=0)) for _ in range(4000)]
    lo, hi = np.quantile(draws, [0.025, 0.975])
    # expanded percentiles are a little wider: sqrt(60 / 59) and t for z
    assert found.lo == pytest.approx(lo, abs=0.015)
    assert found.hi == pytest.approx(hi, abs=0.015)
    assert found.hi - found.lo > 0.98 * (hi - lo)


def test_linearised_error_of_a_mean_is_the_textbook_one():
    x = np.random.default_rng(0).normal(size=12)
    grouped = sum_by_group(np.stack([x, np.ones(12)], axis=1), np.arange(12))
    se, freedom = linearised_error(grouped, share)
    assert se == pytest.approx(x.std(ddof=1) / np.sqrt(12))
    assert freedom == pytest.approx(11)


def test_freedom_is_the_ordinary_one_of_normal_values_and_small_where_few_groups_err():
    x = np.random.default_rng(0).normal(size=20_000)
    many = sum_by_group(np.stack([x, np.ones(len(x))], axis=1), np.arange(len(x)))
    assert heavy_tailed_freedom(many, share) == pytest.approx(len(x) - 1, rel=0.05)
    errors = np.zeros(60)
    errors[:2] = 1
    rare = sum_by_group(np.stack([errors, np.ones(60)], axis=1), np.arange(60))
    # influences 58/60 twice and -2/60 else: kurtosis (1 - 3 p q) / (p q) with p = 1/30
    p = 1 / 30
    kurtosis = (1 - 3 * p * (1 - p)) / (p * (1 - p))
    expected = 2 * 60 / (kurtosis - 57 / 59)
    assert heavy_tailed_freedom(rare, share) == pytest.approx(expected)
    found = grouped_interval(np.stack([errors, np.ones(60)], axis=1), np.arange(60), share)
    assert (found.method, found.few_groups) == ("t", False)


@pytest.mark.parametrize(("mean", "n_groups"), [(0.95, 40), (0.95, 80), (0.98, 80)])
def test_intervals_of_rare_errors_cover_too(mean, n_groups):
    assert coverage(n_groups, mean=mean, n_draws=1000) == pytest.approx(0.95, abs=0.03)


def test_satterthwaite_agrees_with_welch():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 9), rng.normal(0, 3, 14)
    zeros = np.zeros
    counts = np.concatenate(
        [
            np.stack([a, np.ones(9), zeros(9), zeros(9)], axis=1),
            np.stack([zeros(14), zeros(14), b, np.ones(14)], axis=1),
        ]
    )
    grouped = sum_by_group(counts, np.arange(23), np.repeat(["a", "b"], [9, 14]))
    se, freedom = linearised_error(
        grouped, lambda c: ratio(c[..., 0], c[..., 1]) - ratio(c[..., 2], c[..., 3])
    )
    welch = scipy_stats.ttest_ind(a, b, equal_var=False)
    assert freedom == pytest.approx(welch.df)
    assert (a.mean() - b.mean()) / se == pytest.approx(welch.statistic)


def test_seeds_are_averaged_and_never_counted_as_items():
    counts, groups = draw(np.random.default_rng(0), 40, 0.7)
    one = grouped_interval(counts, groups, share)
    three = grouped_interval(np.stack([counts] * 3), groups, share)
    assert three == one


def test_groups_of_one_class_are_strata():
    groups = np.array(["s1", "s2", "s3", "m1", "m2", "both"])
    classes = np.array(["speech"] * 3 + ["music"] * 2 + ["music"])
    grouped = sum_by_group(np.ones((6, 1)), groups, classes)
    by_name = dict(zip(grouped.names, grouped.strata))
    assert by_name["s1"] == by_name["s2"] == by_name["s3"]
    assert by_name["m1"] == by_name["m2"] != by_name["s1"]
    lone = sum_by_group(np.ones((5, 1)), groups[:5][[0, 1, 2, 3, 3]], classes[[0, 1, 2, 3, 3]])
    assert set(lone.strata) == {0}, "a stratum of one group joins the next smallest"


def test_bootstrap_never_loses_a_class():
    """Two classes in groups of their own: without strata a rare class would go missing."""
    counts = np.zeros((60, 4))
    counts[:30, 1], counts[30:, 3] = 1, 1
    counts[:30:2, 0], counts[30::3, 2] = 1, 1

    def balanced(c):
        assert np.all(c[..., [1, 3]] > 0)
        return (ratio(c[..., 0], c[..., 1]) + ratio(c[..., 2], c[..., 3])) / 2

    found = grouped_interval(counts, np.arange(60), balanced, classes=["a"] * 30 + ["b"] * 30)
    assert found.method == "bootstrap"


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="3 rows of counts for 2 groups"):
        sum_by_group(np.ones((3, 1)), ["a", "b"])


@pytest.mark.parametrize("n_groups", [6, 9])
def test_sign_flip_agrees_with_scipy_exactly(n_groups):
    rng = np.random.default_rng(n_groups)
    a, b = rng.random(n_groups), rng.random(n_groups) + 0.2
    found = sign_flip_test(
        np.stack([a, np.ones(n_groups)], 1), np.stack([b, np.ones(n_groups)], 1), range_of(a), share
    )
    expected = scipy_stats.permutation_test(
        (a, b),
        lambda x, y, axis: np.mean(x, axis=axis) - np.mean(y, axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    )
    assert found == pytest.approx(expected.pvalue)


def range_of(values):
    return [f"g{i:03}" for i in range(len(values))]


def test_sign_flip_with_random_flips_is_close_to_exact():
    rng = np.random.default_rng(4)
    a, b = rng.random(13), rng.random(13) + 0.15
    ones = np.ones(13)
    found = sign_flip_test(np.stack([a, ones], 1), np.stack([b, ones], 1), range_of(a), share)
    d = a - b
    signs = np.array(list(itertools.product([1, -1], repeat=13)))
    exact = np.mean(np.abs(signs @ d) >= np.abs(d.sum()) - 1e-9)
    assert found == pytest.approx(exact, abs=0.015)


def test_sign_flip_keeps_its_level():
    rng = np.random.default_rng(5)
    rejected = 0
    for seed in range(500):
        a, groups = draw(rng, 20, 0.7, n_items=5)
        b, _ = draw(rng, 20, 0.7, n_items=5)
        rejected += sign_flip_test(a, b, groups, share, n_flips=500, random_state=seed) <= 0.05
    assert rejected / 500 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 500)


@pytest.mark.parametrize("n", [3, 6])
def test_sign_flip_is_cautious_against_a_constant_answer_to_groups_of_one_class(n):
    errors = np.r_[np.full(8, 0.1), np.full(n, 0.1)][:, None]
    constant = np.r_[np.zeros(8), np.ones(n)][:, None]
    groups = [str(i) for i in range(8 + n)]
    p = sign_flip_test(errors, constant, groups, lambda sums: sums[..., 0], n_flips=100_000)
    assert p == pytest.approx(2.0 ** (1 - n), rel=0.05), "as the docstring says"


def test_sign_flip_is_refused_under_6_groups():
    with pytest.raises(ValueError, match="needs 6 groups or more, there are 5"):
        sign_flip_test(np.ones((5, 2)), np.ones((5, 2)), range_of(range(5)), share)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_mcnemar_agrees_with_statsmodels(pairs):
    a, b = np.array(pairs).T
    p, only_a, only_b = mcnemar_exact(a, b, range_of(a))
    table = [[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]]
    assert (only_a, only_b) == (table[0][1], table[1][0])
    if only_a + only_b:
        assert p == pytest.approx(mcnemar(table, exact=True).pvalue)
    else:
        assert p == 1


def test_mcnemar_is_refused_where_a_group_holds_two_items():
    with pytest.raises(ValueError, match="one item a group"):
        mcnemar_exact([True, False], [True, True], ["x", "x"])


@pytest.mark.parametrize("n", [1, 2, 5, 50])
def test_holm_agrees_with_statsmodels(n):
    p_values = np.random.default_rng(n).random(n).round(1) ** 3
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])


@pytest.mark.parametrize("decimals", [1, 6])
def test_friedman_agrees_with_scipy(decimals):
    scores = np.random.default_rng(0).random((20, 4)).round(decimals)
    scores[:, 2] += 0.3
    statistic, p, mean_ranks = friedman(scores)
    expected = scipy_stats.friedmanchisquare(*scores.T)
    assert (statistic, p) == pytest.approx((expected.statistic, expected.pvalue))
    assert np.argmin(mean_ranks) == 2
    assert mean_ranks.sum() == pytest.approx(10)
    assert np.argmax(friedman(scores, greater_is_better=False)[2]) == 2


def test_friedman_without_differences():
    assert friedman(np.ones((5, 3)))[:2] == (0.0, 1.0)


def test_letters_on_constructed_cases():
    none = np.zeros((3, 3), bool)
    assert letter_display(none, [0, 1, 2]) == ["a", "a", "a"]
    ends = none.copy()
    ends[0, 2] = ends[2, 0] = True
    assert letter_display(ends, [0, 1, 2]) == ["a", "ab", "b"]
    assert letter_display(ends, [2, 1, 0]) == ["b", "ab", "a"]
    assert letter_display(~np.eye(3, dtype=bool), [1, 0, 2]) == ["b", "a", "c"]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.integers(0, 10**6))
def test_methods_share_a_letter_exactly_where_not_separable(m, seed):
    separable = np.triu(np.random.default_rng(seed).random((m, m)) < 0.4, 1)
    separable |= separable.T
    letters = letter_display(separable, range(m))
    for i, j in itertools.combinations(range(m), 2):
        assert bool(set(letters[i]) & set(letters[j])) == (not separable[i, j])


def test_ranks_are_ranges_that_separable_pairs_leave_open():
    p = np.ones((4, 4))
    p[0, 1:] = p[1:, 0] = 0.001
    p[1, 3] = p[3, 1] = 0.01
    ranks = ranks_from_p_values(np.array([9.0, 7, 6, 5]), p, greater_is_better=True)
    assert [ranks.text(i) for i in range(4)] == ["1", "2–3", "2–4", "3–4"]
    assert ranks.letters == ["a", "b", "bc", "c"]
    errors = ranks_from_p_values(np.array([1.0, 3, 4, 5]), p, greater_is_better=False)
    assert errors.text(0) == "1"


def test_rank_groups_separate_what_differs_and_tie_what_does_not():
    rng = np.random.default_rng(0)
    counts, groups = draw(rng, 40, 0.8)
    twin = counts[rng.permutation(len(counts))]
    worse, _ = draw(rng, 40, 0.4)
    ranks = rank_groups([counts, twin, worse], groups, share, greater_is_better=True)
    assert ranks.letters == ["a", "a", "b"]
    assert [ranks.text(i) for i in range(3)] == ["1–2", "1–2", "3"]
    assert ranks.p_values[0, 2] == pytest.approx(
        holm(
            [
                sign_flip_test(a, b, groups, share)
                for a, b in ((counts, twin), (counts, worse), (twin, worse))
            ]
        )[1]
    )


def test_no_ranks_under_8_groups():
    counts, groups = draw(np.random.default_rng(0), 7, 0.8)
    ranks = rank_groups([counts, 0 * counts + [0, 1]], groups, share, greater_is_better=True)
    assert [ranks.text(0), ranks.letters[0]] == ["", ""]


def test_the_error_of_a_pooled_ratio_over_small_strata_is_the_stratified_one():
    rng = np.random.default_rng(0)
    right = rng.integers(0, 11, 20).astype(float)
    counts = np.stack([right, np.full(20, 10.0)], axis=1)
    strata = np.repeat(np.arange(10), 2)  # strata of two groups
    grouped = sum_by_group(counts, [f"{i:02}" for i in range(20)], strata.astype(str))
    se, _ = linearised_error(grouped, lambda c: ratio(c[..., 0], c[..., 1]))
    within = sum(2 * np.var(right[strata == h], ddof=1) for h in range(10))
    assert se == pytest.approx(np.sqrt(within) / 200)
