"""The simulation of coverage: its rows, its seeds, and what the committed table claims."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location(
        "coverage", ROOT / "benchmarks" / "interval_coverage.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_draws_have_the_value_and_the_correlation_they_claim(script):
    items = script.draw(np.random.default_rng(0), 0.8, 400, 50).reshape(-1, script.N_ITEMS)
    assert items.mean() == pytest.approx(0.8, abs=0.005)
    first, second = items[:, 0], items[:, 1]
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.3, abs=0.02)


def test_interval_by_group_covers_and_by_item_does_not(script):
    grouped = script.coverage(0.8, 40, 400)
    alone = script.coverage(0.8, 40, 400, by_item=True)
    assert grouped["rate"] == pytest.approx(0.95, abs=4 * 0.011)
    assert alone["rate"] < 0.8
    assert grouped == script.coverage(0.8, 40, 400), "the same seed, the same figure"


def test_no_interval_under_8_groups_and_a_test_from_6_on(script):
    few = script.coverage(0.8, 5, 10)
    assert (few["without"], few["method"]) == (1.0, "none")
    assert np.isnan(few["rate"])
    assert script.level(0.8, 6, 50)["rate"] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 50)
    assert ",5,10,,," in script.as_csv([few])


def test_committed_table_keeps_what_boards_promise():
    table = pd.read_csv(ROOT / "docs" / "coverage.csv")
    assert (table["draws"] == 5000).all()
    grouped = table[(table["what"] == "interval by group") & (table["groups"] >= 40)]
    assert grouped.loc[grouped["value"] <= 0.95, "rate"].between(0.93, 0.97).all()
    tests = table[table["what"].str.startswith("type-I")]
    assert (tests["rate"] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 5000)).all()
