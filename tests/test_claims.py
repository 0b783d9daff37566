"""Claims of papers as comparisons of rows."""

import numpy as np
import pytest
import scipy.stats
from made_records import good_to_bad, learner, learning_protocol, matrix_protocol

from deep.paradigms.short import best_and_ties
from mirbench.boards.claims import (
    Claim,
    claims_table,
    difference,
    judged,
    over_cells,
    p_over_cells,
    verdict,
)
from mirbench.boards.judge import Judge
from mirbench.errors import ProtocolError
from mirbench.stats import Interval


def between(lo, hi):
    return Interval((lo + hi) / 2, lo, hi, 40, 40, "bootstrap", False, {})


@pytest.mark.parametrize(
    ("lo", "hi", "tie", "slack", "words"),
    [
        (1, 3, 0, 0, "reproduced"),
        (-1, 3, 0, 0, "not separable"),
        (-3, -1, 0, 0, "not reproduced: the other way round"),
        (np.nan, np.nan, 0, 0, "not separable"),
        (-1, 1, 2, 0, "reproduced"),
        (-1, 3, 2, 0, "not separable"),
        (1, 3, 2, 0, "not reproduced"),
        (0.5, 1, 2, 0, "reproduced"),
        (-1, 9, 0, 2, "reproduced"),
        (-3, 1, 0, 2, "not separable"),
        (-5, -3, 0, 2, "not reproduced: the other way round"),
    ],
)
def test_verdicts(lo, hi, tie, slack, words):
    assert verdict(between(lo, hi), tie, slack) == words


def test_claims_follow_the_metrics_direction():
    protocol = matrix_protocol()
    judge = Judge(good_to_bad(protocol), protocol)
    table = claims_table(
        judge,
        [
            Claim("good beats bad", "good", "bad"),
            Claim("bad beats good", "bad", "good"),
            Claim("twins are alike", "good", "good-twin", "frame error", tie=10),
            Claim("who?", "good", "nobody"),
        ],
    )
    assert table["verdict"].tolist() == [
        "reproduced",
        "not reproduced: the other way round",
        "reproduced",
        "no record of nobody",
    ]
    assert table["blocks"].tolist() == ["2 of 2", "0 of 2", "–", "–"]
    gain = float(table["difference"][0].split()[0])
    values = [judge.interval(s, judge.headline[0], judge.main).value for s in ("bad", "good")]
    assert gain == pytest.approx(values[0] - values[1], abs=0.006)


def test_a_claim_may_be_about_one_training_set():
    protocol = learning_protocol()
    judge = Judge([learner(protocol, "m"), learner(protocol, "n")], protocol)
    sources = list(dict.fromkeys(judge.rows["source"]))
    few = Claim("m and n are one", "m", "n", tie=1, source=sources[0])
    assert judged(judge, few).sum() == (judge.rows["source"] == sources[0]).sum() > 0
    assert judged(judge, few).sum() < len(judge.rows)
    assert difference(judge, few).value == 0
    with pytest.raises(ProtocolError, match=f"no training set 'n=7'; it has {sources[0]}"):
        difference(judge, Claim("none", "m", "n", source="n=7"))


def test_intervals_over_cells_are_student_s():
    gains = [1.0, 2.0, 4.0, 3.0, 2.5]
    found = over_cells(gains)
    lo, hi = scipy.stats.ttest_1samp(gains, 0).confidence_interval(0.95)
    assert (found.lo, found.hi) == pytest.approx((lo, hi))
    assert found.value == np.mean(gains)
    assert verdict(over_cells([3.0])) == "not separable", "one seed says nothing of another"
    protocol = matrix_protocol()
    judge = Judge(good_to_bad(protocol), protocol)
    [row] = claims_table(judge, [Claim("good", "good", "bad")], cells=True).to_dict("records")
    [same] = claims_table(judge, [Claim("good", "good", "bad")]).to_dict("records")
    n = judge.rows.loc[judge.main, "cell"].nunique()
    assert row["blocks"] == f"{n} of {n}"
    assert same["blocks"] == "2 of 2"
    assert row["difference"] != same["difference"]
    assert row["p"] < 0.05
    assert "p" not in same


@pytest.mark.parametrize("slack", [0.0, 2.0])
def test_p_over_cells_says_what_the_interval_says(slack):
    gains = np.array([1.0, 2.0, 4.0, 3.0, 2.5])
    for shift in np.linspace(-6, 2, 33):
        found = over_cells(gains + shift)
        outside = found.lo > -slack or found.hi < -slack
        assert (p_over_cells(gains + shift, slack) < 0.05) == outside
    assert np.isnan(p_over_cells([1.0]))
    assert p_over_cells([1.0, 1.0]) == 0.0
    assert p_over_cells([-2.0, -2.0], slack=2.0) == 1.0


def test_the_best_method_and_what_is_not_separable_from_it():
    protocol = matrix_protocol()
    judge = Judge(good_to_bad(protocol), protocol)
    best, ties = best_and_ties(judge, None)
    assert {best, *ties} >= {"good", "good-twin"}, "twins answer alike"
    assert "bad" not in ties
