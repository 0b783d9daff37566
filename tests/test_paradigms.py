"""The page of paradigms: its figures are the boards', its claims are about rows that exist."""

import json
from pathlib import Path

import pandas as pd
import pytest

from deep.paradigms.__main__ import main
from deep.paradigms.claims import CLAIMS
from deep.paradigms.page import best_by_budget, curve, tally
from mirbench.boards.cells import p_value
from mirbench.boards.claims import Claim
from mirbench.boards.judge import Judge
from mirbench.methods import load_method
from mirbench.protocols import load_protocol

ROOT = Path(__file__).parents[1]


def row(method, fit_s, *values):
    names = ("n=2 to A", "n=2 to B", "n=11 to A", "n=11 to B")
    figures = {f"recall @ {name}": value for name, value in zip(names, values, strict=True)}
    spent = {"fit_s": fit_s, "predict_s": None, "extract_s": fit_s and 1.0}
    return {"method": method, **spent, "n_params": None, **figures}


DATA = {
    "metrics": [{"name": "recall", "unit": "%", "greater_is_better": True}],
    "blocks": ["n=11 to A", "n=11 to B", "n=2 to A", "n=2 to B"],
    "rows": [
        row("encoder-slow", 20.0, 30, 40, 80, 90),
        row("few-quick", 2.0, 10, 20, 82, 90),
        row("prior", None, 50, 50, 50, 50),
    ],
}


def test_a_curve_is_the_mean_over_the_sets_that_are_tested():
    assert curve(DATA) == {
        "encoder-slow": {2: 35, 11: 85},
        "few-quick": {2: 15, 11: 86},
        "prior": {2: 50, 11: 50},
    }
    assert list(curve(DATA)["prior"]) == [2, 11], "few to many, whatever the board's order"


def test_the_best_within_a_budget_and_none_that_says_no_time():
    assert best_by_budget(DATA, curve(DATA), (2, 3, 30)) == [
        {"seconds a cell": "up to 3", "2 labels": "`few-quick` 15.0", "11 labels": "`few-quick` 86.0"},
        {"seconds a cell": "up to 30", "2 labels": "`encoder-slow` 35.0", "11 labels": "`few-quick` 86.0"},
    ]  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_are_about_methods_and_training_sets_that_exist(name):
    protocol = load_protocol(name)
    judge = Judge([], protocol)
    tests = {test.partition("/")[0] for cell in protocol.cells for test in cell.tests}
    words = [claim.words for claim in CLAIMS[name]]
    assert len(set(words)) == len(words)
    for claim in CLAIMS[name]:
        assert isinstance(claim, Claim)
        assert claim.better != claim.worse
        assert load_method(claim.better).spec == claim.better
        assert not claim.worse or load_method(claim.worse).spec == claim.worse
        assert claim.metric is None or claim.metric in judge.metrics
        assert claim.source is None or claim.source in tests


@pytest.mark.slow
def test_the_page_is_as_printed(capsys):
    main([str(ROOT / "leaderboards")])
    printed = capsys.readouterr().out
    assert (ROOT / "docs" / "paradigms.md").read_text(encoding="utf-8") == printed


def test_a_tally_counts_verdicts_whole_and_corrects_for_their_number():
    verdicts = ["reproduced", "not reproduced: the other way round", "reproduced"]
    verdicts += ["no record of a", "no record of b", "no record of a"]
    table = pd.DataFrame({"verdict": verdicts, "p": [0.04, 0.001, 0.02, None, None, None]})
    table["p"] = table["p"].astype(float)
    assert tally(table) == (
        "6 claims: 3 without a record, 2 reproduced, 1 not reproduced. "
        "By Holm's correction over the 3 judged: 2 reproduced, 1 not reproduced."
    )
    table.loc[0, "p"], table.loc[2, "p"] = (
        0.049,
        0.03,
    )  # 2 * 0.03 passes .05, and so does what follows
    assert tally(table).endswith("over the 3 judged: 1 not reproduced.")
    assert tally(table[3:]).endswith("over the 0 judged: none.")


def test_p_values_in_words():
    assert [p_value(p) for p in (0.0004, 0.0482, 1.0, float("nan"))] == [
        "<.001",
        ".048",
        "1.000",
        "–",
    ]


def test_without_boards_or_records_there_is_a_page_without_tables(tmp_path, capsys):
    main([str(tmp_path)])
    out = capsys.readouterr().out
    assert out.startswith("# Which paradigm for what")
    assert "| method |" not in out


def test_a_board_of_another_folder_is_read(tmp_path, capsys):
    folder = tmp_path / "boards" / "few-shot.embedded"
    folder.mkdir(parents=True)
    rows = [r | {"recall": 1.0, "recall lo": None, "recall hi": None} for r in DATA["rows"]]
    data = DATA | {"rows": rows, "task": "T", "evidence": "embedded", "description": "D"}
    (folder / "board.json").write_text(json.dumps(data), encoding="utf-8")
    main([str(tmp_path)])
    assert "| few-quick | 15.0 |" in capsys.readouterr().out
