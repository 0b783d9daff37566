"""Ratings of a listening test: scored as by hand, malformed files, raters' agreement."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from statsmodels.stats.inter_rater import fleiss_kappa

from mirbench.errors import DataError
from mirbench.listen import score_ratings
from mirbench.listen.agreement import alpha
from mirbench.listen.ratings import read_key, read_ratings

HEADER = "test,rater,query,candidate,rating\n"


def made_key(path: Path, n_queries: int, scale: str = "0-4") -> Path:
    """Two methods, lists of two that share their second track: three candidates a query."""
    queries = [
        {
            "name": f"q{q}",
            "id": f"c/{q}",
            "group": f"g{q}",
            "candidates": {
                f"q{q}c1": {"id": "c/x", "ranks": {"A": 1}},
                f"q{q}c2": {"id": "c/y", "ranks": {"A": 2, "B": 1}},
                f"q{q}c3": {"id": "c/z", "ranks": {"B": 2}},
            },
        }
        for q in range(n_queries)
    ]
    key = {"schema": 1, "test": "abc", "scale": scale, "k": 2, "evidence": "real"}
    path.write_text(json.dumps(key | {"methods": ["A", "B"], "queries": queries}))
    return path


def saved(path: Path, rater: str, ratings: dict[str, object]) -> Path:
    lines = [f"abc,{rater},{name[: name.index('c')]},{name},{r}" for name, r in ratings.items()]
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return path


def test_scores_by_hand(tmp_path):
    key = made_key(tmp_path / "key.json", 2)
    one = saved(
        tmp_path / "1.csv", "r1", {"q0c1": 4, "q0c2": 3, "q0c3": 0, "q1c1": 1, "q1c2": 1, "q1c3": 3}
    )
    two = saved(tmp_path / "2.csv", "r2", {"q0c1": 2, "q0c2": 2, "q0c3": 1, "q1c1": 0})
    scores = score_ratings([one, two], key)
    table = scores.methods.set_index("method")
    # A: query 0 (3.5 + 2) / 2, query 1 of r1 alone 1; B: (1.5 + 1.5) / 2 and 2
    assert table.loc["A", "rating"] == pytest.approx((2.75 + 1) / 2)
    assert table.loc["B", "rating"] == pytest.approx((1.5 + 2) / 2)
    # similar from 3 on: A (2 + 0) / 2 and 0, B (1 + 0) / 2 and 1
    assert table.loc["A", "similar"] == pytest.approx(0.5)
    assert table.loc["B", "similar"] == pytest.approx(0.75)
    assert scores.methods["method"].tolist() == ["A", "B"]
    assert table["n_queries"].tolist() == [2, 2]
    assert table[["rating lo", "rating hi"]].isna().all(axis=None)
    assert scores.pairs["difference"].tolist() == pytest.approx([0.125])
    assert np.isnan(scores.pairs["p"][0])
    notes = " ".join(scores.notes)
    assert "2 of 2 queries, 2 raters, 9 ratings" in notes
    assert "their rater didn't finish the query: 1 ratings" in notes
    assert "Under 8 queries no interval" in notes
    assert scores.raters.set_index("rater").loc["r2", "ratings"] == 4
    lower = score_ratings([one, two], key, similar_from=2).methods.set_index("method")
    assert lower.loc["A", "similar"] == pytest.approx((2 + 0) / 2)


def test_intervals_and_tests_over_queries(tmp_path):
    key = made_key(tmp_path / "key.json", 10)
    rng = np.random.default_rng(0)
    own = {f"q{q}c1": 4 for q in range(10)} | {
        f"q{q}c3": int(rng.integers(0, 2)) for q in range(10)
    }
    own |= {f"q{q}c2": int(rng.integers(1, 4)) for q in range(10)}
    scores = score_ratings([saved(tmp_path / "a.csv", "r", own)], key)
    pair = scores.pairs.iloc[0]
    assert pair["p"] == pair["p (Holm)"] == 2 / 2**10, "A above B in every query"
    gaps = [(4 - own[f"q{q}c3"]) / 2 for q in range(10)]
    assert pair["difference"] == pytest.approx(np.mean(gaps))
    assert 0 < pair["difference lo"] < pair["difference"] < pair["difference hi"]
    for row in scores.methods.to_dict("records"):
        assert 0 <= row["rating lo"] < row["rating"] < row["rating hi"] <= 4
    # more copies of one rater leave the interval as it is: the unit is the query
    files = [saved(tmp_path / f"{i}.csv", f"r{i}", own) for i in range(5)]
    again = score_ratings(files, key)
    pd.testing.assert_frame_equal(again.methods, scores.methods)
    assert again.agreement == 1.0
    assert again.raters["with others"].tolist() == pytest.approx([1.0] * 5)
    assert np.isnan(scores.agreement)


def test_yes_no(tmp_path):
    key = made_key(tmp_path / "key.json", 1, "yes-no")
    scores = score_ratings([saved(tmp_path / "a.csv", "r", {"q0c1": 1, "q0c2": 1, "q0c3": 0})], key)
    assert scores.methods["similar"].tolist() == [2.0, 1.0]
    with pytest.raises(DataError, match="rating '2'; a whole number from 0 to 1"):
        score_ratings([saved(tmp_path / "b.csv", "r", {"q0c1": 2})], key)


GOOD = "abc,r,q0,q0c1,3\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEADER + GOOD + "abc,r,q0,q9c1,3\n", 3, "'q9c1' of query 'q0' is not in this test"),
        (HEADER + "abc,r,q1,q0c1,3\n", 2, "is one of query q0"),
        (HEADER + "abc,r,q0,q0c1,5\n", 2, "rating '5'; a whole number from 0 to 4"),
        (HEADER + "abc,r,q0,q0c1,-1\n", 2, "rating '-1'"),
        (HEADER + "abc,r,q0,q0c1,2.5\n", 2, "rating '2.5'"),
        (HEADER + "abc,r,q0,q0c1,NaN\n", 2, "rating 'NaN'.*drop the line"),
        (HEADER + "abc,r,q0,q0c1,inf\n", 2, "rating 'inf'"),
        (HEADER + "abc,r,q0,q0c1,\n", 2, "rating ''"),
        (HEADER + GOOD + "\n" + GOOD, 4, "r rates q0c1 again, first in .*, line 2; drop one"),
        (
            HEADER + "xyz,r,q0,q0c1,3\n",
            2,
            "of test 'xyz', the key is of 'abc'; give the key of that",
        ),
        (HEADER + "abc,,q0,q0c1,3\n", 2, "rater ''; fill in a name"),
        (HEADER + "abc,=cmd(),q0,q0c1,3\n", 2, "rater '=cmd\\(\\)'"),
        (HEADER + "abc,r,q0,q0c1\n", 2, "4 cells under 5 columns"),
        ("test,rater,query,candidate\nabc,r,q0,q0c1\n", 1, "no column rating, found test, rater"),
        ("test;rater;query;candidate;rating\n", 1, "no column .*separated by commas"),
        ("", 1, "found nothing"),
    ],
)
def test_malformed_ratings(tmp_path, text, line, words):
    key = made_key(tmp_path / "key.json", 2)
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=rf"^{path}: line {line}: .*{words}"):
        score_ratings([path], key)


def test_malformed_files(tmp_path):
    key = made_key(tmp_path / "key.json", 2)
    path = tmp_path / "bad.csv"
    for data in (b"\xff\xfe\x00x", b"test,rater\x00\n\x00"):
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"bad\.csv"):
            score_ratings([path], key)
    with pytest.raises(DataError, match=r"gone.csv: can't be read as CSV \(No such file"):
        score_ratings([tmp_path / "gone.csv"], key)
    path.write_text(HEADER)
    with pytest.raises(DataError, match="no rating; give files that raters saved"):
        score_ratings([path], key)
    with pytest.raises(DataError, match="no rater has rated all candidates"):
        score_ratings([saved(path, "r", {"q0c1": 1})], key)
    with pytest.raises(DataError, match="similar from 5 on: give 1 to 4"):
        score_ratings([path], key, similar_from=5)
    for wrong in ("{}", "[1]", "not json", '{"schema": 1, "methods": [], "k": 1, "queries": []}'):
        (tmp_path / "no.json").write_text(wrong)
        with pytest.raises(DataError, match=r"no.json: not the key of a listening test"):
            score_ratings([path], tmp_path / "no.json")
    with pytest.raises(DataError, match="mend the path"):
        score_ratings([path], tmp_path / "absent.json")


def test_a_key_whose_lists_have_gaps_is_refused(tmp_path):
    path = made_key(tmp_path / "key.json", 1)
    key = json.loads(path.read_text())
    key["queries"][0]["candidates"]["q0c2"]["ranks"] = {"B": 1}
    path.write_text(json.dumps(key))
    with pytest.raises(DataError, match="not the key"):
        read_key(path)


def test_a_spreadsheet_may_have_been_at_it(tmp_path):
    key = read_key(made_key(tmp_path / "key.json", 1))
    path = tmp_path / "excel.csv"
    path.write_bytes(
        b'\xef\xbb\xbfrater,test,query,candidate,rating,remark\r\nr, abc ,q0,q0c1,3.0,"a,\nb"\r\n,,,,,\r\n'
    )
    assert read_ratings([path], key).values.tolist() == [["r", "q0", "q0c1", 3]]


def by_pairs(ratings: np.ndarray, level: str) -> float:
    """Alpha from its definition: disagreement of pairs within units over that of all pairs."""
    units = [row[~np.isnan(row)] for row in ratings]
    units = [row for row in units if len(row) > 1]
    pool = np.concatenate(units)
    sizes = {v: np.sum(pool == v) for v in np.unique(pool)}

    def apart(a: float, b: float) -> float:
        if level == "ordinal":
            low, high = sorted((a, b))
            between = sum(n for v, n in sizes.items() if low <= v <= high)
            return float((between - (sizes[a] + sizes[b]) / 2) ** 2)
        return float(a != b) if level == "nominal" else float((a - b) ** 2)

    within = sum(
        2 * sum(apart(a, b) for a, b in combinations(row, 2)) / (len(row) - 1) for row in units
    )
    among = 2 * sum(apart(a, b) for a, b in combinations(pool, 2)) / (len(pool) - 1)
    return 1 - within / among


def test_krippendorffs_worked_example():
    gap = np.nan
    ratings = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3],
            [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap],
        ]
    ).T
    assert alpha(ratings, "nominal") == pytest.approx(0.743, abs=5e-4)
    assert alpha(ratings, "ordinal") == pytest.approx(0.815, abs=5e-4)
    assert alpha(ratings, "interval") == pytest.approx(0.849, abs=5e-4)


@settings(deadline=None, max_examples=50)
@given(
    hnp.arrays(
        float,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=8),
        elements=st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, np.nan]),
    ),
    st.sampled_from(["nominal", "ordinal", "interval"]),
)
def test_alpha_is_its_definition(ratings, level):
    value = alpha(ratings, level)
    full = ratings[(~np.isnan(ratings)).sum(axis=1) > 1]
    if len(np.unique(full[~np.isnan(full)])) < 2:
        assert np.isnan(value)
    else:
        assert value == pytest.approx(by_pairs(ratings, level))
        shuffled = np.random.default_rng(0).permutation(ratings, axis=1)
        assert alpha(shuffled, level) == pytest.approx(value)


@pytest.mark.parametrize("raters", [2, 3, 5])
def test_alpha_of_names_is_fleiss_kappa_corrected(raters):
    rng = np.random.default_rng(raters)
    truth = rng.integers(0, 4, 40)
    ratings = np.where(
        rng.random((40, raters)) < 0.6, truth[:, None], rng.integers(0, 4, (40, raters))
    )
    table = (ratings[:, :, None] == np.arange(4)).sum(axis=1)
    n = ratings.size
    expected = 1 - (1 - fleiss_kappa(table)) * (n - 1) / n
    assert alpha(ratings, "nominal") == pytest.approx(expected)
