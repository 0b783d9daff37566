"""Tasks of tags and values through the harness; folds by clip, track and artist of the same items."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from mirbench.audit.cells import audit_cells
from mirbench.corpora.corpus import Corpus
from mirbench.errors import MethodError, ProtocolError
from mirbench.features import Extract
from mirbench.frames import Grid
from mirbench.items import Item, as_items
from mirbench.protocols.custom import left_out
from mirbench.protocols.headlines import headline
from mirbench.protocols.kept_items import protocol_items, with_labels
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.tracks import (
    ARTISTS_KNOWN,
    TRACKS_KNOWN,
    across,
    fold_cells,
    known_tags,
    three_units,
    track_protocol,
)
from mirbench.running.answers import predict
from mirbench.running.job import Job
from mirbench.running.thresholds import stored, thresholds_of
from mirbench.tasks import load_task
from mirbench.tuning import best_thresholds, hold_out, moved


def table(n_artists=6, tracks=2, clips=3):
    rows = [
        (f"c/{a}-{t}-{c}", f"artist {a}", f"track {a}-{t}", "rock" if a % 2 else "jazz")
        for a in range(n_artists)
        for t in range(tracks)
        for c in range(clips)
    ]
    items = pd.DataFrame(rows, columns=["id", "group", "track", "label"])
    return items.assign(
        corpus="c", item=items["id"], start_s=0.0, duration_s=5.0, degradation="", key=items["id"]
    )


def three():
    items = table()
    task = load_task("genre")
    cells = three_units(items, items["track"], 3, task)
    kept = items.drop(columns="track")
    shares = (TRACKS_KNOWN, ARTISTS_KNOWN)
    return track_protocol("genre/x", task, kept, cells, evidence="real", shares=shares), items


def test_three_units_keep_what_they_say_apart():
    protocol, items = three()
    column = {"c": "group", ARTISTS_KNOWN: "track", TRACKS_KNOWN: "id"}
    known = items.set_index("id", drop=False)
    shared = {source: 0 for source in column}
    for cell in protocol.cells:
        (ids,) = cell.tests.values()
        train, test = known.loc[list(cell.train)], known.loc[list(ids)]
        assert not set(train[column[cell.source]]) & set(test[column[cell.source]])
        shared[cell.source] += len(set(train["group"]) & set(test["group"]))
        assert len(train) + len(test) == len(items)
    assert shared["c"] == 0
    assert min(shared[ARTISTS_KNOWN], shared[TRACKS_KNOWN]) > 0
    assert protocol.task.labels == ("jazz", "rock")


def test_groups_shared_on_purpose_are_no_leak_but_copies_are():
    protocol, _ = three()
    assert audit_cells(protocol) == []
    assert audit_cells(replace(protocol, shares=()))
    copied = protocol.items.assign(key="same")
    assert any("recording" in leak for leak in audit_cells(replace(protocol, items=copied)))


def test_shares_survive_a_file_and_never_stand_for_the_main_folds(tmp_path):
    protocol, _ = three()
    protocol.save(tmp_path / "p.json")
    again = Protocol.load(tmp_path / "p.json")
    assert again.shares == protocol.shares
    assert again.hash == protocol.hash
    for shares in (("c",), ("nobody",)):
        with pytest.raises(ProtocolError, match="never in their place"):
            Protocol.from_dict(replace(protocol, shares=shares).to_dict())
    alone = tuple(cell for cell in protocol.cells if cell.source != "c")
    with pytest.raises(ProtocolError, match="never in their place"):
        Protocol.from_dict(replace(protocol, cells=alone).to_dict())


def test_too_few_artists_for_the_folds():
    with pytest.raises(ProtocolError, match="4 folds by group need 4 of them"):
        fold_cells(table(), 4, load_task("genre"))


def tags_table():
    words = [["a", "b"], ["a"], [], ["b", "c"], ["c"], ["a", "c"]]
    items = table()
    labels = [json.dumps(words[int(name.split()[1])]) for name in items["group"]]
    return items.drop(columns="track").assign(label=labels)


def test_tags_fill_the_label_set_and_fold_by_artist():
    task = load_task("tags")
    items, cells = across([tags_table()], [tags_table()], 3, task)
    made = track_protocol("tags/x", task, items, cells, evidence="real")
    assert made.task.labels == ("a", "b", "c")
    assert audit_cells(made) == []
    assert made.task.target(json.dumps(["c", "a"])) == [1, 0, 1]
    assert made.headline == headline(task)


def test_rare_tags_are_left_out_of_every_corpus():
    kept = known_tags(tags_table(), at_least=18)
    assert {t for label in kept["label"] for t in json.loads(label)} == {"a", "c"}


def corpus(**columns):
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"id": [f"c/{i}" for i in range(n)], "duration_s": 5.0, "key": "k"})
    return Corpus("c", frame.assign(group="g", **columns))


def test_truth_of_tags_and_values():
    items = protocol_items(corpus(tags=["b|a", "", " a "]), load_task("tags"))
    assert items["label"].tolist() == ['["a", "b"]', "[]", '["a"]']
    assert with_labels(load_task("tags"), items).labels == ("a", "b")
    values = corpus(valence=["0.5", "", "1"], arousal=[0.25, 1, 2])
    items = protocol_items(values, load_task("emotion"))
    assert [json.loads(label) for label in items["label"]] == [[0.5, 0.25], [1.0, 2.0]]


def test_truth_that_is_none_is_refused():
    with pytest.raises(ProtocolError, match="no item has a label"):
        protocol_items(corpus(tags=["", ""]), load_task("tags"))
    with pytest.raises(ProtocolError, match=r"no column .arousal."):
        protocol_items(corpus(valence=[1, 2]), load_task("emotion"))
    with pytest.raises(ProtocolError, match="must be numbers"):
        protocol_items(corpus(valence=["low", "2"], arousal=[1, 2]), load_task("emotion"))


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_thresholds_are_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, size=(12, 3))
    scores = rng.integers(0, 6, size=(12, 3)) / 5
    found = best_thresholds(truth, scores)
    for tag in range(3):
        y, s = truth[:, tag], scores[:, tag]
        if 0 < y.sum() < 12:
            tried = [f1_score(y, s >= t, zero_division=0) for t in np.append(np.unique(s), 2)]
            assert f1_score(y, s >= found[tag]) == pytest.approx(max(tried))
        else:
            assert found[tag] == 0.5


def test_moved_scores_keep_their_order_and_decide_at_a_half():
    scores = np.linspace(0, 1, 101)[:, None] * np.ones(3)
    limits = np.array([0.1, 0.5, 0.87])
    out = moved(scores, limits)
    assert (np.diff(out, axis=0) > 0).all()
    assert ((out >= 0.5) == (scores >= limits)).all()
    assert np.allclose(out[:, 1], scores[:, 1])
    assert out.min() == 0
    assert out.max() == 1


def test_hold_out_keeps_groups_together():
    held = hold_out(["a", "a", "b", "b", None, None, "c"])
    assert held[:2].all() == held[:2].any()
    assert 0 < held.sum() < 7
    assert not hold_out(["a", "a"]).any()


class Spy(BaseEstimator):
    """Remembers the items that each fit was given."""

    seen: list = []  # noqa: RUF012

    def fit(self, X, y):
        Spy.seen.append([item.group for item in X])
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.3)


def noises(n=12):
    rng = np.random.default_rng(0)
    return as_items(
        Item.from_array(rng.standard_normal(800), 8000, group=f"g{i // 2}") for i in range(n)
    )


def test_thresholds_see_training_items_only_and_whole_groups():
    Spy.seen.clear()
    y = np.tile([[0, 1], [1, 0]], (6, 1))
    limits = thresholds_of(Spy(), noises(), y)
    (seen,) = Spy.seen
    assert len(seen) == 8  # six groups, two of them held out
    assert all(seen.count(group) == 2 for group in seen)
    assert limits.shape == (2,)
    given_own = Spy()
    given_own.thresholds_ = np.array([0.2, 0.9])
    assert thresholds_of(given_own, noises(), y).tolist() == [0.2, 0.9]


def test_lists_of_two_columns_are_understood():
    y = np.tile([[0, 1, 0], [1, 1, 0]], (6, 1))  # a tag always there, one never
    for base in (
        RandomForestClassifier(5, random_state=0),
        MultiOutputClassifier(DecisionTreeClassifier(random_state=0)),
    ):
        estimator = make_pipeline(Extract(level, sr=8000), base).fit(noises(), y)
        rows = predict(estimator, noises(), job("tags"))
        assert np.stack(rows).shape == (12, 3)
        assert (np.stack(rows)[:, 1] == 1).all()
        assert (np.stack(rows)[:, 2] == 0).all()


def level(signal, sr):
    return np.array([np.sqrt(np.mean(signal**2))])


def job(name):
    task = replace(load_task(name), labels=("a", "b", "c"))
    return Job("m", "m", "", 0, task, Grid(), noises(), np.zeros((12, 3)), {})


class Says(BaseEstimator):
    def __init__(self, rows=None):
        self.rows = rows

    def predict(self, X):
        return self.rows[: len(X)]

    predict_proba = predict


@pytest.mark.parametrize(
    ("task", "rows", "said"),
    [
        ("tags", np.full((12, 2), 0.5), "one column a tag"),
        ("tags", np.full((12, 3), 1.5), "give probabilities"),
        ("tags", np.full((12, 3), np.nan), "NaN"),
        ("latent", np.zeros((12, 2)), "one column a label"),
        ("latent", np.full((12, 3), 1e300), "single precision"),
        ("latent", np.zeros(12), "one column a label"),
    ],
)
def test_wrong_rows_are_refused(task, rows, said):
    with pytest.raises(MethodError, match=said):
        predict(Says(rows), noises(), job(task))


def test_values_come_back_as_they_were_given():
    rows = np.arange(36.0).reshape(12, 3)
    found = np.stack(predict(Says(rows), noises(), job("latent")))
    order = np.argsort([item.key for item in noises()], kind="stable")
    assert (found[order] == rows).all()


def test_stored_scores_decide_as_the_thresholds_do():
    scores = np.array([[1e-9, 0.0, 1 - 1e-9], [1e-12, 0.3, 1 - 3e-7], [3e-9, 0.9, 1.0]])
    limits = np.array([1e-10, 0.0, 1 - 1e-8])
    kept = stored(scores, limits)
    assert kept.dtype == np.float32
    assert ((kept >= 0.5) == (scores >= limits)).all()
    assert kept.min() >= 0
    assert kept.max() <= 1


def test_thresholds_of_a_method_lie_from_0_to_1():
    given_own = Spy()
    for wrong in ([0.5, 1.5], [-0.1, 0.5], [0.5], [np.nan, 0.5]):
        given_own.thresholds_ = np.array(wrong)
        with pytest.raises(MethodError, match="from 0 to 1"):
            thresholds_of(given_own, noises(), np.tile([[0, 1], [1, 0]], (6, 1)))


def test_shares_count_in_the_hash_and_test_what_the_main_folds_test():
    protocol, _ = three()
    assert replace(protocol, shares=()).hash != protocol.hash
    few = tuple(
        replace(c, tests={"c": ids[:2]}) if c.source == "c" else c
        for c in protocol.cells
        for ids in c.tests.values()
    )
    for wrong in (replace(protocol, cells=few), replace(protocol, shares=protocol.shares * 2)):
        with pytest.raises(ProtocolError, match="test the same items"):
            Protocol.from_dict(wrong.to_dict())
    for shares in ({"folds by clip": 1}, "folds by clip", [1]):
        with pytest.raises(ProtocolError, match="list of names"):
            Protocol.from_dict(protocol.to_dict() | {"shares": shares})


def test_an_item_without_a_value_is_left_out_and_told():
    values = corpus(valence=["0.5", "", "1"], arousal=[0.25, 1, 2])
    kept = protocol_items(values, load_task("emotion"))
    assert "1 items of c" in left_out(values, kept, load_task("emotion"))
    with pytest.raises(ProtocolError, match="column 'valence', 'arousal' holds"):
        protocol_items(corpus(valence=["", ""], arousal=[1, 2]), load_task("emotion"))
