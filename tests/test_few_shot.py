"""Few-shot episodes: what is drawn, what a method is shown of it, how the networks answer."""

import dataclasses
import json
import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
import torch
from sklearn.base import clone
from sklearn.neighbors import NearestCentroid

from deep.fewshot import episodic
from deep.fewshot.episodic import ASKED, SHOWN, Episodic
from deep.fewshot.rules import SCALE, attention, cosine, euclidean, prototypes
from deep.nets.small_encoder import SmallEncoder
from deep.representation.budget import STEPS
from mirbench.boards import board, curve, matrix
from mirbench.boards.chance import chance
from mirbench.boards.judge import Judge
from mirbench.corpora import load_corpus
from mirbench.errors import MethodError, ProtocolError
from mirbench.frames import Grid
from mirbench.items import Item, as_items
from mirbench.methods import load_method
from mirbench.protocols import Protocol, load_protocol
from mirbench.protocols.episodes import class_splits, episode_cell
from mirbench.protocols.makers import headline, protocol_items
from mirbench.running import run_protocol
from mirbench.tasks import load_task
from mirbench.testing import check_protocol

CLASSES = ("cello", "flute", "guitar", "piano", "violin")
NOVEL = ("flute", "piano", "violin")
SR = 8000
NETS = ("shot-prototypes", "shot-prototypes-cosine", "shot-matching", "shot-finetune")

METHODS = '''
import json
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


def made_rows(seed=0):
    rng = np.random.default_rng(seed)
    codes = np.array([0, 1, 2, 0, 1, 0, 2])
    return rng.standard_normal((5, 4)), rng.standard_normal((7, 4)), codes


def test_rules_against_numpy():
    queries, support, codes = made_rows()
    q, s, y = (torch.as_tensor(a) for a in (queries, support, codes))
    means = np.stack([support[codes == k].sum(axis=0) / np.sum(codes == k) for k in range(3)])
    np.testing.assert_allclose(prototypes(s, y), means)
    odds = np.exp(-((queries[:, None] - means) ** 2).sum(axis=2))
    np.testing.assert_allclose(euclidean(q, s, y).exp(), odds / odds.sum(axis=1, keepdims=True))

    def cos(a, b):
        return (a @ b.T) / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))

    odds = np.exp(SCALE * cos(queries, means))
    np.testing.assert_allclose(cosine(q, s, y).exp(), odds / odds.sum(axis=1, keepdims=True))
    weights = np.exp(SCALE * cos(queries, support))
    weights /= weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(attention(q, s, y).exp(), weights @ np.eye(3)[codes])


def test_one_shot_makes_matching_and_cosine_prototypes_one():
    queries, support, _ = made_rows()
    q, s, y = torch.as_tensor(queries), torch.as_tensor(support[:3]), torch.arange(3)
    torch.testing.assert_close(attention(q, s, y), cosine(q, s, y))


def task_of(codes, databases):
    task = Episodic(SmallEncoder((1, 64, 64), 8), (1, 64, 64), euclidean)
    task.know(np.asarray(codes), databases)
    return task


def test_training_episodes_divide_databases():
    codes, databases = np.repeat(np.arange(7), 12), np.tile([*"aaaabbbbcccc"], 7)
    task, rng = task_of(codes, databases), np.random.default_rng(0)
    for _ in range(20):
        places = task.draw(rng)
        shown, asked = places[: task._n_shown], places[task._n_shown :]
        assert (len(shown), len(asked)) == (5 * SHOWN, 5 * ASKED)
        assert not set(databases[shown]) & set(databases[asked])
        assert set(codes[shown]) == set(codes[asked])
        rows = torch.randn(len(places), 8)
        classes = np.unique(codes[places], return_inverse=True)[1]
        logs = euclidean(rows[15:], rows[:15], torch.as_tensor(classes[:15])).numpy()
        twin = -np.mean([row[k] for row, k in zip(logs, classes[15:], strict=True)])
        assert float(task.of(rows, places)) == pytest.approx(twin, rel=1e-5)


def test_training_episodes_of_one_database_divide_items():
    task = task_of([0, 0, 0, 1, 1, 2], ["a"] * 6)
    places = task.draw(np.random.default_rng(0))
    assert len(set(places)) == len(places)
    assert 5 not in places, "a class of one note can't be shown and asked for"
    with pytest.raises(MethodError, match="two items or more"):
        task_of([0, 1], ["a", "a"]).draw(np.random.default_rng(0))
    assert episodic.WAYS * (SHOWN + ASKED) <= 32, "the shared batch"


def notes(n=12, seed=0):
    """Tones of three classes."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(16_000 * 0.8)) / 16_000
    sounds = (
        0.1 * np.sin(2 * np.pi * 300 * 3 ** (i % 3) * t) + 0.01 * rng.standard_normal(len(t))
        for i in range(n)
    )
    items = as_items(
        Item.from_array(s.astype(np.float32), 16_000, group=f"g{i}", corpus="ab"[i // 3 % 2])
        for i, s in enumerate(sounds)
    )
    return items, np.arange(n) % 3


@pytest.mark.parametrize("name", NETS)
def test_networks(name):
    assert load_method(name).build().steps == STEPS, "one budget for all"
    items, y = notes()
    method = load_method(name).build(0).set_params(steps=2)
    state = torch.random.get_rng_state()
    method.fit(items, y + 4)
    assert torch.equal(state, torch.random.get_rng_state())
    before = method.transform(items[:2])
    support, codes = notes(6, seed=1)
    one = method.adapt(support, codes + 10)
    answers = one.predict_proba(items)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    assert one.classes_.tolist() == [10, 11, 12]
    method.adapt(support[:2], codes[:2])
    np.testing.assert_array_equal(one.predict_proba(items), answers)
    np.testing.assert_array_equal(method.transform(items[:2]), before)
    again = clone(method).fit(items, y + 4)
    np.testing.assert_array_equal(again.adapt(support, codes + 10).predict_proba(items), answers)
    for wrong in (None, -np.ones(len(items), int), np.zeros(len(items), int)):
        with pytest.raises(MethodError, match="need a known class each"):
            clone(method).fit(items, wrong)


@pytest.mark.slow
def test_prototypes_learn_and_answer_for_unseen_tones():
    items, y = notes(24)
    method = load_method("shot-prototypes").build(0).set_params(steps=40).fit(items, y)
    assert method.history_[-1]["train_loss"] < 0.7 * method.history_[0]["train_loss"]
    support, codes = notes(3, seed=1)
    asked, truth = notes(9, seed=2)
    assert (method.adapt(support, codes).predict_proba(asked).argmax(axis=1) == truth).all()
