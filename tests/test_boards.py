"""Boards from made-up records whose scores are known."""

import dataclasses
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from made_records import (
    GRID,
    HOSTILE,
    SCORED,
    frame_items,
    good_to_bad,
    learner,
    learning_protocol,
    matrix_protocol,
    noisy_frames,
    record,
    segment_protocol,
)

from mirbench.boards import (
    board,
    by_class,
    by_group,
    compare,
    curve,
    matrix,
    render,
    strata,
    strata_columns,
    to_matrix_text,
    write_board,
)
from mirbench.boards.judge import Judge
from mirbench.errors import ProtocolError, RecordError
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.records import Record
from mirbench.tasks import load_task


@pytest.fixture(scope="module")
def protocol():
    return matrix_protocol()


@pytest.fixture(scope="module")
def records(protocol):
    return good_to_bad(protocol)


def frame_error(protocol, record, source, test):
    """By hand, from the outputs alone."""
    part = record.outputs.query("source == @source and test == @test")
    truth = protocol.table.loc[part["id"], "label"].map({"music": 0, "speech": 1})
    wrong = [s.argmax(axis=1) != code for s, code in zip(part["scores"], truth)]
    return 100 * np.concatenate(wrong).mean()


def test_board_orders_pools_and_ranks(protocol, records):
    table = board(records, protocol)
    assert table["method"].tolist()[2:] == ["bad", HOSTILE]
    for made in records:
        row = table.set_index("method").loc[made.spec]
        for source, test, name in (("A", "A", "A"), ("A", "B", "A to B"), ("B", "B", "B")):
            expected = frame_error(protocol, made, source, test)
            assert row[f"frame error @ {name}"] == pytest.approx(expected)
        within = np.mean([frame_error(protocol, made, c, c) for c in "AB"])
        assert row["frame error"] == pytest.approx(within)
        assert row["frame error lo"] < row["frame error"] < row["frame error hi"]
    assert table["rank"].tolist() == ["1–2", "1–2", "3", "4"]
    assert table["letters"].tolist() == ["a", "a", "b", "c"]
    assert table["n_groups"].tolist() == [36] * 4
    assert table["fit_s"].tolist() == [2.0] * 4
    assert table["extract_s"].tolist() == [1.0] * 4
    assert (table["extract_speed"] > 0).all()
    assert table["flags"].str.contains("few groups").all()
    assert table.attrs["pooled"] == ["A", "B"]


def test_flags(protocol, records):
    marked = record(protocol, "x", noisy_frames(0.1, 9), trained_on=["A"], leaks=True)
    table = board([*records, marked], protocol, current_code={"x": "2", "good": "1"})
    flags = table.set_index("method")["flags"]
    assert flags["x"] == "few groups, leaks, contaminated, code changed"
    assert flags["good"] == "few groups"
    assert "external" in flags[HOSTILE]


def test_seeds_are_one_row(protocol, records):
    seeds = [record(protocol, "s", noisy_frames(0.1, 20 + s), seed=s) for s in range(3)]
    table = board([*records, *seeds], protocol).set_index("method")
    assert table.loc["s", "seeds"] == 3
    errors = [np.mean([frame_error(protocol, r, c, c) for c in "AB"]) for r in seeds]
    assert table.loc["s", "frame error"] == pytest.approx(np.mean(errors))
    assert table.loc["s", "seed_sd"] == pytest.approx(np.std(errors, ddof=1))
    assert table.loc["s", "n_groups"] == 36


def test_of_two_versions_the_current_code_counts(protocol):
    old = record(protocol, "m", noisy_frames(0.4, 0), code="old")
    new = record(protocol, "m", noisy_frames(0.1, 1), code="new")
    for code, chosen in (("new", new), ("old", old)):
        judge = Judge([old, new], protocol, {"m": code})
        assert judge.methods["m"] == [chosen]


def test_matrix_drop_is_paired_and_positive_when_worse(protocol, records):
    table = matrix(records, protocol).set_index(["method", "source", "test"])
    row = table.loc[("good", "A", "B")]
    expected = frame_error(protocol, records[0], "A", "B") - frame_error(
        protocol, records[0], "B", "B"
    )
    assert row["drop"] == pytest.approx(expected)
    assert 0 < row["drop_lo"] < row["drop"] < row["drop_hi"]
    assert row["n_classes"] == 2
    assert np.isnan(table.loc[("good", "A", "A"), "drop"])
    assert "drop +" in to_matrix_text(matrix(records, protocol))


def test_matrix_drop_of_an_accuracy_has_the_other_sign():
    items = frame_items()
    cells = (
        Cell("A", "A", tuple(items["id"]), {"A": tuple(items.query("corpus == 'A'")["id"])}),
        Cell("B", "B", tuple(items["id"]), {"A": tuple(items.query("corpus == 'A'")["id"])}),
    )
    task = load_task("speech-music-clip")
    made = Protocol("p", "1", task, GRID, items, cells, headline=("accuracy",))

    def answer(cell, test, item):
        right = ("music", "speech").index(item["label"])
        wrong = cell.source == "B" and item["item"].endswith("1")
        return np.eye(2)[1 - right if wrong else right]

    row = matrix([record(made, "m", answer)], made).set_index("source").loc["B"]
    assert row["drop"] == pytest.approx(100 * 4 / 24)


def test_matrix_counts_shared_classes_only(protocol):
    speech = tuple(i for i in protocol.items["id"] if i.startswith("A/speech"))
    cell = Cell("A", "A", speech, {"B": tuple(protocol.items.query("corpus == 'B'")["id"])})
    made = dataclasses.replace(protocol, cells=(cell,))
    row = matrix([record(made, "m", noisy_frames(0.1, 0))], made).iloc[0]
    assert (row["n_classes"], row["n_items"]) == (1, 12)


def test_degraded_copies_are_compared_with_their_originals(protocol):
    copies = protocol.items.query("corpus == 'A'").copy()
    copies["id"] += "@noise-45"
    copies["degradation"] = "noise-45"
    test = {"A + noise-45 dB": tuple(copies["id"])}
    cells = (*protocol.cells, Cell("A+", "A", protocol.cells[0].train, test))
    made = dataclasses.replace(
        protocol, cells=cells, items=pd.concat([protocol.items, copies], ignore_index=True)
    )
    table = matrix([record(made, "m", noisy_frames(0.1, 0))], made)
    row = table.set_index(["source", "test"]).loc[("A", "A + noise-45 dB")]
    assert 10 < row["drop"] < 30
    assert "frame error @ A + noise-45 dB" in board([record(made, "m", noisy_frames(0.1, 0))], made)


def test_strata_classes_and_groups(protocol, records):
    assert strata_columns(protocol) == ["sex"]
    table = strata(records, protocol, "sex")
    assert set(table["sex"]) == {"F", "M"}
    assert (table["n_items"] == 12).all()
    classes = by_class(records, protocol)
    assert classes.groupby("label")["n_groups"].first().to_dict() == {"music": 12, "speech": 24}
    good = classes.query("method == 'good'")["frame error"].mean()
    assert good == pytest.approx(
        board(records, protocol).set_index("method").loc["good", "frame error"]
    )
    assert by_group(records, protocol).shape == (4, 36)
    with pytest.raises(ProtocolError, match="no stratum 'age'; its items have sex"):
        strata(records, protocol, "age")


def test_compare_says_who_is_better_or_that_nobody_is(protocol, records):
    good, twin, bad, _ = records
    clear = compare(good, bad, protocol)
    assert clear.winner == "good"
    assert "good is better" in clear.sentence
    assert clear.p < 0.001
    assert clear.difference.hi < 0
    assert clear.per_class["a_wins"].sum() == 48
    tied = compare(good, twin, protocol)
    assert "not separable" in tied.sentence
    assert tied.winner == ""
    assert tied.p > 0.05
    total = tied.per_class[["a_wins", "b_wins", "ties"]].sum(axis=1)
    assert total.tolist() == tied.per_class["n_items"].tolist()
    with pytest.raises(RecordError, match="records of two methods"):
        compare(good, good, protocol)


def test_items_of_a_group_are_one_witness_for_ranks_and_comparisons():
    """Better in 6 of 8 groups of 6 items, worse in 2: p is 20/256 by group, tiny by item."""
    items = frame_items()
    sixths = [f"{i.rpartition('/')[0]}/{int(i.rpartition('/')[2]) // 6}" for i in items["id"]]
    made = matrix_protocol(items=items.assign(group=sixths))

    def wrong_of(usual, elsewhere):
        def answer(cell, test, item):
            wrong = np.arange(SCORED) < (elsewhere if item["group"].endswith("music/0") else usual)
            right = ("music", "speech").index(item["label"])
            return np.eye(2, dtype=np.float16)[np.where(wrong, 1 - right, right)]

        return answer

    a, b = record(made, "a", wrong_of(26, 65)), record(made, "b", wrong_of(52, 52))
    assert board([a, b], made)["rank"].tolist() == ["1–2", "1–2"]
    found = compare(a, b, made)
    assert found.p == pytest.approx(20 / 256, abs=0.01)
    assert found.winner == ""


def test_compare_uses_mcnemar_only_where_each_group_holds_one_item():
    items = frame_items(("A",))
    test = {"A": tuple(items.query("label == 'speech'")["id"])}
    task = load_task("speech-music-clip")
    cells = (Cell("A", "A", tuple(items["id"]), test),)
    made = Protocol("p", "1", task, GRID, items, cells, headline=("accuracy",))
    right = record(made, "right", lambda c, t, i: np.array([0.0, 1.0]))
    wrong = record(made, "wrong", lambda c, t, i: np.array([1.0, 0.0]))
    found = compare(right, wrong, made)
    assert found.test == "exact McNemar test"
    assert found.p == pytest.approx(2 * 0.5**12)


def test_learning_curve_and_its_board():
    made = learning_protocol()
    points = curve([learner(made)], made)
    assert points["size"].tolist() == [20, 80]
    assert points["value"].is_monotonic_increasing
    table = board([learner(made)], made)
    assert table.attrs["pooled"] == ["n=80 to held out"]
    assert table["balanced accuracy"].iloc[0] == pytest.approx(points["value"].iloc[1])
    # precision and F of a class are nothing to show over items of one class
    assert [c for c in by_class([learner(made)], made) if c.startswith("F")] == []


def test_under_8_groups_values_but_no_interval_and_no_rank(tmp_path):
    made = segment_protocol()

    def shifted(by):
        return lambda c, t, i: [(0.0, 10.0 + by, "music"), (10.0 + by, 20.0, "speech")]

    found = [record(made, "exact", shifted(0.0)), record(made, "late", shifted(2.0))]
    table = board(found, made)
    assert table["rank"].tolist() == ["", ""]
    assert table["macro F (10 ms) lo"].isna().all()
    assert table["macro F (10 ms)"].iloc[0] == pytest.approx(100)
    assert table["flags"].str.contains("only 6 groups").all()
    assert "no interval and no rank" in render(table, "markdown")
    names = {path.name for path in write_board(found, made, tmp_path)}
    assert {"groups.csv", "board.png", "index.html"} <= names
    assert "p = 0.031" in compare(*found, made).sentence
    few = dataclasses.replace(made, cells=made.cells[:5])
    pair = [record(few, "exact", shifted(0.0)), record(few, "late", shifted(2.0))]
    assert "Not separable (no test: 5 groups" in compare(*pair, few).sentence


def test_records_of_another_protocol_or_with_other_items_are_refused(protocol, records):
    other = dataclasses.replace(protocol, version="2")
    with pytest.raises(RecordError, match="another version of protocol"):
        board(records, other)
    short = Record(records[0].header, records[0].outputs.iloc[1:])
    with pytest.raises(RecordError, match="is missing"):
        board([short], protocol)
    twice = Record(records[0].header, pd.concat([records[0].outputs] * 2))
    with pytest.raises(RecordError, match="aren't those of protocol"):
        board([twice], protocol)
    with pytest.raises(RecordError, match="no records yet"):
        board([], protocol)
    with pytest.raises(ProtocolError, match="no metric 'x'; choose one of frame error"):
        matrix(records, protocol, "x")


def test_judging_imports_neither_torch_nor_librosa():
    code = "import mirbench.boards, mirbench.stats, mirbench.metrics, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "librosa", "soundfile", "matplotlib", "mirbench.running"} & set(loaded)


@pytest.mark.slow
def test_20_methods_on_500_items_are_judged_in_10_s(protocol):
    items = frame_items(("A",), 250)
    ids = tuple(items["id"])
    made = dataclasses.replace(protocol, items=items, cells=(Cell("A", "A", ids, {"A": ids}),))
    rows = [np.random.default_rng(i).random((500, 2)).astype(np.float16) for i in range(500)]
    many = [
        record(made, f"m{j}", lambda c, t, i, j=j: rows[(int(i["item"].split("/")[1]) + j) % 500])
        for j in range(20)
    ]
    start = time.process_time()
    board(many, made)
    assert time.process_time() - start < 10
