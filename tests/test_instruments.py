"""The instruments task: labels, levels, pitch blocks, databases left out, confusions, means."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, confusion_matrix

from mirbench.boards.confusion import confusion
from mirbench.boards.cross import matrix, means
from mirbench.boards.judge import Judge
from mirbench.boards.plot_confusion import plot_confusion
from mirbench.corpora.notes import pitch_blocks
from mirbench.errors import DataError, MethodError
from mirbench.estimators import CorpusOut
from mirbench.frames import Grid
from mirbench.items import Item, as_items, content_key
from mirbench.metrics import metrics_for
from mirbench.protocols.databases import (
    beginnings,
    hold_out_cells,
    leave_one_corpus_out,
    random_cells,
)
from mirbench.protocols.makers import per_class
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.records import Record
from mirbench.tasks import REST, Task, load_task

TASK = load_task("instruments")
DATABASES = {"a": ("flute", "violin", "cello", "piano"), "b": ("flute", "violin", "cello", "piano"),
             "c": ("flute", "violin", "harp")}  # fmt: skip


def notes(corpus: str, labels: tuple[str, ...], n: int = 10) -> pd.DataFrame:
    rows = [
        {
            "id": f"{corpus}/{label}-{i}",
            "corpus": corpus,
            "item": f"{corpus}/{label}-{i}",
            "start_s": 0.0,
            "duration_s": 0.8 + 0.1 * i,
            "degradation": "",
            "key": f"{corpus}{label}{i}",
            "group": f"{corpus}/{label}/{i // 2}",
            "label": label,
        }
        for label in labels
        for i in range(n)
    ]
    return pd.DataFrame(rows)


TABLES = [notes(name, labels) for name, labels in DATABASES.items()]


@given(pitches=st.lists(st.integers(21, 108), min_size=5, max_size=60), seed=st.integers(0, 9))
def test_pitch_blocks_are_contiguous_and_whole(pitches, seed, tmp_path_factory):
    order = np.random.default_rng(seed).permutation(len(pitches))
    index = pd.DataFrame({"instrument": "oboe", "pitch": np.array(pitches)[order].astype(str)})
    blocks = np.array([int(g[-1]) for g in pitch_blocks(index, "db", tmp_path_factory)])
    sorted_blocks = blocks[np.argsort(index["pitch"].astype(int), kind="stable")]
    assert (np.diff(sorted_blocks) >= 0).all()
    assert sorted_blocks[0] == 1
    assert sorted_blocks[-1] <= 5
    assert index.assign(block=blocks).groupby("pitch")["block"].nunique().max() == 1


def test_pitch_blocks_name_what_is_wrong(tmp_path):
    source = tmp_path / "index.csv"
    with pytest.raises(DataError, match=r"index\.csv.*'pitch'"):
        pitch_blocks(pd.DataFrame({"instrument": ["oboe"]}), "db", source)
    with pytest.raises(DataError, match=r"line 3 .*MIDI"):
        pitch_blocks(
            pd.DataFrame({"instrument": ["oboe"] * 2, "pitch": ["60", "C4"]}), "db", source
        )


@pytest.mark.parametrize(
    ("word", "label"),
    [("flute", "flute"), ("AltoSax", "saxophone"), ("vibraphone", None), (np.nan, None)],
)
def test_the_words_of_collections_become_labels(word, label):
    assert TASK.named(word) == label
    assert load_task("speech-music").named("AltoSax") is None


def test_a_task_without_levels_is_written_as_before():
    """Frozen protocols are hashed with their task."""
    assert "levels" not in load_task("speech-music").to_dict()
    assert Task.from_dict(TASK.to_dict()) == TASK


@given(seed=st.integers(0, 50))
def test_folded_recall_equals_scikit_learn_on_folded_labels(seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, len(TASK.labels), 60)
    scores = rng.random((60, len(TASK.labels)))
    found = {m.name: m.score(truth, list(scores), TASK, Grid()) for m in metrics_for(TASK, Grid())}
    decided = scores.argmax(axis=1)
    for name, coarse in TASK.levels.items():
        folded = np.array(coarse)
        expected = 100 * np.mean(
            [
                np.mean(folded[decided[folded[truth] == own]] == own)
                for own in np.unique(folded[truth])
            ]
        )
        assert found[f"balanced accuracy ({name})"] == pytest.approx(expected)
    known = np.isin(decided, truth)  # scikit-learn warns of classes that are decided but not true
    if known.all():
        assert found["balanced accuracy"] == pytest.approx(
            100 * balanced_accuracy_score(truth, decided)
        )


def test_each_database_is_tested_by_a_model_of_the_others_only():
    items, cells = leave_one_corpus_out(TABLES, first_s=1.0)
    corpus = items.set_index("id")["corpus"]
    assert [cell.name for cell in cells] == ["a", "b", "c"]
    for cell in cells:
        assert cell.source == REST
        assert set(corpus[list(cell.train)]) == set(DATABASES) - {cell.name}
        assert set(cell.tests) == {cell.name, f"{cell.name} + first 1.0 s"}
        for ids in cell.tests.values():
            assert set(corpus[list(ids)]) == {cell.name}
            assert not any("harp" in i for i in ids)  # no other database holds a harp
    assert not any("@" in i for cell in cells for i in cell.train)


def test_beginnings_have_the_key_of_what_is_heard():
    cut = beginnings(TABLES[0], 1.0)
    assert cut["duration_s"].max() == 1.0
    for before, after in zip(TABLES[0].to_dict("records"), cut.to_dict("records")):
        long = before["duration_s"] > 1.0
        assert after["duration_s"] == min(1.0, before["duration_s"])
        assert after["key"] == (content_key(before["key"], 0.0, 1.0) if long else before["key"])


def test_random_splits_put_neighbours_on_both_sides():
    for cells in (random_cells(TABLES[0], 5), hold_out_cells(TABLES[0], 5, 1 / 3)):
        group = TABLES[0].set_index("id")["group"]
        assert len(cells) == 5
        for cell in cells:
            test = cell.tests["a"]
            assert not set(cell.train) & set(test)
            assert set(group[list(cell.train)]) & set(group[list(test)])


def test_training_sets_are_cut_class_by_class():
    cut = per_class(TABLES[0], 7, seed=1)
    assert (cut["label"].value_counts() == 7).all()
    assert per_class(TABLES[0], 99).equals(TABLES[0])
    assert per_class(TABLES[0], 7, seed=1).equals(cut)


def corpus_items(names: list[str | None]) -> np.ndarray:
    rng = np.random.default_rng(0)
    return as_items(
        Item.from_array(rng.random(80), 8000, group=f"g{i // 2}", corpus=name)
        for i, name in enumerate(names)
    )


def test_corpus_out_leaves_each_corpus_out_and_drops_what_only_it_holds():
    X = corpus_items(["a"] * 4 + ["b"] * 4 + ["c"] * 4)
    y = np.array([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 2, 2])
    splits = list(CorpusOut().split(X, y))
    assert [sorted(test) for _, test in splits] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    for train, test in splits:
        assert not {X[i].corpus for i in train} & {X[i].corpus for i in test}
    assert CorpusOut().get_n_splits(X) == 3


def test_corpus_out_falls_back_on_groups_within_one_corpus():
    X, y = corpus_items(["a"] * 12), np.tile([0, 0, 1, 1], 3)
    for train, test in CorpusOut(n_splits=3).split(X, y):
        assert not {X[i].group for i in train} & {X[i].group for i in test}
    with pytest.raises(MethodError, match="while training"):
        list(CorpusOut().split(as_items(item.blind() for item in X), y))


def test_a_blind_item_has_no_corpus():
    item = corpus_items(["iowa"])[0]
    assert item.corpus == "iowa"
    assert item.blind().corpus is None


def protocol(cells, items) -> Protocol:
    return Protocol(
        "instruments/test", "1", TASK, Grid(), items, tuple(cells),
        headline=("balanced accuracy", "balanced accuracy (family)"), evidence="embedded",
    )  # fmt: skip


def record(of: Protocol, decide) -> Record:
    rows = [
        (cell.name, cell.source, test, i, np.eye(len(TASK.labels))[TASK.code(decide(i, of))])
        for cell in of.cells
        for test, ids in cell.tests.items()
        for i in ids
    ]
    identity = {
        "method": "m", "params": {}, "spec": "m", "title": "M", "family": "hand-crafted",
        "seed": 0, "code": "c", "protocol": of.name, "protocol_hash": of.hash,
        "task": "instruments", "kind": "classes", "evidence": "embedded",
    }  # fmt: skip
    outputs = pd.DataFrame(rows, columns=["cell", "source", "test", "id", "scores"])
    header = {"identity": identity, "provenance": {}, "status": "complete"}
    return Record(header, outputs)


def test_confusions_are_those_of_scikit_learn_with_families_together():
    items, cells = leave_one_corpus_out(TABLES, first_s=1.0)
    made = protocol(cells, items)
    wrong = {"violin": "cello", "piano": "flute"}
    run = record(made, lambda i, of: wrong.get(of.labels[i], of.labels[i]))
    table = confusion([run], made, "m")
    clean = [i for c in cells for t, ids in c.tests.items() if " + " not in t for i in ids]
    truth = [made.labels[i] for i in clean]
    decided = [wrong.get(label, label) for label in truth]
    names = list(table.index)
    np.testing.assert_array_equal(table, confusion_matrix(truth, decided, labels=names))
    families = table.attrs["families"]
    assert len([i for i in range(1, len(families)) if families[i] != families[i - 1]]) == (
        len(set(families)) - 1
    )
    assert plot_confusion([table]).axes


def test_the_first_column_pools_whole_notes_and_means_have_cut_ones_apart():
    items, cells = leave_one_corpus_out(TABLES, first_s=1.0)
    made = protocol(cells, items)
    # right on whole notes, always the flute on cut ones
    run = record(made, lambda i, of: "flute" if "@" in i else of.labels[i])
    judge = Judge([run], made)
    assert judge.interval("m", judge.headline[0], judge.main).value == 100
    crossed = matrix(judge, made)
    cut = crossed[crossed["test"] == "a + first 1.0 s"].iloc[0]
    assert cut["value"] == 25
    assert cut["drop"] == 75  # against the same notes uncut
    averaged = means(crossed, len(TASK.labels)).iloc[0]
    # c shares only two labels with the others and stays out of the means
    assert averaged["across"] == 100
    assert averaged["cells"] == 2
    assert averaged["+ first 1.0 s"] == 25


def test_means_leave_out_cells_of_few_shared_labels():
    crossed = pd.DataFrame(
        {
            "method": ["m"] * 4,
            "source": ["a", "a", "a", "b"],
            "test": ["a", "b", "c", "a"],
            "value": [90.0, 50.0, 0.0, 70.0],
            "drop": [np.nan, 40.0, 90.0, 20.0],
            "closed": [90.0, 60.0, 0.0, 80.0],
            "n_classes": [8, 4, 3, 4],
        }
    )
    row = means(crossed, 26).iloc[0]
    assert (row["within"], row["across"], row["drop"], row["cells"]) == (90, 60, 30, 2)
    assert row["across, closed"] == 70
    assert means(crossed.assign(n_classes=2), 2).iloc[0]["across"] == 40


def test_corpus_is_part_of_what_a_cell_depends_on():
    from mirbench.running.plan import cell_hash

    items, cells = leave_one_corpus_out(TABLES)
    made = protocol(cells, items)
    renamed = dataclasses.replace(made, items=items.assign(corpus=items["corpus"] + "2"))
    assert cell_hash(made, made.cells[0]) != cell_hash(renamed, renamed.cells[0])


def test_closed_figures_hold_decisions_to_what_training_and_test_share():
    items = pd.concat(TABLES, ignore_index=True)
    train, test = TABLES[0], TABLES[2]  # they share flute and violin; the model knows the cello too
    made = protocol([Cell("a", "a", tuple(train["id"]), {"c": tuple(test["id"])})], items)
    scores = np.zeros(len(TASK.labels))
    for label, score in (("cello", 3.0), ("violin", 2.0), ("harp", 2.5), ("flute", 1.0)):
        scores[TASK.code(label)] = score
    run = record(made, lambda i, of: "flute")
    run = dataclasses.replace(run, outputs=run.outputs.assign(scores=[scores] * len(run.outputs)))
    row = matrix(Judge([run], made), made).iloc[0]
    assert row["n_classes"] == 2
    assert row["value"] == 0  # the cello, each time
    assert row["closed"] == 50  # the violin, right for violins
