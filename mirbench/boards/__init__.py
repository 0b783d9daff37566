"""Boards: from records to tables, pages and pictures; nothing is run."""

from mirbench.boards.confusion import confusion
from mirbench.boards.console import to_matrix_text, to_text
from mirbench.boards.cross import matrix, means
from mirbench.boards.judge import usable
from mirbench.boards.robustness import robustness
from mirbench.boards.table import board, load_published
from mirbench.boards.text import render
from mirbench.boards.versus import Comparison, compare
from mirbench.boards.views import by_class, by_group, curve, strata, strata_columns
from mirbench.boards.write import write_board

__all__ = [
    "Comparison",
    "board",
    "by_class",
    "by_group",
    "compare",
    "confusion",
    "curve",
    "load_published",
    "matrix",
    "means",
    "render",
    "robustness",
    "strata",
    "strata_columns",
    "to_matrix_text",
    "to_text",
    "usable",
    "write_board",
]
