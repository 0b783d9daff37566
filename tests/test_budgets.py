"""Rows of one shared budget and rows as published: two boards that never mix."""

import dataclasses

import pytest

from mirbench.errors import MethodError
from mirbench.methods import load_method
from mirbench.protocols import load_protocol
from mirbench.protocols.budgets import PUBLISHED_ROWS, budget_fault
from mirbench.running import run_protocol


def test_methods_say_what_they_spend():
    budgets = {
        name: load_method(name).budget
        for name in ("encoder-cpc", "encoder-cpc-published", "encoder-mfcc", "prior")
    }
    assert budgets == {
        "encoder-cpc": "matched",
        "encoder-cpc-published": "published",
        "encoder-mfcc": "",
        "prior": "",
    }


@pytest.mark.parametrize(
    ("spec", "protocol", "words"),
    [
        ("encoder-cpc-published", "few-labels/mini", "run it under a protocol whose name ends in"),
        ("encoder-cpc", "few-labels/mini-published", "run it under few-labels/mini"),
    ],
)
def test_a_row_of_the_other_budget_is_refused(home, spec, protocol, words):
    with pytest.raises(MethodError, match=f"{spec} spends .* {words}"):
        run_protocol([spec], load_protocol(protocol), n_jobs=1, progress=False)


@pytest.mark.parametrize("name", sorted(PUBLISHED_ROWS))
def test_published_rows_have_the_same_cells_and_another_hash(name):
    rows, shared = load_protocol(name), load_protocol(name.removesuffix("-published"))
    assert rows.cells == shared.cells
    assert rows.seeds == shared.seeds
    assert rows.items.equals(shared.items)
    assert rows.hash != shared.hash, "records of one can't get on the board of the other"
    # a name alone moves no row: what tells the boards apart is part of the hash
    renamed = dataclasses.replace(shared, name=rows.name)
    assert renamed.hash == shared.hash
    assert budget_fault("m", "published", renamed)
    assert not budget_fault("m", "published", rows)
    for protocol in (rows, shared):
        assert not budget_fault("encoder-mfcc", "", protocol)
