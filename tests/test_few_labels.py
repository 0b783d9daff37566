"""Few labels: what is shown of which item, how an encoder is probed, what the board tells."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mirbench.boards import board, curve
from mirbench.boards.judge import Judge
from mirbench.boards.plot_curve import plot_curve
from mirbench.boards.write import by_mean
from mirbench.commands.common import matrix_text
from mirbench.errors import MethodError, ProtocolError
from mirbench.protocols import Protocol, make_protocol
from mirbench.protocols.few_labels import few_label_cell
from mirbench.running import run_protocol
from mirbench.running.few_labels import STRENGTHS, probe
from mirbench.running.items import labelled
from mirbench.tuning import TRIALS

METHODS = '''
import json
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from mirbench.features import Extract

LOG = Path(__file__).with_suffix(".log")

def level(signal, sr):
    return np.array([np.log(np.mean(signal**2)), np.mean(np.diff(np.sign(signal)) != 0)])

def told(X):
    return sorted({str(x.group or x.corpus or "") for x in X})

class Spy(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y[y >= 0])
        with LOG.open("a") as log:
            log.write(json.dumps({"keys": [x.key for x in X], "y": y.tolist(), "told": told(X)}) + "\\n")
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))

class Encoder(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        with LOG.open("a") as log:
            log.write(json.dumps({"keys": [x.key for x in X], "y": y, "told": told(X)}) + "\\n")
        self.fitted_ = True
        return self

    def transform(self, X):
        return np.stack([level(x.signal(8000), 8000) for x in X])

class Frames(Encoder):
    def transform(self, X):
        return super().transform(X)[:, 0]

def shown():
    """Learns from labelled items."""
    return Spy()

def all_of_them():
    """Learns from unlabelled items too."""
    return Spy()

all_of_them.unlabelled = True

def encoder():
    """Two numbers an item."""
    return Encoder()

def frames():
    """One number an item where a row is asked for."""
    return Frames()

def bayes():
    """Hand-crafted features and a classifier."""
    return make_pipeline(Extract(level, sr=8000), GaussianNB(var_smoothing=1e-2))
'''


@pytest.fixture
def methods(tmp_path):
    path = tmp_path / "few.py"
    path.write_text(METHODS)
    return path


@pytest.fixture
def protocol(make_corpus):
    """Trained on one folder (12 clips a class), tested on another; 1, 3 or all labels a class."""
    folders = [make_corpus("a", seconds=1.0), make_corpus("b", seconds=1.0, seed=1)]
    made = make_protocol("speech-music-clip", folders[:1], folders[1:])
    train, test = (part for _, part in made.items.groupby("corpus", sort=False))
    cell = few_label_cell("b", train, test, per_class=(3, 1), draws=3)
    return dataclasses.replace(made, name="few/test", cells=(cell,), seeds=(0, 1, 2))


def run(spec, protocol, **options):
    options = {"n_jobs": 1, "progress": False} | options
    return run_protocol([spec] if isinstance(spec, str) else spec, protocol, **options)


def seen(methods):
    return [json.loads(line) for line in methods.with_suffix(".log").read_text().splitlines()]


def test_draws_are_nested_and_as_many_a_class(protocol):
    [cell] = protocol.cells
    assert list(cell.labelled) == list(cell.tests) == ["n=1", "n=3", "n=12"]
    for n, draws in cell.labelled.items():
        per_class = {protocol.labels[i]: 0 for i in cell.train}
        for i in draws[0]:
            per_class[protocol.labels[i]] += 1
        assert set(per_class.values()) == {int(n[2:])}
    [every] = cell.labelled["n=12"]
    assert every == cell.train
    for one, three in zip(cell.labelled["n=1"], cell.labelled["n=3"], strict=True):
        assert set(one) < set(three) < set(every)
    assert len(cell.labelled["n=3"]) == 3
    assert len(set(cell.labelled["n=3"])) == 3, "draws differ"


def test_a_class_with_too_few_items(protocol):
    items = protocol.items
    train, test = items[items["corpus"] == "a"], items[items["corpus"] == "b"]
    with pytest.raises(ProtocolError, match="music has 12 training items, 13 labels"):
        few_label_cell("b", train, test, per_class=(1, 13))
    with pytest.raises(ProtocolError, match="no test item"):
        few_label_cell("b", train, test.assign(label="noise"))
    with pytest.raises(ProtocolError, match="b: the training items are of 1 classes; give"):
        few_label_cell("b", train[train["label"] == "music"], test)


def test_it_is_part_of_the_file_and_the_hash(protocol, tmp_path):
    protocol.save(tmp_path / "few.json")
    again = Protocol.load(tmp_path / "few.json")
    assert again.cells == protocol.cells
    assert again.hash == protocol.hash
    [cell] = protocol.cells
    swapped = dict(cell.labelled) | {"n=1": cell.labelled["n=1"][::-1]}
    other = dataclasses.replace(protocol, cells=(dataclasses.replace(cell, labelled=swapped),))
    assert other.hash != protocol.hash
    roles = protocol.export()["role"].value_counts()
    assert roles["labelled, draw 0"] == 2 + 6 + 24


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda labelled: labelled.pop("n=1"), "a draw or more"),
        (lambda labelled: labelled["n=1"].clear(), "a draw or more"),
        (lambda labelled: labelled["n=1"][0].append(labelled["n=1"][0][0]), "each once"),
        (lambda labelled: labelled["n=1"][0].append(47), "some of its training items"),
        (lambda labelled: labelled["n=1"][0].clear(), "some of its training items"),
    ],
)
def test_malformed_files(protocol, change, words):
    data = json.loads(json.dumps(protocol.to_dict()))
    change(data["cells"][0]["labelled"])
    with pytest.raises(ProtocolError, match=words):
        Protocol.from_dict(data, "few.json")


def test_a_classifier_is_shown_the_labelled_items_alone(home, protocol, methods):
    records, failures = run(f"{methods}:shown", protocol)
    assert not failures
    assert [r.identity["seed"] for r in records] == [0, 1, 2], "a draw a seed, random or not"
    [cell] = protocol.cells
    key = dict(zip(protocol.items["id"], protocol.items["key"]))
    expected = [
        {"keys": [key[i] for i in cell.train if i in shown], "y": [0, 1] * (len(shown) // 2)}
        for seed in range(3)
        for shown in (draws[seed % len(draws)] for draws in cell.labelled.values())
    ]
    got = seen(methods)
    assert [s["keys"] for s in got] == [e["keys"] for e in expected]
    assert [sorted(s["y"]) for s in got] == [sorted(e["y"]) for e in expected]


def test_a_method_that_says_so_is_given_the_others_without_label(home, protocol, methods):
    _, failures = run(f"{methods}:all_of_them", protocol, seeds=[0])
    assert not failures
    [cell] = protocol.cells
    ids = dict(zip(protocol.items["key"], protocol.items["id"]))
    for fit, (name, draws) in zip(seen(methods), cell.labelled.items(), strict=True):
        assert fit["keys"] == sorted(fit["keys"]), "neighbours in an index may be of one class"
        assert fit["told"] == [""], "a group may name its class"
        assert {ids[key] for key in fit["keys"]} == set(cell.train)
        for key, y in zip(fit["keys"], fit["y"], strict=True):
            shown = ids[key] in draws[0]
            assert y == (protocol.task.code(protocol.labels[ids[key]]) if shown else -1), name


def test_an_encoder_is_fitted_once_without_labels_and_probed(home, protocol, methods):
    records, failures = run(f"{methods}:encoder", protocol, seeds=[0])
    assert not failures
    assert [fit["y"] for fit in seen(methods)] == [None]
    [fit] = seen(methods)
    assert len(fit["keys"]) == 24
    assert fit["keys"] == sorted(fit["keys"])
    assert fit["told"] == [""]

    # scikit-learn alone, from the sound files: one label a class leaves C at 1
    from mirbench.methods import load_method
    from mirbench.running.items import protocol_items, select, targets

    items = protocol_items(protocol)
    embed = load_method(f"{methods}:encoder").build().transform
    [cell] = protocol.cells
    some, tested = cell.labelled["n=1"][0], cell.tests["n=1"]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    model.fit(embed(select(items, some)), targets(protocol, some))
    expected = model.predict_proba(embed(select(items, tested)))
    rows = records[0].outputs.query("test == 'n=1'").set_index("id").loc[list(tested), "scores"]
    np.testing.assert_allclose(np.stack(rows.to_list()), expected, atol=1e-6)


def test_an_encoder_must_give_a_row_an_item(home, protocol, methods):
    _, failures = run(f"{methods}:frames", protocol, seeds=[0])
    assert all("one row of numbers an item" in why for why in failures.values())
    assert failures


def test_the_probe_chooses_its_strength_by_the_labelled_items():
    rng = np.random.default_rng(1)
    y = np.repeat([0, 3], 20)
    rows = rng.normal(size=(40, 60))
    rows[:, 0] += 2.0 * (y == 3)
    few, many = probe(rows[18:22], y[18:22]), probe(rows, y)
    assert few[-1].C == 1.0
    scores = many.cv_results_["mean_test_score"]
    assert len(scores) == TRIALS
    assert many.best_params_["logisticregression__C"] == STRENGTHS[int(np.argmax(scores))] == 0.01
    assert many.classes_.tolist() == [0, 3]
    with pytest.raises(ProtocolError, match="of 1 classes; show labels of two or more"):
        probe(rows, y * 0)
    for bad in (y.astype(str), y - 1, y + np.nan):
        with pytest.raises(MethodError, match="codes of classes, whole numbers from 0 on"):
            probe(rows, bad)


@pytest.mark.parametrize(("greater", "order"), [(True, "bca"), (False, "acb")])
def test_a_picture_of_curves_takes_the_best_by_the_mean_over_the_curve(greater, order):
    learned = pd.DataFrame(
        [("a", 1, 10), ("a", 80, 90), ("b", 1, 60), ("b", 80, 80), ("c", 1, 40), ("c", 80, 70)],
        columns=["method", "size", "value"],
    )
    learned.attrs["greater_is_better"] = greater
    made = pd.DataFrame({"method": list("abc"), "family": "deep"})
    assert "".join(by_mean(learned, made)["method"]) == order


def test_the_board_is_a_curve_over_labels_a_class(home, protocol, methods):
    records, failures = run([f"{methods}:bayes", f"{methods}:encoder"], protocol)
    assert not failures
    judge = Judge(records, protocol)
    learned = curve(judge, protocol)
    assert learned["size"].drop_duplicates().tolist() == [1, 3, 12]
    assert learned.attrs["size"] == "labels a class"
    ours = [r for r in records if r.spec.endswith("bayes")]
    for n in (1, 3, 12):
        per_seed = []
        for record in ours:
            rows = record.outputs[record.outputs["test"] == f"n={n}"]
            truth = [protocol.task.code(protocol.labels[i]) for i in rows["id"]]
            guess = [int(np.argmax(s)) for s in rows["scores"]]
            per_seed.append(100 * balanced_accuracy_score(truth, guess))
        row = learned[learned["method"].str.endswith("bayes") & (learned["size"] == n)].iloc[0]
        assert row["value"] == pytest.approx(np.mean(per_seed))
    table = board(judge, protocol)
    most = learned[learned["size"] == 12].set_index("method")["value"]
    assert table.set_index("method")["balanced accuracy"].to_dict() == pytest.approx(most.to_dict())
    shown = matrix_text(judge, table)
    assert shown.startswith("balanced accuracy by labels a class")
    assert all(name in shown for name in ("n=1 to b", "n=3 to b", "n=12 to b"))
    axes = plot_curve(learned).axes[0]
    assert axes.get_xlabel() == "labels a class (log scale)"


def test_positions_of_what_a_seed_shows(protocol):
    [cell] = protocol.cells
    shown = labelled(cell, 4)  # as many draws as three: the second
    ids = [cell.train[i] for i in shown["n=3"]]
    assert set(ids) == set(cell.labelled["n=3"][1])
    assert ids == [i for i in cell.train if i in ids]


def test_shares_take_as_much_of_each_class_and_one_at_the_least():
    labels = ["a"] * 200 + ["b"] * 40 + ["c"] * 3
    train = pd.DataFrame({"id": [f"t{i}" for i in range(243)], "label": labels})
    test = pd.DataFrame({"id": ["x", "y"], "label": ["a", "d"]})
    cell = few_label_cell("big", train, test, shares=(0.1, 0.01), draws=2)
    assert list(cell.labelled) == ["n=1", "n=8", "n=81"]
    named = train.set_index("id")["label"]
    for one, ten in zip(cell.labelled["n=1"], cell.labelled["n=8"], strict=True):
        assert set(one) < set(ten)
        assert named[list(one)].value_counts().to_dict() == {"a": 2, "b": 1, "c": 1}
        assert named[list(ten)].value_counts().to_dict() == {"a": 20, "b": 4, "c": 1}
    assert set(cell.tests.values()) == {("x",)}
    even = train[160:240]  # 40 of a, 40 of b
    with pytest.raises(ProtocolError, match="40 labels a class are all that there are"):
        few_label_cell("big", even, test.assign(label="b"), per_class=(5, 40), draws=1)
    with pytest.raises(ProtocolError, match="between 0 and 1"):
        few_label_cell("big", train, test, shares=(0.1, 10))
