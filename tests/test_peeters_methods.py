"""Peeters' selectors, transforms, classifiers and systems against independent references."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import boxcox, multivariate_normal
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import PowerTransformer, scale
from sklearn.utils.estimator_checks import parametrize_with_checks

from baselines import essentia_svm as essentia_module
from baselines.hierarchical import HierarchicalClassifier
from baselines.peeters import methods
from baselines.peeters.classifiers import NearestNotes, SharedGaussian
from baselines.peeters.irmfsp import IRMFSP, inertia_ratios
from baselines.peeters.selection import CFS, SELECTIONS, selector
from baselines.peeters.transforms import TAIL, TRANSFORMS, GuardedPower, discriminant
from mirbench.errors import MethodError
from mirbench.items import Item, as_items
from mirbench.methods import chosen_params, load_method
from mirbench.tasks import load_task
from mirbench.testing import check_method

SR = 44_100


@parametrize_with_checks(
    [
        CFS(n_features=5),
        GuardedPower(),
        GuardedPower("yeo-johnson"),
        GuardedPower("none"),
        SharedGaussian(),
        NearestNotes(),
    ]
)
def test_parts_keep_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


def classes(seed, n=60, d=6, k=3):
    rng = np.random.default_rng(seed)
    y = np.r_[np.arange(k), np.arange(k), rng.integers(0, k, n - 2 * k)]
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=(k, d))[y] * 2, y


def merit(X, y, chosen):
    """Hall's formula, with all pairs written out."""
    with_class = [np.sqrt(inertia_ratios(X[:, [j]], y)[0]) for j in chosen]
    pairs = [abs(np.corrcoef(X[:, i], X[:, j])[0, 1]) for i, j in itertools.combinations(chosen, 2)]
    k, r_ff = len(chosen), np.mean(pairs) if pairs else 0.0
    return k * np.mean(with_class) / np.sqrt(k + k * (k - 1) * r_ff)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), d=st.integers(1, 6))
def test_cfs_climbs_the_merit(seed, d):
    X, y = classes(seed, d=d)
    model = CFS(None).fit(X, y)
    order: list[int] = []
    while len(order) < d:
        found = {j: merit(X, y, [*order, j]) for j in range(d) if j not in order}
        best = max(found, key=found.get)
        if order and found[best] <= merit(X, y, order):
            break
        order.append(best)
    assert_array_equal(model.order_, order)
    assert_allclose(model.merits_, [merit(X, y, order[: i + 1]) for i in range(len(order))])
    assert_array_equal(CFS(d).fit(X, y).order_[: len(order)], order)


def test_cfs_prefers_a_weaker_feature_to_a_copy():
    rng = np.random.default_rng(0)
    y = np.arange(300) % 3
    good = np.where(y == 0, 4.0, 0.0) + rng.normal(size=300)
    weak = np.where(y == 1, 2.0, 0.0) + rng.normal(size=300)
    X = np.column_stack([good, good + 0.01 * rng.normal(size=300), weak, np.ones(300)])
    assert set(CFS(2).fit(X, y).order_) >= {2}
    assert 2 not in np.flatnonzero(selector("ratio", 2).fit(X, y).get_support())


@pytest.mark.parametrize("name", SELECTIONS)
def test_selectors_take_as_many_and_see_the_good_ones(name):
    rng = np.random.default_rng(1)
    y = np.arange(120) % 3
    X = rng.normal(size=(120, 12))
    X[:, [3, 8]] += 5 * np.eye(3)[y][:, :2]
    model = selector(name, 2)
    if name == "none":
        assert model == "passthrough"
    else:
        marked = np.vstack([X, np.arange(12.0)])  # the last row tells which columns come out
        out = model.fit(X, y).transform(marked)
        assert out.shape == (121, 2)
        assert all(min(abs(np.corrcoef(c[:-1], X[:, j])[0, 1] - 1) for j in (3, 8)) < 1e-9 for c in out.T)  # fmt: skip


def test_the_plain_ranking_is_the_first_look_of_irmfsp():
    X, y = classes(2, d=8)
    taken = np.flatnonzero(selector("ratio", 3).fit(X, y).get_support())
    assert_array_equal(taken, np.sort(np.argsort(-IRMFSP(3).fit(X, y).scores_)[:3]))


def test_box_cox_is_scipys_where_values_are_positive():
    x = np.exp(np.random.default_rng(3).normal(size=200))
    expected, power = boxcox(x / np.median(x))
    out = GuardedPower().fit_transform(x[:, None])[:, 0]
    assert_allclose(out, (expected - expected.mean()) / expected.std(), atol=1e-4)
    assert abs(power) < 0.2  # log-normal: the logarithm


def test_yeo_johnson_is_scikit_learns():
    x = np.random.default_rng(4).gumbel(size=(200, 2))
    expected = PowerTransformer("yeo-johnson").fit_transform(scale(x))
    assert_allclose(GuardedPower("yeo-johnson").fit_transform(x), expected, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    method=st.sampled_from(TRANSFORMS),
    unit=st.sampled_from([1e-12, 1.0, 1e12]),
    offset=st.sampled_from([0.0, -1e3, 1e6]),
)
def test_any_features_come_out_finite_and_bounded(seed, method, unit, offset):
    rng = np.random.default_rng(seed)
    columns = [
        rng.normal(size=40),
        rng.standard_cauchy(40),
        np.full(40, 0.1),
        rng.integers(0, 2, 40),
    ]
    X = (np.column_stack(columns) + offset) * unit
    model = GuardedPower(method).fit(X)
    inside = model.transform(X)
    assert_allclose(inside.mean(axis=0), 0, atol=1e-6)
    assert_allclose(inside[:, 2], 0)
    far = model.transform(X * rng.choice([-1e6, 1e6], X.shape))
    assert np.isfinite(far).all()
    edge = np.vstack([X.max(axis=0) + TAIL * np.ptp(X, axis=0), model.low_])
    assert np.all(far <= model.transform(edge).max(axis=0) + 1e-9)
    assert np.all(far >= model.transform(edge).min(axis=0) - 1e-9)


def test_order_of_values_is_kept():
    X = np.random.default_rng(5).standard_cauchy((50, 1))
    for method in TRANSFORMS:
        out = GuardedPower(method).fit_transform(X)
        assert_array_equal(np.argsort(out[:, 0]), np.argsort(X[:, 0]))


def test_discriminant_is_scikit_learns():
    X, y = classes(11)
    X = scale(X)
    peer = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.2).fit(X, y)
    ours = discriminant(0.2).fit(X, y)
    assert_allclose(np.abs(ours.transform(X)), np.abs(peer.transform(X)), rtol=1e-3, atol=1e-3)


def test_discriminant_of_features_that_separate_perfectly():
    y = np.repeat([0, 1, 2], 4)
    out = discriminant().fit(np.eye(3)[y], y).transform(np.eye(3)[y])
    assert out.shape == (12, 2)
    assert np.isfinite(out).all()


def test_discriminant_of_one_note_a_class_says_what_it_lacks():
    with pytest.raises(MethodError, match="LDA needs a class with two training items or more"):
        discriminant().fit(np.eye(3), [0, 1, 2])


def test_gaussians_are_the_formula():
    X, y = classes(6)
    model = SharedGaussian(0.3).fit(X, y)
    own = [np.cov(X[y == k], rowvar=False, bias=True) for k in range(3)]
    pooled = sum(np.mean(y == k) * own[k] for k in range(3))
    density = np.column_stack([
        multivariate_normal(X[y == k].mean(axis=0), 0.7 * own[k] + 0.3 * pooled).pdf(X)
        for k in range(3)
    ])  # fmt: skip
    expected = density / density.sum(axis=1, keepdims=True)
    assert_allclose(model.predict_proba(X), expected, atol=1e-4)


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_gaussians_end_in_quadratic_and_linear_discriminants(shared):
    rng = np.random.default_rng(7)
    y = np.arange(600) % 3
    X = rng.normal(size=(600, 4)) * np.array([1.0, 2.0, 0.5])[y][:, None] + np.eye(3, 4)[y]
    peers = {
        0.0: QuadraticDiscriminantAnalysis(priors=[1 / 3] * 3),
        1.0: LinearDiscriminantAnalysis(priors=[1 / 3] * 3),
    }
    ours = SharedGaussian(shared).fit(X, y).predict_proba(X)
    assert_allclose(ours, peers[shared].fit(X, y).predict_proba(X), atol=0.01)


def test_gaussians_of_one_note_and_of_flat_features():
    X = np.array([[0.0, 1], [1, 1], [0, 1], [5, 1]])
    scores = SharedGaussian().fit(X, [0, 0, 0, 1]).predict_proba([[0.2, 1], [5.1, 1]])
    assert_array_equal(scores.argmax(axis=1), [0, 1])


def test_nearest_notes_is_scikit_learns_where_there_are_enough():
    X, y = classes(8)
    for k in (1, 7):
        expected = KNeighborsClassifier(k).fit(X, y).predict_proba(X)
        assert_allclose(NearestNotes(k).fit(X, y).predict_proba(X), expected)
    few = NearestNotes(15).fit(X[:4], [0, 0, 0, 1])
    assert_allclose(few.predict_proba(X[:2]), [[0.75, 0.25]] * 2)


def note(name, midi, rng):
    """A decaying, a steady or a breathy note of 0.5 s."""
    t = np.arange(SR // 2) / SR
    f0 = 440 * 2 ** ((midi - 69) / 12)
    tilt = {"piano": 1.0, "guitar": 0.5, "clarinet": 1.0, "flute": 3.0}[name]
    orders = np.arange(1, 16, 2 if name == "clarinet" else 1)
    wave = sum(np.sin(2 * np.pi * h * f0 * t + rng.uniform(0, 6)) / h**tilt for h in orders)
    shape = np.exp(-6 * t) if name in ("piano", "guitar") else np.minimum(t / 0.05, 1)
    return 0.1 * shape * wave + 1e-3 * rng.standard_normal(len(t))


@pytest.fixture(scope="module")
def notes():
    rng = np.random.default_rng(9)
    names = [name for name in ("piano", "guitar", "clarinet", "flute") for _ in range(8)]
    items = [Item.from_array(note(name, 55 + i % 8, rng), SR) for i, name in enumerate(names)]
    task = load_task("instruments")
    return as_items(items), np.array([task.code(name) for name in names])


@pytest.mark.parametrize(
    "spec",
    [
        (methods.gaussian, {}),
        (methods.gaussian, {"tree": "families", "n_features": 5, "lda": False}),
        (methods.gaussian, {"tree": "peeters", "descent": "hard", "transform": "yeo-johnson"}),
        (methods.knn, {"tree": "families", "k": 3}),
        (methods.knn, {"selection": "ratio", "k": 3}),
        (methods.tree, {}),
    ],
)
def test_systems_tell_clear_notes_apart(notes, spec):
    function, params = spec
    items, y = notes
    train = np.arange(len(y)) % 2 == 0
    model = function(**params).fit(items[train], y[train])
    scores = model.predict_proba(items[~train])
    assert scores.shape == (16, 4)
    assert_allclose(scores.sum(axis=1), 1)
    assert np.mean(model.predict(items[~train]) == y[~train]) >= 0.75


@pytest.mark.parametrize(("tree", "prefix"), [("flat", ""), ("families", "base__")])
def test_search_is_leaving_one_corpus_out_written_out(notes, tree, prefix, monkeypatch):
    grid = {"irmfsp__n_features": [2, 12], "sharedgaussian__shared": [1.0]}
    monkeypatch.setattr(methods, "GRID", grid)
    items, y = notes
    corpora = ["left", "right"] * (len(y) // 2)
    told = as_items(
        Item.from_array(item.signal(SR), SR, corpus=name)
        for item, name in zip(items, corpora, strict=True)
    )
    model = methods.gaussian(tree=tree, search=True).fit(told, y)

    def recall(size):
        values = []
        for out in ("left", "right"):
            test = np.array(corpora) == out
            alone = methods.gaussian(tree=tree, n_features=size, shared=1.0)
            answers = alone.fit(items[~test], y[~test]).predict(items[test])
            values.append(np.mean([np.mean(answers[y[test] == k] == k) for k in np.unique(y)]))
        return np.mean(values)

    assert list(model.inner_recall_.values()) == pytest.approx([recall(2), recall(12)])
    best = max((2, 12), key=recall)
    chosen = {f"{prefix}irmfsp__n_features": best, f"{prefix}sharedgaussian__shared": 1.0}
    assert model.best_params_ == chosen == chosen_params(model)


def test_trees_know_every_code_of_the_task():
    model = methods.gaussian(tree="peeters")[-1]
    assert isinstance(model, HierarchicalClassifier)
    labels = load_task("instruments").labels
    assert list(model.taxonomy) == list(range(len(labels)))
    assert model.taxonomy[labels.index("violin")] == ("sustained", "bowed strings")


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"selection": "best"}, "unknown selection 'best'; known: irmfsp"),
        ({"selection": "cfs", "search": True}, "search=True is for selection=irmfsp, not for cfs"),
        ({"tree": "oak"}, "unknown tree 'oak'; known: flat, families, peeters"),
    ],
)
def test_unknown_words_are_refused(params, match):
    with pytest.raises(MethodError, match=match):
        methods.gaussian(**params)
    with pytest.raises(MethodError, match="unknown transform"):
        GuardedPower("log").fit(np.eye(3))


@pytest.mark.slow
@pytest.mark.parametrize("function", [methods.gaussian, methods.knn, methods.tree])
def test_methods_keep_the_contract_of_the_harness(function):
    failed = [check for check in check_method(function, "instruments") if not check.passed]
    assert not failed


def test_methods_have_cards():
    for function in (methods.gaussian, methods.knn, methods.tree):
        method = load_method(function)
        assert method.family == "hand-crafted"
        assert method.title.startswith("Peeters 2003")
        assert method.function.cite == "peeters2003"
        method.build(0)
    assert load_method(methods.tree).seeded


def test_essentia_is_optional(monkeypatch):
    assert "essentia" not in sys.modules
    method = load_method(essentia_module.essentia_svm)
    monkeypatch.setattr(essentia_module.importlib.util, "find_spec", lambda name: None)
    assert "mirbench[essentia]" in method.skip()
    monkeypatch.setattr(essentia_module.importlib.util, "find_spec", lambda name: object())
    assert method.skip() is None
    method.build(0)


def test_essentia_statistics():
    pytest.importorskip("essentia")
    rng = np.random.default_rng(10)
    signals = [note("flute", 60, rng), np.zeros(SR), rng.standard_normal(2000), np.ones(1)]
    rows = [essentia_module.freesound_statistics(s.astype(np.float32), SR) for s in signals]
    assert len({row.shape for row in rows}) == 1
    assert all(np.isfinite(row).all() for row in rows)
    louder = essentia_module.freesound_statistics((0.1 * signals[0]).astype(np.float32), SR)
    assert_allclose(louder, rows[0], rtol=0.05, atol=0.05)
