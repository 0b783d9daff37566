"""Few-shot episodes: what is drawn, and what a method is shown of it."""

import dataclasses
import json
import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from sklearn.neighbors import NearestCentroid

from mirbench.boards import board, curve, matrix
from mirbench.boards.chance import chance
from mirbench.boards.judge import Judge
from mirbench.corpora import load_corpus
from mirbench.errors import ProtocolError
from mirbench.frames import Grid
from mirbench.protocols import Protocol, load_protocol
from mirbench.protocols.episodes import class_splits, episode_cell
from mirbench.protocols.headlines import headline
from mirbench.protocols.kept_items import protocol_items
from mirbench.running import run_protocol
from mirbench.tasks import load_task
from mirbench.testing import check_protocol

CLASSES = ("cello", "flute", "guitar", "piano", "violin")


NOVEL = ("flute", "piano", "violin")


SR = 8000


METHODS = '''
import json
import threading
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin

LOG = Path(__file__).with_suffix(".log")

def note(what, X, y=None):
    said = {"what": what, "keys": [x.key for x in X], "groups": [x.group for x in X],
            "y": None if y is None else np.asarray(y).tolist()}
    with LOG.open("a") as log:
        log.write(json.dumps(said) + "\\n")

def height(x):
    return np.array([np.mean(np.diff(np.sign(x.signal(8000))) != 0), 0.0])

class Fixed(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        note("fit", X, y)
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        note("predict", X)
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))

class Adapts(BaseEstimator):
    def __init__(self, wrong=False):
        self.wrong = wrong

    def fit(self, X, y):
        note("base", X, y)
        return self

    def adapt(self, X, y):
        note("adapt", X, y)
        return Fixed().fit(X, y if not self.wrong else y * 0)

class Rows(TransformerMixin, BaseEstimator):
    def fit(self, X, y):
        note("base", X, y)
        self.fitted_ = True
        return self

    def transform(self, X):
        note("rows", X)
        return np.stack([height(x) for x in X])

class Far(Rows):
    def distance(self, A, B):
        return np.zeros((len(A), len(B)))

class Near(ClassifierMixin, BaseEstimator):
    def __init__(self, anew=False, locked=False):
        self.anew, self.locked = anew, locked

    def fit(self, X, y):
        note("base", X, y)
        self.seen_, self.held_ = [], threading.Lock() if self.locked else None
        return self

    def adapt(self, X, y):
        if self.anew:
            return Near().fit(X, y).adapt(X, y)
        self.seen_.extend((height(x)[0], code) for x, code in zip(X, y))
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        near = [[sum(np.exp(-20 * abs(height(x)[0] - h)) for h, c in self.seen_ if c == k)
                 for k in self.classes_] for x in X]
        return np.array(near)

def inplace(anew=False, locked=False):
    """Adapts itself, or what is made anew."""
    return Near(anew, locked)

def adapts():
    """Adapts to what is shown."""
    return Adapts()

def wrong():
    """Answers among other classes."""
    return Adapts(wrong=True)

def rows():
    """Zero crossings."""
    return Rows()

def far():
    """Rows with a distance of their own."""
    return Far()

def plain():
    """Neither adapts nor transforms."""
    return Fixed()
'''


@pytest.fixture
def items(tmp_path):
    """Two databases of five classes, 6 notes in 3 groups each: a tone of the class's own height."""
    rng = np.random.default_rng(0)
    tables = []
    for database in ("a", "b"):
        rows = []
        for k, label in enumerate(CLASSES):
            for i in range(6):
                path = tmp_path / database / f"{label}{i}.wav"
                path.parent.mkdir(exist_ok=True)
                tone = np.sin(2 * np.pi * 300 * (k + 1) * np.arange(SR // 2) / SR + i)
                noise = 0.01 * rng.standard_normal(SR // 2)
                sf.write(path, 0.3 * tone + noise, SR, subtype="PCM_16")
                rows.append(
                    {"path": path.name, "label": label, "group": f"{database}-{label}-{i // 2}"}
                )
        pd.DataFrame(rows).to_csv(tmp_path / database / "index.csv", index=False)
        corpus = load_corpus(tmp_path / database)
        tables.append((corpus, protocol_items(corpus, load_task("instruments"))))
    return tables


@pytest.fixture
def protocol(items, tmp_path):
    table = pd.concat([t for _, t in items], ignore_index=True)
    cell = episode_cell("one", table, NOVEL, shots=(1, 3), queries=2, episodes=4)
    task = load_task("instruments")
    places = {corpus.name: corpus.source for corpus, _ in items}
    return Protocol(
        "few-shot/test",
        "1",
        task,
        Grid(),
        table,
        (cell,),
        headline=headline(task)[:1],
        places=places,
    )


@pytest.fixture
def methods(tmp_path):
    path = tmp_path / "shots.py"
    path.write_text(METHODS)
    return path


@pytest.fixture
def run(home, items, protocol, methods):
    def go(name):
        corpora = {corpus.name: corpus for corpus, _ in items}
        records, failures = run_protocol(
            [f"{methods}:{name}"], protocol, n_jobs=1, corpora=corpora, progress=False
        )
        log = methods.with_suffix(".log")
        return records, failures, [json.loads(line) for line in log.read_text().splitlines()]

    return go


def test_classes_are_divided_once():
    sets = class_splits([*"abcdefgh", "a"], 2, 3)
    assert len({c for own in sets for c in own}) == 6
    assert sets == class_splits([*"hgfedcba"], 2, 3)
    assert sets != class_splits([*"abcdefgh"], 2, 3, seed=1)
    with pytest.raises(ProtocolError, match="ask for fewer"):
        class_splits([*"abcd"], 3, 1)


def test_episodes_keep_apart_what_is_shown_and_what_is_asked_for(protocol):
    [cell] = protocol.cells
    table = protocol.table
    assert set(table.loc[list(cell.train), "label"]) == set(CLASSES) - set(NOVEL)
    assert (
        list(cell.tests) == list(cell.support) == [f"n={n}/{i}" for n in (1, 3) for i in range(4)]
    )
    for test, ids in cell.tests.items():
        shown, asked = table.loc[list(cell.support[test])], table.loc[list(ids)]
        assert not set(shown["corpus"]) & set(asked["corpus"])
        assert shown["label"].value_counts().to_dict() == dict.fromkeys(NOVEL, int(test[2]))
        assert asked["label"].value_counts().to_dict() == dict.fromkeys(NOVEL, 2)
    for i in range(4):
        assert set(cell.support[f"n=1/{i}"]) < set(cell.support[f"n=3/{i}"])
        assert cell.tests[f"n=1/{i}"] == cell.tests[f"n=3/{i}"]
    assert len({cell.tests[f"n=1/{i}"] for i in range(4)}) == 4
    assert all(check.passed for check in check_protocol(protocol, recordings=False))


def test_too_few_notes_or_an_unknown_class(protocol):
    with pytest.raises(ProtocolError, match="no division of"):
        episode_cell("x", protocol.items, NOVEL, shots=(9,))
    with pytest.raises(ProtocolError, match="no item is of class tuba"):
        episode_cell("x", protocol.items, ("flute", "tuba"))
    for novel, shots in ((("flute",), (1,)), (NOVEL, (0, 1)), (NOVEL, ())):
        with pytest.raises(ProtocolError, match="an episode shows two classes or more"):
            episode_cell("x", protocol.items, novel, shots=shots)


def test_support_is_part_of_the_file_and_the_hash(protocol, tmp_path):
    protocol.save(tmp_path / "shot.json")
    again = Protocol.load(tmp_path / "shot.json")
    assert (again.cells, again.hash) == (protocol.cells, protocol.hash)
    [cell] = protocol.cells
    swapped = dict(cell.support) | {"n=1/0": cell.support["n=1/1"]}
    other = dataclasses.replace(protocol, cells=(dataclasses.replace(cell, support=swapped),))
    assert other.hash != protocol.hash
    assert (protocol.export()["role"] == "support").sum() == 4 * (3 + 9)


def test_a_file_that_leaks_is_refused(protocol):
    data = protocol.to_dict()
    [cell] = data["cells"]

    def refused(words, **change):
        with pytest.raises(ProtocolError, match=words):
            Protocol.from_dict(data | {"cells": [cell | change]})

    first = cell["tests"]["n=1/0"]
    refused("in the support and asked for", support=cell["support"] | {"n=1/0": first})
    base = cell["support"] | {"n=1/0": cell["train"][:1]}
    refused("trained on and shown as an unseen", support=base)
    some = cell["support"] | {"n=1/0": cell["support"]["n=1/0"][:1]}
    refused("asked for and not in the support", support=some)
    refused("support must be items, one or more", support=cell["support"] | {"n=1/0": []})
    label = data["items"]["label"]
    flute = {
        part: cell[part] | {"n=1/0": [i for i in cell[part]["n=1/0"] if label[i] == "flute"]}
        for part in ("tests", "support")
    }
    refused("the support is of class flute alone; show two classes or more", **flute)
    refused("must give each test set", support={"n=1/0": cell["support"]["n=1/0"]})


def test_adapt_sees_the_support_alone_and_the_fit_the_base_classes(run, protocol):
    records, failures, seen = run("adapts")
    assert not failures
    [cell], table = protocol.cells, protocol.table
    task = protocol.task
    [base] = [s for s in seen if s["what"] == "base"]
    assert set(base["keys"]) == set(table.loc[list(cell.train), "key"])
    assert {task.labels[code] for code in base["y"]} == set(CLASSES) - set(NOVEL)
    shown = [s for s in seen if s["what"] == "adapt"]
    asked = [s for s in seen if s["what"] == "predict"]
    assert len(shown) == len(asked) == len(cell.tests)
    key = dict(zip(table["id"], table["key"]))
    codes = {key[i]: task.code(protocol.labels[i]) for i in table["id"]}
    for s, a, test in zip(shown, asked, cell.tests):
        assert s["keys"] == sorted(key[i] for i in cell.support[test])
        assert s["y"] == [codes[k] for k in s["keys"]]
        assert set(a["keys"]) == {key[i] for i in cell.tests[test]}
        assert not set(s["keys"]) & set(a["keys"])
        assert {*s["groups"], *a["groups"]} == {None}, "blind"
    [record] = records
    scores = np.stack(record.outputs["scores"])
    others = [i for i, label in enumerate(task.labels) if label not in NOVEL]
    assert not scores[:, others].any(), "answered among the episode's classes"


def test_an_episode_sees_nothing_of_another_where_adapt_changes_its_own_state(run):
    [own], _, _ = run("inplace")
    [anew], _, _ = run("inplace:anew=True")
    pairs = zip(own.outputs["scores"], anew.outputs["scores"], strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)
    totals = [float(np.sum(s)) for s in own.outputs["scores"]]
    assert max(totals) < 9, "three notes of three classes at most were shown"
    assert "can't be copied for an episode" in str(run("inplace:locked=True")[1])


def test_a_transformer_is_answered_for_by_the_nearest_mean(run, protocol, items):
    [record], failures, seen = run("rows")
    assert not failures
    embedded = [k for s in seen if s["what"] == "rows" for k in s["keys"]]
    assert len(embedded) == len(set(embedded)), "each item once"
    sounds = {
        row["id"]: sf.read(row["path"])[0] for corpus, _ in items for row in _rows(corpus.items)
    }
    rows = {i: np.mean(np.diff(np.sign(sounds[i])) != 0) for i in protocol.items["item"]}
    rows = dict(zip(protocol.items["id"], (rows[i] for i in protocol.items["item"])))
    [cell] = protocol.cells
    for test, part in record.outputs.groupby("test", sort=False):
        support = list(cell.support[test])
        with warnings.catch_warnings():  # it wants a variance within classes
            warnings.simplefilter("ignore")
            twin = NearestCentroid().fit(
                [[rows[i]] for i in support], [protocol.labels[i] for i in support]
            )
        found = [protocol.task.labels[np.argmax(s)] for s in part["scores"]]
        assert found == twin.predict([[rows[i]] for i in part["id"]]).tolist()


def _rows(table):
    return table.to_dict("records")


def test_others_are_fitted_on_the_support(run, protocol):
    _, failures, seen = run("plain")
    assert not failures
    fits = [s for s in seen if s["what"] == "fit"]
    assert [len(s["y"]) for s in fits] == [3] * 4 + [9] * 4


def test_wrong_classes_and_a_distance_without_a_mean_are_said(run):
    assert "classes_ must be the support's" in str(run("wrong")[1])
    assert "needs rows that the Euclidean distance compares" in str(run("far")[1])


def test_the_board_has_a_column_a_shot(run, protocol):
    records, _, _ = run("rows")
    judge = Judge(records, protocol)
    assert judge.blocks == (("n=1", "unseen classes"), ("n=3", "unseen classes"))
    assert set(judge.rows.loc[judge.main, "source"]) == {"n=3"}
    assert chance(judge) == {"balanced accuracy": pytest.approx(100 / 3)}
    shown = board(records, protocol)
    assert any("n=1" in column for column in shown)
    table = curve(records, protocol)
    assert table["size"].tolist() == [1, 3]
    assert table.attrs["size"] == "labels a class"
    assert (matrix(records, protocol)["n_classes"] == 3).all()


@pytest.mark.parametrize("name", ["few-shot/mini", "few-shot/instruments"])
def test_frozen_episodes(name):
    made = load_protocol(name)
    label, corpus = made.labels, dict(zip(made.items["id"], made.items["corpus"]))
    novel = []
    for cell in made.cells:
        tested = {label[i] for ids in cell.tests.values() for i in ids}
        assert not tested & {label[i] for i in cell.train}
        novel += sorted(tested)
        for test, ids in cell.tests.items():
            assert not {corpus[i] for i in cell.support[test]} & {corpus[i] for i in ids}
    assert len(set(novel)) == len(novel), "splits share no unseen class"
    if name == "few-shot/instruments":
        assert sum(len(cell.tests) for cell in made.cells) >= 600
