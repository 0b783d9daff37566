"""Records of tags and values on boards, pages, in tables and bundles."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from made_labels import N_TESTED, TAGS, made, tags_protocol, values_protocol
from made_records import learner, learning_protocol
from sklearn.metrics import average_precision_score, r2_score, roc_auc_score

from mirbench.boards import board, by_group, compare, matrix, strata, write_board
from mirbench.boards.chance import chance
from mirbench.boards.class_differences import class_differences
from mirbench.boards.judge import Judge
from mirbench.boards.labels import by_label
from mirbench.boards.looks import image
from mirbench.boards.plot_pareto import costs, frontier, plot_pareto
from mirbench.boards.plot_versus import plot_versus
from mirbench.boards.text import render
from mirbench.errors import RecordError
from mirbench.export import scores_frame, to_frame
from mirbench.mistakes import worst
from mirbench.predictions import record_of_predictions
from mirbench.protocols import load_protocol
from mirbench.records import decode_outputs, encode_outputs, load_record, record_path, save_record
from mirbench.site.corpus_page import corpus_page
from mirbench.site.known import Known
from mirbench.site.protocol_page import judge_protocol
from mirbench.trust.accept import accept
from mirbench.trust.answers import answers_fault
from mirbench.trust.differences import decisions_changed, score_difference
from mirbench.trust.reproduce import compare as compare_again
from mirbench.trust.submit import bundle
from mirbench.trust.verify import verify

PROTOCOLS = {"tags": tags_protocol(), "values": values_protocol()}


@pytest.fixture(scope="module", params=PROTOCOLS)
def three(request):
    protocol = PROTOCOLS[request.param]
    return protocol, [made(protocol, s, e) for s, e in (("good", 0.6), ("fair", 1.2), ("bad", 3.0))]


@pytest.fixture(scope="module")
def tagged():
    protocol = PROTOCOLS["tags"]
    return protocol, [made(protocol, s, e) for s, e in (("good", 0.5), ("bad", 3.0))]


def test_a_board_ranks_and_renders(three):
    protocol, records = three
    table = board(records, protocol)
    assert table["method"].tolist() == ["good", "fair", "bad"]
    assert table["rank"].tolist() == ["1", "2", "3"]
    assert (table["multiply_adds"] == [5e7, 5e7, 4e7]).all()
    first = protocol.headline[0]
    assert (table[f"{first} lo"] < table[first]).all()
    assert (table[first] < table[f"{first} hi"]).all()
    for form in ("markdown", "text", "csv", "latex", "json", "html"):
        assert "good" in render(table, form)
    assert table.attrs["pooled"] == ["A", "B"]


def test_values_are_printed_with_three_decimals():
    protocol = PROTOCOLS["values"]
    table = board([made(protocol, "good", 0.6)], protocol)
    value = table["CCC (arousal)"].iloc[0]
    assert f"{value:.3f} [" in render(table, "markdown")


def test_what_chance_gives_and_what_is_left_out_is_said(tagged):
    protocol, records = tagged
    table = board(records, protocol)
    assert table.attrs["labels_left_out"] == ["rare"]
    said = render(table, "markdown")
    assert "1 of 5 tags have no positive" in said
    chance_of = table.attrs["chance"]["PR-AUC"]
    assert f"the same for all items: PR-AUC {chance_of:.1f} %, ROC-AUC 50.0 %." in said


def test_chance_is_what_one_answer_for_all_items_scores(three):
    """The levels are those of a record that says the same of every item."""
    protocol, _ = three
    judge = Judge([], protocol)
    names = (
        ("PR-AUC", "ROC-AUC")
        if protocol.task.kind == "tags"
        else ("R2", "MSE", "RMSE", "CCC", "cosine")
    )
    judge.headline = [judge.metric(name) for name in names]
    rows = np.flatnonzero(judge.main)
    one = np.full(len(protocol.task.labels), 0.3)
    if protocol.task.kind == "values":
        one = np.mean([judge.truth[i] for i in rows], axis=0)
    levels = chance(judge)
    for metric in judge.headline:
        if metric.name == "cosine":  # of the mean direction
            x = np.array([judge.truth[i] / np.linalg.norm(judge.truth[i]) for i in rows])
            answer = x.mean(axis=0)
        else:
            answer = one
        truth = [judge.truth[i] for i in rows]
        value = metric.score(truth, [answer] * len(rows), protocol.task, protocol.grid)
        assert levels[metric.name] == pytest.approx(value, abs=1e-5)


def test_chance_of_classes_is_one_over_how_many_there_are():
    protocol = learning_protocol()
    table = board([learner(protocol)], protocol)
    n = table.attrs["n_classes"]
    assert f"balanced accuracy {100 / n:.1f} % ({n} classes)." in render(table, "markdown")
    for form in ("text", "html", "latex"):
        assert "Chance, the best answer that" in " ".join(render(table, form).split())


def test_pooled_areas_are_of_each_fold_by_itself(tagged):
    protocol, records = tagged
    judge = Judge(records, protocol)
    rows, outputs = judge.rows, np.stack(judge.outputs(records[0]))
    truth = np.stack([marks.tags for marks in judge.truth])
    found = by_label(judge, protocol).set_index(["method", "label"])
    for code, tag in enumerate(TAGS):
        for name, score in (("PR-AUC", average_precision_score), ("ROC-AUC", roc_auc_score)):
            values, weights = [], []
            for _, at in rows[judge.main].groupby(["cell", "test"]).indices.items():
                at = np.flatnonzero(judge.main)[at]
                if truth[at, code].any():
                    values.append(100 * score(truth[at, code], outputs[at, code]))
                    weights.append(truth[at, code].sum())
            expected = np.average(values, weights=weights) if values else np.nan
            assert found.loc[("good", tag), name] == pytest.approx(expected, nan_ok=True)
    macro = judge.interval("good", judge.headline[0], judge.main).value
    assert macro == pytest.approx(found.loc["good", "PR-AUC"].mean())


def test_a_part_of_a_test_set_is_ranked_by_itself(tagged):
    protocol, records = tagged
    judge = Judge(records, protocol)
    where = judge.main & (judge.rows["style"] == "soft").to_numpy()
    split = strata(judge, protocol, "style").set_index(["method", "style"])
    parts = [
        (judge.truth[i].test, judge.truth[i].tags, judge.outputs(records[0])[i])
        for i in np.flatnonzero(where)
    ]
    values = []
    for code in range(len(TAGS)):
        own, weights = [], []
        for test in dict.fromkeys(t for t, _, _ in parts):
            tags, scores = zip(*((a[code], s[code]) for t, a, s in parts if t == test))
            if 0 < sum(tags) < len(tags):
                own.append(100 * roc_auc_score(tags, scores))
                weights.append(sum(tags))
        if own:
            values.append(np.average(own, weights=weights))
    assert split.loc[("good", "soft"), "ROC-AUC"] == pytest.approx(np.mean(values))
    assert split.loc[("good", "soft"), "ROC-AUC"] <= 100
    groups = by_group(judge, protocol, "PR-AUC")
    assert groups.max(axis=None) <= 100


def test_labels_are_no_strata_of_resampling(three):
    protocol, records = three
    assert set(Judge(records, protocol).rows["stratum"]) == {"A/", "B/"}


def test_a_matrix_compares_all_items(three):
    protocol, records = three
    crossed = matrix(records, protocol)
    assert set(crossed["n_items"]) == {N_TESTED}
    assert crossed["drop"].notna().sum() == 6
    n = 4 if protocol.task.kind == "tags" else 2
    assert set(crossed["n_classes"]) == {n}


def test_two_methods_are_compared_label_by_label(three):
    protocol, records = three
    found = compare(records[0], records[2], protocol)
    assert found.winner == "good"
    tags = protocol.task.kind == "tags"
    assert found.per_class.attrs == (
        {"part": "tag", "digits": 2} if tags else {"part": "dimension", "digits": 3}
    )
    assert found.per_class["label"].tolist() == list(protocol.task.labels)
    table = class_differences(found, records[0], records[2], protocol)
    told = by_label(records, protocol).set_index(["method", "label"])
    name = found.metric.partition(" (")[0]
    for row in table.to_dict("records"):
        own = [told.loc[(spec, row["label"]), name] for spec in ("good", "bad")]
        assert [row["a"], row["b"]] == pytest.approx(own, nan_ok=True)
        assert row["a_wins"] + row["b_wins"] + row["ties"] == row["n_items"]
    known = table[table["label"] != "rare"]
    assert (known["a_wins"] > known["b_wins"]).all()
    assert image(plot_versus(found, table), "png")[:4] == b"\x89PNG"


@pytest.fixture(scope="module")
def written(three, tmp_path_factory):
    """A folder with a board of the records, and the board's files."""
    protocol, records = three
    root = tmp_path_factory.mktemp("written")
    return root, write_board(records, protocol, root / "boards" / protocol.name.replace("/", "."))


def test_everything_is_written(three, written):
    protocol, _ = three
    files = {p.name: p.read_text("utf-8", "replace") for p in written[1]}
    table = "tags.csv" if protocol.task.kind == "tags" else "dimensions.csv"
    assert {"board.csv", "pareto.svg", "matrix.csv", "by-style.csv", table} <= set(files)
    assert "classes.csv" not in files
    assert "n_params,multiply_adds" in files["board.csv"]


def test_the_pages_of_a_site(three, tmp_path):
    protocol, records = three
    paths = [record_path(tmp_path, r.identity) for r in records]
    for r, path in zip(records, paths):
        save_record(r, path)
    page = judge_protocol(protocol, paths, Known(tmp_path, pd.DataFrame(), {}, {}, {}))
    assert not page.faults
    assert "multiply-adds" in page.html
    what = "PR-AUC (%) by tag" if protocol.task.kind == "tags" else "CCC by dimension"
    assert what in page.html
    html, _ = corpus_page("A", [protocol])
    if protocol.task.kind == "tags":
        assert ">guitar<" in html
    else:
        assert "valence:" in html.replace("<wbr>", "")


def test_the_frontier():
    assert frontier([1, 2, 3, 4, np.nan], [5, 4, 7, 7, 9], True) == [0, 2]
    assert frontier([1, 1, 2], [5, 4, 6], False) == [1]
    assert frontier([], [], True) == []


def test_costs_that_tell_no_methods_apart_have_no_panel(tagged):
    protocol, records = tagged
    table = board(records, protocol)
    table["n_params"] = np.arange(len(table)) * 1000.0 + 1000
    assert list(costs(table)) == ["multiply_adds", "n_params", "seconds"]
    table["multiply_adds"] = [1000.0] + [np.nan] * (len(table) - 1)
    assert list(costs(table)) == ["n_params", "seconds"]
    nets = table.assign(n_params=93_296.0)
    assert list(costs(nets)) == ["seconds"]
    assert len(plot_pareto(table).axes) == 2


def test_of_many_methods_those_that_none_beats_are_named(tagged, monkeypatch):
    protocol, records = tagged
    table = board(records, protocol).assign(n_params=np.nan, multiply_adds=np.nan)
    table["fit_s"] = (
        np.arange(len(table)) + 1.0
    )  # the best is the quickest, so that it alone is left
    names = [table["method"].iloc[0], *table["method"].iloc[1:]]

    def named():
        figure = plot_pareto(table)
        numbers = [t.get_text() for axes in figure.axes for t in axes.texts]
        return [t.get_text() for t in figure.texts if t.get_text() in names], numbers

    assert named() == (names, [str(i + 1) for i in range(len(names))])
    monkeypatch.setattr("mirbench.boards.plot_pareto.MANY", 1)
    assert named() == (names[:1], ["1"])


def test_records_as_tables(three):
    protocol, records = three
    table = to_frame(records, protocol)
    assert len(table) == 3 * len(Judge(records, protocol).rows)
    assert table["value"].isna().all()  # one item has no area and no concordance
    labels = protocol.task.labels
    if protocol.task.kind == "tags":
        row = table.iloc[0]
        decided = [tag for tag in labels if row[f"score {tag}"] >= 0.5]
        assert json.loads(row["decision"]) == decided
    else:
        own = table[(table["method"] == "good") & table["pooled"]]
        truth = np.array([json.loads(t) for t in own["truth"]])
        judge = Judge(records, protocol)
        value = judge.interval("good", judge.metric("R2 (valence)"), judge.main).value
        assert r2_score(truth[:, 0], own["value valence"]) == pytest.approx(value, abs=1e-5)
    assert len(scores_frame(records, protocol)) == 6


def predictions(protocol, answer):
    rows = [
        {"cell": c.name, "test": t, "id": i, **dict(zip(protocol.task.labels, answer(i)))}
        for c in protocol.cells
        for t, ids in c.tests.items()
        for i in ids
    ]
    return pd.DataFrame(rows)


def test_predictions_made_elsewhere(three):
    protocol, _ = three

    def truth(i):
        return protocol.task.target(protocol.labels[i])

    table = predictions(protocol, truth)
    done = record_of_predictions(table, protocol, "oracle")
    best = board([done], protocol)[protocol.headline[0]].iloc[0]
    assert best == pytest.approx(100 if protocol.task.kind == "tags" else 1, abs=1e-5)
    label = protocol.task.labels[0]
    with pytest.raises(RecordError, match=f"each of {label}"):
        record_of_predictions(table.drop(columns=label), protocol)
    beyond = table.assign(**{label: -3.5})
    if protocol.task.kind == "tags":
        with pytest.raises(RecordError, match="outside 0 to 1"):
            record_of_predictions(beyond, protocol)
    else:
        assert record_of_predictions(beyond, protocol).outputs["scores"][0][0] == -3.5


def test_outputs_come_back_as_they_were(three):
    protocol, records = three
    kind = protocol.task.kind
    back = decode_outputs(encode_outputs(records[0].outputs, kind), kind)
    assert all(map(np.array_equal, back["scores"], records[0].outputs["scores"]))


def test_a_bundle_is_taken(three, tmp_path):
    protocol, records = three
    path = tmp_path / "b.zip"
    path.write_bytes(bundle(records[1:2], protocol))
    found = accept(path, tmp_path / "records", protocol=protocol)
    assert found.records[0].identity["spec"] == "external:fair"
    taken = load_record(record_path(tmp_path / "records", found.records[0].identity))
    costs = next(iter(taken.header["provenance"]["cells"].values()))
    assert costs["search"] == [[{"width": 0.5}, -0.25], [{"width": 1}, None]]


def test_a_strangers_answers_are_checked(three):
    protocol, records = three
    outputs = records[0].outputs
    assert answers_fault(outputs, protocol) == ""
    for wrong, fault in ((np.zeros(9, np.float32), "shape"), (np.float32([np.nan] * 5), "NaN")):
        wrong = wrong[: len(protocol.task.labels)] if fault == "NaN" else wrong
        changed = outputs.assign(scores=[wrong, *outputs["scores"][1:]])
        assert fault in answers_fault(changed, protocol)
    beyond = np.full(len(protocol.task.labels), 1.5, np.float32)
    said = answers_fault(outputs.assign(scores=[beyond, *outputs["scores"][1:]]), protocol)
    assert ("outside 0 to 1" in said) == (protocol.task.kind == "tags")


def test_records_and_boards_verify(three, written):
    protocol, records = three
    root = written[0] / "records"
    for r in records:
        save_record(r, record_path(root, r.identity))
    (root / protocol.task.name).mkdir(exist_ok=True)
    place = record_path(root, records[0].identity).parent.parent / "protocol.json"
    protocol.save(place)
    assert load_protocol(protocol.name, root).hash == protocol.hash
    report = verify(root)
    assert not report.faults, report
    assert report.passed == 3


def test_differences_of_two_runs(three):
    protocol, records = three
    first, other = records[0], made(protocol, "good", 0.6, seed=1)
    assert decisions_changed(first, first, protocol) == 0
    assert 0 < decisions_changed(first, other, protocol) <= 1
    assert score_difference(first, other) > 0
    again = compare_again(
        dataclasses.replace(first, header=first.header | {"outputs_sha256": "0"}), first, protocol
    )
    assert again.verdict == "identical"
    # a hair's breadth decides nothing
    near = first.outputs.assign(scores=[s * np.float32(0.9999) for s in first.outputs["scores"]])
    assert decisions_changed(first, dataclasses.replace(first, outputs=near), protocol) < 0.01


def test_the_worst_mistakes(three):
    protocol, records = three
    found, words = worst(Judge(records, protocol), "fair", 5)
    assert len(found) == 5
    assert [m.badness for m in found] == sorted((m.badness for m in found), reverse=True)
    assert "cross-entropy" in words or "root mean square" in words
    top = found[0]
    if protocol.task.kind == "tags":
        assert top.said.startswith(("wrongly: ", "missed: "))
        assert len(top.scores) == len(TAGS)
    else:
        truth = json.loads(top.truth)
        assert f"{truth[0]:.3g}" in top.said
