"""The hierarchical classifier against a product of posteriors written out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from baselines.hierarchical import HierarchicalClassifier
from mirbench.errors import MethodError

TREE = {
    "violin": ("sustained", "strings"),
    "cello": ("sustained", "strings"),
    "flute": ("sustained", "winds"),
    "voice": ("sustained",),  # a class beside inner nodes
    "piano": ("decaying", "strings"),  # a node of one child, of a name that is used elsewhere
    "harp": ("decaying", "plucked"),
    "guitar": ("decaying", "plucked"),
    "triangle": (),  # a child of the root
}


class AnyLabel(Mapping):
    """A taxonomy of whatever labels a check makes up: two nodes, by the label's last letter."""

    def __getitem__(self, label):
        return ("even",) if ord(str(label)[-1]) % 2 == 0 else ("odd", "deep")

    def __contains__(self, label):
        return True

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __repr__(self):  # names of tests must not hold an address
        return "AnyLabel()"


@parametrize_with_checks([HierarchicalClassifier(), HierarchicalClassifier(AnyLabel())])
def test_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


def notes(seed, labels, n=12, d=4):
    rng = np.random.default_rng(seed)
    y = np.repeat(sorted(labels), n)
    means = rng.normal(size=(len(labels), d))
    return means[np.repeat(np.arange(len(labels)), n)] + rng.normal(size=(len(y), d)), y


def by_hand(X, y, X_test, base, hard):
    """Each item, each class, step by step down the path; a node is a prefix of full paths."""
    full = {c: (*TREE[c], ("class", c)) for c in sorted(set(y))}
    models = {}
    for node in {path[:i] for path in full.values() for i in range(len(path))}:
        inside = np.array([full[c][: len(node)] == node for c in y])
        branch = np.array([str(full[c][len(node)]) for c in y[inside]])
        if len(set(branch)) > 1:
            models[node] = clone(base).fit(X[inside], branch)

    def posteriors(node, x):
        if node not in models:
            (only,) = {str(p[len(node)]) for p in full.values() if p[: len(node)] == node}
            return {only: 1.0}
        return dict(zip(models[node].classes_, models[node].predict_proba(x[None])[0]))

    if hard:
        ends = []
        for x in X_test:
            node = ()
            while node not in full.values():
                shares = posteriors(node, x)
                best = max(shares, key=shares.get)
                node = next(p[: len(node) + 1] for p in full.values()
                            if p[: len(node)] == node and str(p[len(node)]) == best)  # fmt: skip
            ends.append(node[-1][1])
        return np.array(ends)
    return np.array([
        [np.prod([posteriors(p[:i], x)[str(p[i])] for i in range(len(p))]) for p in full.values()]
        for x in X_test
    ])  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    labels=st.sets(st.sampled_from(sorted(TREE)), min_size=1),
    selected=st.booleans(),
)
def test_scores_are_products_of_posteriors(seed, labels, selected):
    base = LinearDiscriminantAnalysis()
    if selected:  # each node picks its own features
        base = make_pipeline(SelectKBest(f_classif, k=2), base)
    X, y = notes(seed, labels)
    X_test = np.random.default_rng(seed + 1).normal(size=(6, 4))
    model = HierarchicalClassifier(TREE, base).fit(X, y)
    scores = model.predict_proba(X_test)
    assert_array_equal(model.classes_, sorted(labels))
    assert_allclose(scores, by_hand(X, y, X_test, base, hard=False), atol=1e-12)
    assert_allclose(scores.sum(axis=1), 1)

    hard = HierarchicalClassifier(TREE, base, descent="hard").fit(X, y)
    assert_array_equal(hard.predict(X_test), by_hand(X, y, X_test, base, hard=True))
    assert_allclose(hard.predict_proba(X_test).sum(axis=1), 1)
    assert_array_equal(
        hard.predict(X_test), hard.classes_[hard.predict_proba(X_test).argmax(axis=1)]
    )


def test_hard_scores_stay_with_the_classes_of_the_last_node():
    X, y = notes(0, ["violin", "cello", "guitar", "harp"])
    scores = HierarchicalClassifier(TREE, descent="hard").fit(X, y).predict_proba(X)
    order = ["cello", "guitar", "harp", "violin"]
    sustained = np.isin(order, ["cello", "violin"])
    assert np.all(
        (scores[:, sustained].sum(axis=1) == 0) | (scores[:, ~sustained].sum(axis=1) == 0)
    )
    assert np.all((scores > 0).sum(axis=1) == 2)


def test_descents_can_differ():
    """0.6 to a node of two classes and 0.4 to a class: the product prefers the class."""

    X = np.arange(12.0)[:, None]
    y = np.repeat(["cello", "violin", "z"], 4)
    tree = {"cello": ("strings",), "violin": ("strings",), "z": ()}

    class Fixed(LinearDiscriminantAnalysis):
        """0.6 / 0.4 at the root (12 items), halves below (8 items)."""

        def fit(self, X, y):
            self.size_ = len(X)
            return super().fit(X, y)

        def predict_proba(self, X):
            return np.tile([0.6, 0.4] if self.size_ == 12 else [0.5, 0.5], (len(X), 1))

    product = HierarchicalClassifier(tree, Fixed()).fit(X, y)
    hard = HierarchicalClassifier(tree, Fixed(), descent="hard").fit(X, y)
    assert_allclose(product.predict_proba(X[:1]), [[0.3, 0.3, 0.4]])
    assert_array_equal(product.predict(X[:1]), ["z"])
    assert_array_equal(hard.predict(X[:1]), ["cello"])


def test_flat_without_a_taxonomy():
    X, y = notes(1, ["violin", "piano", "flute"])
    flat = HierarchicalClassifier(base=DecisionTreeClassifier(max_depth=2, random_state=0))
    alone = DecisionTreeClassifier(max_depth=2, random_state=0)
    assert_allclose(flat.fit(X, y).predict_proba(X), alone.fit(X, y).predict_proba(X))


def test_codes_as_labels_and_equal_names_at_one_node():
    """A class coded 1 and a node named "1" under one parent are two children."""
    X, y = notes(2, [0, 1, 2])
    model = HierarchicalClassifier({0: ("1",), 1: (), 2: ("1",)}).fit(X, y)
    assert model.children_[()] == ["1", 1]
    assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    assert model.score(X, y) > 0.5


def test_one_class_needs_no_classifier():
    X, y = notes(3, ["piano"])
    model = HierarchicalClassifier(TREE).fit(X, y)
    assert not model.estimators_
    assert_array_equal(model.predict_proba(X), np.ones((12, 1)))


def test_clone_keeps_the_parameters():
    model = clone(HierarchicalClassifier(TREE, DecisionTreeClassifier(max_depth=3), "hard"))
    assert model.get_params()["base__max_depth"] == 3
    assert model.taxonomy == TREE


@pytest.mark.parametrize(
    ("model", "match"),
    [
        (HierarchicalClassifier({"violin": ()}), "not in the taxonomy: piano"),
        (HierarchicalClassifier({"violin": (), "piano": "struck"}), "path of piano is a word"),
        (HierarchicalClassifier(TREE, descent="soft"), "unknown descent 'soft'.*product, hard"),
        (HierarchicalClassifier(TREE, LinearSVC()), "LinearSVC has no predict_proba"),
    ],
)
def test_errors_say_what_to_do(model, match):
    X, y = notes(4, ["violin", "piano"])
    with pytest.raises(MethodError, match=match):
        model.fit(X, y)
