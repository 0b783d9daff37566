"""Short cuts of the judge give what the long way gives."""

import numpy as np
import pytest

from mirbench.metrics.classification import (
    accuracy,
    balanced_accuracy,
    balanced_error,
    marginals,
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
def test_marginals_give_the_value(value):
    counts = np.random.default_rng(2).integers(0, 9, (50, 16)).astype(float)
    counts[:, 4:8] = 0  # a class that the truth lacks
    fold, short = marginals(value, 4)
    assert fold.shape == (16, 8)
    np.testing.assert_allclose(short(counts @ fold), value(counts), atol=1e-12)


def test_other_values_have_no_marginals():
    assert marginals(accuracy, 4) is None
