"""What a method may not do, and what a run guards it from: searches, stale records, loose segments."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from mirbench.estimators import PerFrame
from mirbench.protocols import make_protocol
from mirbench.running import run_protocol
from mirbench.testing import check_method


@pytest.fixture
def protocol(make_corpus):
    return make_protocol("speech-music", [make_corpus("a", groups=3, per_group=1)], folds=2)


def run(spec, protocol, n_jobs=1):
    specs = [spec] if isinstance(spec, str) else spec
    return run_protocol(specs, protocol, n_jobs=n_jobs, progress=False)


SEARCH_SPY = '''
import json
from pathlib import Path
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV
from mirbench.estimators import GroupItems

LOG = Path(__file__).with_suffix(".log")

class Lean(ClassifierMixin, BaseEstimator):
    def __init__(self, lean=0.2):
        self.lean = lean

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        with LOG.open("a") as log:
            log.write(json.dumps([self.lean, [x.key for x in X]]) + "\\n")
        return self

    def predict_proba(self, X):
        return np.tile([1 - self.lean, self.lean], (len(X), 1))

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

def method():
    """Writes down what its search tries."""
    return GridSearchCV(Lean(), {"lean": [0.2, 0.8]}, cv=GroupItems(2), error_score="raise")
'''


def test_a_search_is_made_anew_in_each_cell_from_its_training_items(home, make_corpus, method_file):
    protocol = make_protocol("speech-music-clip", [make_corpus("a")], folds=3)
    spec = method_file(SEARCH_SPY)
    _, failures = run(spec, protocol)
    assert not failures
    lines = Path(spec[:-7]).with_suffix(".log").read_text().splitlines()
    fits = [json.loads(line) for line in lines]
    assert len(fits) == 5 * len(protocol.cells), "two settings by two inner folds, and the winner"
    key_of = dict(zip(protocol.items["id"], protocol.items["key"]))
    for i, cell in enumerate(protocol.cells):
        *inner, (_, last) = fits[5 * i : 5 * i + 5]
        train = {key_of[k] for k in cell.train}
        assert sorted(lean for lean, _ in inner) == [0.2, 0.2, 0.8, 0.8]
        assert all(set(keys) < train for _, keys in inner)
        assert set(last) == train


def test_the_record_of_an_edited_method_is_that_of_its_new_code(home, protocol, method_file):
    body = '''
def method():
    """Energy."""
    return make_pipeline(Extract(energy, sr=8000), PerFrame(GaussianNB(var_smoothing={})))
'''
    [before], _ = run(method_file(body.format("1e-9")), protocol)
    [after], _ = run(method_file(body.format("1.0")), protocol)
    assert after.identity["code"] != before.identity["code"]
    assert after.header["outputs_sha256"] != before.header["outputs_sha256"]
    [back], _ = run(method_file(body.format("1e-9")), protocol)
    assert back.header["outputs_sha256"] == before.header["outputs_sha256"]


FICKLE = '''
from sklearn.base import BaseEstimator, ClassifierMixin

class Fickle(ClassifierMixin, BaseEstimator):
    def __init__(self, how="batch"):
        self.how = how

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.p_, self.calls_ = 0.5, 0
        if self.how == "seed":
            self.p_ = np.random.default_rng().random()
        return self

    def predict_proba(self, X):
        self.calls_ += 1
        p = {"batch": 1 / len(X), "state": 1 / self.calls_, "seed": self.p_}[self.how]
        out = np.empty(len(X), dtype=object)
        for i, x in enumerate(X):
            out[i] = np.tile([1 - p, p], (int(x.duration_s / 0.02 + 1e-6), 1))
        return out

def method(how="batch"):
    """Answers by what it mustn't."""
    return Fickle(how)
'''


@pytest.mark.parametrize(
    ("how", "clause"),
    [
        ("batch", "one item or many: same answers"),
        ("state", "predicting changes nothing"),
        ("seed", "same seed, same answers"),
    ],
)
def test_check_method_finds_answers_that_depend_on_more_than_the_item(
    home, method_file, how, clause
):
    spec = method_file(FICKLE) + (f":how={how}" if how != "batch" else "")
    assert clause in [check.name for check in check_method(spec) if not check.passed]


LOOSE = '''
from sklearn.base import BaseEstimator

class Loose(BaseEstimator):
    def __init__(self, start=0.0, gap=0.0, end=0.0):
        self.start, self.gap, self.end = start, gap, end

    def fit(self, X, y):
        return self

    def predict(self, X):
        out = np.empty(len(X), dtype=object)
        for i, x in enumerate(X):
            out[i] = [(self.start, 2.0, 0), (2.0 + self.gap, x.duration_s + self.end, 1)]
        return out

def method(start=0.0, gap=0.0, end=0.0):
    """Segments that may leave something uncovered."""
    return Loose(start, gap, end)
'''


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("start=0.1", "a gap or an overlap between 0.000 and 0.100"),
        ("gap=0.1", "a gap or an overlap between 2.000 and 2.100"),
        ("end=-0.1", "the segments end at"),
        ("end=0.1", "the segments end at"),
    ],
)
def test_segments_cover_the_item_and_no_more(home, method_file, fault, words):
    checks = check_method(f"{method_file(LOOSE)}:{fault}", "speech-music-segments")
    details = [check.detail for check in checks if not check.passed]
    assert words in details[0]


def test_frames_and_labels_must_be_as_many():
    rows = np.random.default_rng(0).normal(size=(3, 300, 2))
    for labels in ([0, 1], [0, 1, 0, 1]):
        with pytest.raises(ValueError, match=r"zip\(\) argument 2"):
            PerFrame(GaussianNB()).fit(list(rows), labels)


BROKEN = '''
from sklearn.base import BaseEstimator, ClassifierMixin
import os

class Broken(ClassifierMixin, BaseEstimator):
    def __init__(self, how="nan"):
        self.how = how
    def fit(self, X, y):
        self.classes_ = np.unique(y) if self.how != "minus" else np.array([-1, 1])
        if self.how == "raises":
            raise RuntimeError("out of cheese")
        if self.how == "dies":
            os._exit(9)
        return self
    def predict_proba(self, X):
        n = len(X) - (self.how == "rows")
        out = np.empty(n, dtype=object)
        for i in range(n):
            frames = int(X[i].duration_s / 0.02 + 1e-6) - (self.how == "frames")
            out[i] = np.full((frames, 3 if self.how == "columns" else 2), np.nan if self.how == "nan" else 0.5)
            if self.how == "complex":
                out[i] = out[i] + 0.1j
        return out

def method(how="nan"):
    """Broken in one of many ways."""
    return Broken(how)
'''


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("nan", "NaN or infinite scores"),
        ("rows", "rows for"),
        ("frames", "the protocol's grid has 400"),
        ("columns", "one column a class"),
        ("complex", "complex scores"),
        ("minus", "outside the codes"),
        ("raises", "out of cheese"),
    ],
)
def test_a_broken_method_fails_alone_and_says_why(
    home, protocol, plain_method, method_file, how, words
):
    spec = (
        f"{method_file(BROKEN, name='broken.py')}:how={how}"
        if how != "nan"
        else method_file(BROKEN, name="broken.py")
    )
    records, failures = run([spec, plain_method], protocol)
    assert [r.spec for r in records] == ["mine.py:method"]
    # what breaks the contract is told once, what a method raises cell by cell
    told = len(protocol.cells) if how == "raises" else 1
    assert len([k for k in failures if "cell" in k]) == told
    assert all(words in v for k, v in failures.items() if "cell" in k)
    again, failures = run([spec, plain_method], protocol)
    assert failures, "a failure is never taken for a result"
    assert len(again) == 1


@pytest.mark.slow
def test_a_dying_worker_costs_only_its_own_cells(home, protocol, plain_method, method_file):
    spec = method_file(BROKEN, name="broken.py") + ":how=dies"
    records, failures = run([plain_method, spec], protocol, n_jobs=2)
    assert [r.spec for r in records] == ["mine.py:method"]
    assert any("worker process died" in v for v in failures.values())


def test_check_method_passes_a_good_one_and_names_the_fault_of_a_bad_one(
    home, plain_method, method_file
):
    assert all(check.passed for check in check_method(plain_method))
    clips = plain_method.replace(":method", ":clips")
    assert all(check.passed for check in check_method(clips, "speech-music-clip"))
    failed = [c for c in check_method(method_file(BROKEN, name="broken.py")) if not c.passed]
    assert "NaN" in failed[0].detail
