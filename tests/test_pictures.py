"""Pictures of boards: which methods are drawn, and axes on which small errors can be told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mirbench.boards.looks import stretch
from mirbench.boards.plot_matrix import plot_matrix
from mirbench.boards.write import FEW, _few


def _stretched(values: list[float], *, better: str, unit: str = "%") -> str:
    axes = Figure().subplots()
    axes.plot(values, range(len(values)), "o")
    stretch(axes, "x", values, greater_is_better=better == "higher", unit=unit)
    return axes.get_xscale()


def test_axis_is_stretched_where_errors_differ_by_more_than_ten_times() -> None:
    assert _stretched([1, 9], better="lower") == "linear"
    assert _stretched([1, 11], better="lower") == "log"
    assert _stretched([0, 11], better="lower") == "linear"
    assert _stretched([99, 91], better="higher") == "linear"
    assert _stretched([99, 89, np.nan], better="higher") == "function"
    assert _stretched([100, 99, 50], better="higher") == "function"
    assert _stretched([100, 50, 50], better="higher") == "linear"
    assert _stretched([0.99, 0.1], better="higher", unit="") == "linear"


def test_stretched_errors_show_their_intervals_and_say_so() -> None:
    axes = Figure().subplots()
    axes.set_xlabel("error (%)")
    axes.plot([0.3, 20], [0, 0])
    axes.plot([1, 15], [0, 1], "o")
    stretch(axes, "x", [1, 15], greater_is_better=False, unit="%")
    left, right = axes.get_xlim()
    assert left <= 0.3
    assert right >= 20
    assert axes.get_xlabel() == "error (%), log scale"


def test_stretched_percentages_stand_at_equal_steps_a_factor_and_lose_nothing() -> None:
    axes = Figure().subplots()
    values = [0.0, 90.0, 99.0, 99.9, 100.0]
    axes.plot(values, range(5), "o")
    stretch(axes, "x", values, greater_is_better=True, unit="%")
    axes.figure.draw_without_rendering()
    place = axes.transData.transform(np.column_stack([values, range(5)]))[:, 0]
    steps = np.diff(place)
    assert np.allclose(steps[:3], steps[0])  # errors of 100, 10, 1, 0.1
    assert steps[3] == pytest.approx(0, abs=1e-6)
    left, right = axes.bbox.x0, axes.bbox.x1
    assert (place >= left - 1e-6).all()
    assert (place <= right + 1e-6).all()


def test_few_keep_the_best_and_one_of_each_family_in_the_boards_order() -> None:
    families = ["deep", *["hand-crafted"] * 8, "baseline"]
    made = pd.DataFrame({"method": list("abcdefghij"), "family": families})
    table = pd.DataFrame({"method": [m for m in made["method"] for _ in range(2)]})
    table.attrs = {"metric": "error"}
    shown, words = _few(table, made)
    assert list(dict.fromkeys(shown["method"])) == list("abcdej")
    assert len(shown) == 2 * FEW
    assert shown.attrs == table.attrs
    assert "6 of 10" in words
    all_of_it, words = _few(table.head(2 * FEW), made.head(FEW))
    assert (len(all_of_it), words) == (2 * FEW, "")


def _crossed(n_classes: tuple[int, int]) -> pd.DataFrame:
    cells = [(s, t) for s in "AB" for t in "AB"]
    table = pd.DataFrame(cells, columns=["source", "test"])
    table = table.assign(method="knn", value=[1.0, 30.0, 2.0, 1.0], lo=0.5, hi=40.0, drop=0.0)
    table["n_classes"] = [n_classes[0], *[n_classes[1]] * 3]
    table.attrs = {
        "metric": "error",
        "unit": "%",
        "greater_is_better": False,
        "protocol": "p",
        "evidence": "real",
    }
    return table


def test_matrix_says_how_many_classes_once_or_in_each_cell() -> None:
    same, other = plot_matrix(_crossed((2, 2))), plot_matrix(_crossed((4, 2)))
    assert same.get_supxlabel() == "tested on (2 classes)"
    assert other.get_supxlabel() == "tested on"
    written = [text.get_text() for text in other.axes[0].texts]
    assert sum("4 classes" in text for text in written) == 1
    assert sum("2 classes" in text for text in written) == 3
    assert not any("classes" in text.get_text() for text in same.axes[0].texts)
