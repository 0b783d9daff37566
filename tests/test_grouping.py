"""Short cuts of the judge give what the long way gives."""

import numpy as np
import pytest

from mirbench.metrics.classification import (
    accuracy,
    balanced_accuracy,
    balanced_error,
    linear_recall,
)
from mirbench.stats import Grouping, grouped_interval


def test_group_sums_are_added_in_the_order_of_the_items():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 7, 200).astype(str)
    counts = rng.normal(size=(200, 5))
    expected = np.zeros((7, 5))
    np.add.at(expected, groups.astype(int), counts)
    assert np.array_equal(Grouping.of(groups).sum(counts).sums, expected)


def test_a_grouping_stands_for_groups_and_classes():
    rng = np.random.default_rng(1)
    groups, classes = np.repeat(np.arange(40), 5), np.repeat(["a", "b"], 100)
    counts = np.stack([rng.random(200), np.ones(200)], axis=1)

    def share(c):
        return c[..., 0] / c[..., 1]

    assert grouped_interval(counts, Grouping.of(groups, classes), share) == grouped_interval(
        counts, groups, share, classes=classes
    )


@pytest.mark.parametrize("value", [balanced_accuracy, balanced_error])
def test_recall_is_a_weighted_sum_where_the_truth_is_given(value):
    rng = np.random.default_rng(2)
    truth = np.array([30, 0, 5, 12])  # a class that the truth lacks
    counts = np.stack(
        [np.concatenate([rng.multinomial(n, [0.25] * 4) for n in truth]) for _ in range(50)]
    ).astype(float)
    weights, short = linear_recall(value, truth)
    assert weights.shape == (16, 1)
    np.testing.assert_allclose(short(counts @ weights), value(counts), atol=1e-12)


def test_other_values_are_no_weighted_sum():
    assert linear_recall(accuracy, np.ones(4)) is None
