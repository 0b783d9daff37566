"""Intervals by group, paired tests, rank groups."""

from mirbench.stats.groups import FEW_GROUPS, MIN_GROUPS, Grouping, GroupSums, sum_by_group
from mirbench.stats.interval import (
    Interval,
    grouped_interval,
    heavy_tailed_freedom,
    interval_of_sums,
    linearised_error,
)
from mirbench.stats.paired import MIN_FLIP_GROUPS, friedman, holm, mcnemar_exact, sign_flip_test
from mirbench.stats.ranks import Ranks, letter_display, rank_groups, ranks_from_p_values

__all__ = [
    "FEW_GROUPS",
    "MIN_FLIP_GROUPS",
    "MIN_GROUPS",
    "GroupSums",
    "Grouping",
    "Interval",
    "Ranks",
    "friedman",
    "grouped_interval",
    "heavy_tailed_freedom",
    "holm",
    "interval_of_sums",
    "letter_display",
    "linearised_error",
    "mcnemar_exact",
    "rank_groups",
    "ranks_from_p_values",
    "sign_flip_test",
    "sum_by_group",
]
