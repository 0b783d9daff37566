"""Boards: from records to tables, pages and pictures; nothing is run."""

from mirbench.boards.cross import matrix
from mirbench.boards.table import board, load_published
from mirbench.boards.versus import Comparison, compare
from mirbench.boards.views import by_class, by_group, curve, strata, strata_columns

__all__ = [
    "Comparison",
    "board",
    "by_class",
    "by_group",
    "compare",
    "curve",
    "load_published",
    "matrix",
    "strata",
    "strata_columns",
]
