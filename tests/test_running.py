"""A run: no leak, nothing stale. Each test fails when its defect is put in."""

import json
from pathlib import Path

import numpy as np
import pytest
from running_helpers import run

from mirbench.protocols import make_protocol


@pytest.fixture
def protocol(make_corpus):
    return make_protocol("speech-music", [make_corpus("a")], folds=3)


def test_outputs_hold_every_test_item_once_in_the_cells_order(home, protocol, plain_method):
    [record], failures = run(plain_method, protocol)
    assert not failures
    expected = [(c.name, i) for c in protocol.cells for ids in c.tests.values() for i in ids]
    assert list(zip(record.outputs["cell"], record.outputs["id"])) == expected
    shapes = {s.shape for s in record.outputs["scores"]}
    assert shapes == {(400 - 250, 2)}, "8 s on a 20-ms grid, scored from 5.0 s on"
    assert all(s.dtype == np.float16 for s in record.outputs["scores"])


def test_two_workers_give_the_same_outputs_as_one(
    home, protocol, plain_method, monkeypatch, tmp_path
):
    [one], _ = run(plain_method, protocol)
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "other"))
    [two], _ = run(plain_method, protocol, n_jobs=2)
    assert one.header["outputs_sha256"] == two.header["outputs_sha256"]
    assert one.identity == two.identity


SPY = '''
import json
from pathlib import Path
from sklearn.base import BaseEstimator, ClassifierMixin

LOG = Path(__file__).with_suffix(".log")

class Spy(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        with LOG.open("a") as log:
            log.write(json.dumps({"fit": [x.key for x in X], "groups": [x.group for x in X]}) + "\\n")
        return self

    def predict_proba(self, X):
        with LOG.open("a") as log:
            log.write(json.dumps({"predict": [x.key for x in X], "groups": [x.group for x in X]}) + "\\n")
        out = np.empty(len(X), dtype=object)
        for i, x in enumerate(X):
            out[i] = np.full((int(x.duration_s / 0.02 + 1e-6), 2), 0.5)
        return out

def method():
    """Writes down what it is shown."""
    return Spy()
'''


def test_a_method_never_sees_test_items_in_training_nor_groups_in_prediction(
    home, protocol, method_file
):
    spec = method_file(SPY)
    run(spec, protocol)
    lines = [json.loads(x) for x in Path(spec[:-7]).with_suffix(".log").read_text().splitlines()]
    fits = [x for x in lines if "fit" in x]
    predictions = [x for x in lines if "predict" in x]
    assert len(fits) == len(predictions) == len(protocol.cells)
    group_of = dict(zip(protocol.items["key"], protocol.items["group"]))
    for fit, prediction in zip(fits, predictions):
        assert not set(fit["fit"]) & set(prediction["predict"])
        assert not {group_of[k] for k in fit["fit"]} & {group_of[k] for k in prediction["predict"]}
        assert all(g is not None for g in fit["groups"])
        assert all(g is None for g in prediction["groups"])
        assert prediction["predict"] == sorted(prediction["predict"]), "order says nothing"


LABEL_THIEF = '''
from sklearn.base import BaseEstimator, ClassifierMixin

class Thief(ClassifierMixin, BaseEstimator):
    """Looks for "speech" in whatever an item shows, and at the order of rows."""
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.first_ = y[0]
        return self

    def predict_proba(self, X):
        out = np.empty(len(X), dtype=object)
        for i, x in enumerate(X):
            shown = [repr(x), str(x)] + [str(getattr(x, n, "")) for n in dir(x) if not n.startswith("__")]
            named = any("speech" in text for text in shown)
            second_half = i >= len(X) / 2
            p = float(named or second_half)
            out[i] = np.tile([1 - p, p], (int(x.duration_s / 0.02 + 1e-6), 1))
        return out

def method():
    """Steals labels."""
    return Thief()
'''


def test_paths_names_and_order_do_not_give_the_label_away(home, make_corpus, method_file):
    protocol = make_protocol("speech-music", [make_corpus("a", groups=16)], folds=2)
    [record], _ = run(method_file(LABEL_THIEF), protocol)
    truth = protocol.table.loc[record.outputs["id"], "label"].to_numpy() == "speech"
    said = np.array([s[0, 1] for s in record.outputs["scores"]]) > 0.5
    # order alone is a coin toss by content key; a path would give every other answer away too
    assert abs(np.mean(truth == said) - 0.5) < 0.2
    named = [s[0, 1] for s, t in zip(record.outputs["scores"], truth) if t]
    assert np.mean(named) < 0.8


SEARCH = '''
from sklearn.model_selection import GridSearchCV
from mirbench.estimators import GroupItems

def method():
    """A search inside each cell, by group."""
    pipe = make_pipeline(Extract(summary, sr=8000), GaussianNB())
    grid = {"gaussiannb__var_smoothing": [1e-9, 1e-3]}
    return GridSearchCV(pipe, grid, cv=GroupItems(2), error_score="raise")
'''


def test_search_over_items_by_group_inside_each_cell(home, make_corpus, method_file):
    protocol = make_protocol("speech-music-clip", [make_corpus("a")], folds=3)
    [record], failures = run(method_file(SEARCH), protocol)
    assert not failures
    truth = protocol.table.loc[record.outputs["id"], "label"].to_numpy() == "speech"
    assert np.mean(truth == [s[1] > s[0] for s in record.outputs["scores"]]) > 0.9


SEEDED = '''
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

def method(random_state=0):
    """A random start."""
    net = MLPClassifier((4,), max_iter=15, random_state=random_state)
    return make_pipeline(Extract(summary, sr=8000), StandardScaler(), net)

def nested():
    """A random start that the method forgot to name."""
    return make_pipeline(Extract(summary, sr=8000), StandardScaler(), MLPClassifier((4,), max_iter=15))
'''


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_two_seeds_differ_and_one_seed_repeats(
    home, make_corpus, method_file, monkeypatch, tmp_path
):
    protocol = make_protocol("speech-music-clip", [make_corpus("a")], folds=3)
    spec = method_file(SEEDED)
    records, _ = run(spec, protocol, seeds=[1, 2])
    assert [r.identity["seed"] for r in records] == [1, 2]
    hashes = [r.header["outputs_sha256"] for r in records]
    assert hashes[0] != hashes[1]
    nested = method_file(SEEDED, "nested")
    [first], _ = run(nested, protocol)
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "other"))
    again, _ = run(spec, protocol, seeds=[1, 2])
    assert [r.header["outputs_sha256"] for r in again] == hashes
    [second], _ = run(nested, protocol)
    assert first.header["outputs_sha256"] == second.header["outputs_sha256"]


def test_whatever_changes_an_answer_changes_a_cells_key(
    home, make_corpus, plain_method, monkeypatch
):
    from dataclasses import replace

    from mirbench.methods import load_method
    from mirbench.running.plan import plans_of

    protocol = make_protocol("speech-music", [make_corpus("a")], folds=3)

    def key(what=protocol, spec=plain_method, seeds=None):
        return next(plans_of(load_method(spec), what, seeds, False)).path

    def edited(column, value):
        table = protocol.items.copy()
        table.loc[table["id"] == protocol.cells[0].train[0], column] = value
        return replace(protocol, items=table)

    keys = [
        key(),
        key(
            edited(
                "label",
                "music"
                if protocol.table.loc[protocol.cells[0].train[0], "label"] == "speech"
                else "speech",
            )
        ),
        key(edited("key", "another sound")),
        key(edited("group", "another artist")),
        key(spec="scheirer-slaney-gmm"),
        key(spec="scheirer-slaney-gmm:features=best3"),
        key(spec="scheirer-slaney-gmm", seeds=[1]),
    ]
    monkeypatch.setattr("mirbench.running.plan.library_versions", lambda: {"numpy": "0"})
    keys.append(key())
    assert len(set(keys)) == len(keys)


def test_groups_stay_together_in_group_items():
    from mirbench.estimators import GroupItems
    from mirbench.items import Item, as_items

    rng = np.random.default_rng(0)
    items = as_items(Item.from_array(rng.random(9), 8000, f"g{i % 7}") for i in range(42))
    y = np.array([int(x.group[1]) % 2 for x in items])
    for train, test in GroupItems(3).split(items, y):
        assert not {x.group for x in items[train]} & {x.group for x in items[test]}
