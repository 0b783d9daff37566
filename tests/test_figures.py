"""Recomputed figures against the board's own, and what counts as the same figure."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import good_to_bad, matrix_protocol
from trust_records import CLASSES, SEGMENTS, made

from mirbench.boards.judge import Judge
from mirbench.boards.table import board
from mirbench.protocols import load_protocol
from mirbench.trust.figures import figures, figures_fault, same


def recomputed(records, protocol):
    table = board(records, protocol).set_index("method")
    found = figures(Judge(records, protocol))
    assert set(found) == set(table.index)
    for spec, values in found.items():
        for name, value in values.items():
            assert same(value, table.loc[spec, name])
    names = {m["name"] for m in table.attrs["metrics"]}
    columns = {c for c in table if c.split(" @ ")[0] in names and not c.endswith((" lo", " hi"))}
    assert set(next(iter(found.values()))) == columns


def test_figures_are_those_of_the_board():
    protocol = matrix_protocol()
    recomputed(good_to_bad(protocol), protocol)


@pytest.mark.parametrize("name", [CLASSES, SEGMENTS])
def test_seeds_are_averaged_as_on_the_board(name):
    protocol = load_protocol(name)
    recomputed([made(protocol, "m", 0.3, seed) for seed in range(3)], protocol)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6))
def test_what_prints_alike_to_seven_digits_is_the_same(value):
    assert same(value, float(f"{value:.8g}"))
    assert same(math.nan, math.nan)
    assert not same(value, math.nan)
    assert not same(value, value + 1e-4 * max(abs(value), 1.0))


def test_faults_of_figures_are_named():
    found = {"a": 1.0, "b": math.nan}
    assert figures_fault({"a": 1.0, "b": None}, found) == ""
    assert "b is missing" in figures_fault({"a": 1.0}, found)
    assert "a is 2, recomputed 1" in figures_fault({"a": 2.0, "b": None}, found)
    assert "not a number" in figures_fault({"a": True, "b": None}, found)
