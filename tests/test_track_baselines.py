"""Baselines for tracks: classes, tags and values by one method; fitted on training items only."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge

from baselines.tracks import methods
from baselines.tracks.estimator import Tracks
from baselines.tracks.heads import LIMIT, Head, Standardised, kind_of, linear, nearest, svm, trees
from baselines.tracks.steps import Steps
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.items import Item, as_items
from mirbench.methods import chosen_params, load_method, said_of_training
from mirbench.running.thresholds import thresholds_of
from mirbench.tuning import hold_out

SR = 22_050
LISTENING = (
    methods.mfcc_lr,
    methods.mfcc_chroma_svm,
    methods.tempo_knn,
    methods.onset_autocorrelation_svm,
    methods.tempogram_svm,
    methods.scale_transform,
    methods.modulation_svm,
    methods.rhythm_svm,
    methods.codebook_lr,
    methods.peeters_gbt,
)
SEEDED = (methods.codebook_lr, methods.peeters_gbt)


def sound(code: int, seed: int, seconds: float = 1.5) -> np.ndarray:
    """Noise gated 4 or 8 times a second, or a steady tone."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * SR)) / SR
    if code:
        return 0.1 * rng.standard_normal(len(t)) * (np.sin(2 * np.pi * 4 * code * t) > 0)
    return 0.1 * np.sin(2 * np.pi * rng.uniform(200, 400) * t) + 0.001 * rng.standard_normal(len(t))


def two_numbers(signal: np.ndarray, sr: float) -> np.ndarray:
    """Mean and deviation of the samples: features that a test can reckon by hand."""
    return np.array([signal.mean(), signal.std()])


CODES = np.arange(24) % 3
TAGS = np.stack([CODES == 0, CODES > 0, CODES < 0, CODES >= 0], axis=1).astype(np.int64)
"""The third never holds, the fourth always does."""
VALUES = np.stack([CODES + 0.01 * np.arange(24), np.full(24, 0.3)], axis=1)
"""The second is constant."""
TRAIN, TEST = slice(0, 18), slice(18, 24)


@pytest.fixture(scope="module")
def items() -> np.ndarray:
    return as_items(
        Item.from_array(sound(code, k), SR, group=f"g{k // 2}") for k, code in enumerate(CODES)
    )


@pytest.fixture(scope="module")
def odd() -> np.ndarray:
    rng = np.random.default_rng(9)
    made = (np.zeros(SR), np.full(SR, 0.5), rng.standard_normal(SR), rng.standard_normal(SR // 20))
    return as_items(Item.from_array(signal, SR) for signal in made)


@pytest.fixture
def numbers() -> Callable[[np.ndarray], np.ndarray]:
    """Items whose two features are given: shape (n, 2), deviations not negative."""

    def make(rows: np.ndarray, groups: list[str | None]) -> np.ndarray:
        signals = [np.array([mean - sd, mean + sd]) for mean, sd in rows]
        return as_items(Item.from_array(s, 10, group=g) for s, g in zip(signals, groups))

    return make


@pytest.mark.parametrize("method", LISTENING)
def test_classes_are_told(
    method: Callable[..., Tracks], items: np.ndarray, odd: np.ndarray
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = method(trials=2).fit(items[TRAIN], CODES[TRAIN])
        scores = fitted.predict_proba(as_items(item.blind() for item in items[TEST]))
        assert np.isfinite(fitted.predict_proba(odd)).all()
    assert scores.shape == (6, 3)
    assert_array_equal(fitted.classes_, [0, 1, 2])
    assert_allclose(scores.sum(axis=1), 1)
    assert_array_equal(fitted.predict(items[TEST]), scores.argmax(axis=1))
    if method is not methods.tempo_knn:
        assert np.mean(scores.argmax(axis=1) == CODES[TEST]) > 0.8


@pytest.mark.parametrize("method", LISTENING)
def test_tags_are_told(method: Callable[..., Tracks], items: np.ndarray, odd: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = method(trials=2).fit(items[TRAIN], TAGS[TRAIN])
        scores = fitted.predict_proba(items[TEST])
        silent = fitted.predict_proba(odd)
    assert scores.shape == (6, 4)
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert_array_equal(scores[:, 2:], [[0, 1]] * 6)
    assert_array_equal(silent[:, 2:], [[0, 1]] * 4)
    assert fitted.thresholds_ is not None
    assert_array_equal(thresholds_of(fitted, items[TRAIN], TAGS[TRAIN]), fitted.thresholds_)
    assert not hasattr(fitted, "classes_")
    if method is not methods.tempo_knn:
        assert_array_equal(scores[:, 0] > scores[:, 1], TAGS[TEST][:, 0])


@pytest.mark.parametrize("method", LISTENING)
def test_values_are_told(method: Callable[..., Tracks], items: np.ndarray, odd: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = method(trials=2).fit(items[TRAIN], VALUES[TRAIN])
        told = fitted.predict(items[TEST])
        assert np.isfinite(fitted.predict(odd)).all()
    assert told.shape == (6, 2)
    assert_allclose(told[:, 1], 0.3, atol=1e-6)
    if method not in (methods.tempo_knn, methods.codebook_lr):
        assert np.abs(told[:, 0] - VALUES[TEST][:, 0]).max() < 0.75


@pytest.mark.parametrize("method", [methods.mfcc_chroma_svm, *SEEDED])
@pytest.mark.parametrize("y", [CODES, TAGS, VALUES], ids=["classes", "tags", "values"])
def test_a_fit_repeats_and_leaves_the_global_seed_alone(
    method: Callable[..., Tracks], y: np.ndarray, items: np.ndarray
) -> None:
    def answers() -> np.ndarray:
        fitted = clone(method(trials=2)).fit(items[TRAIN], y[TRAIN])
        return fitted.predict(items[TEST]) if y is VALUES else fitted.predict_proba(items[TEST])

    np.random.seed(1)  # noqa: NPY002
    first = answers()
    drawn = np.random.random()  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert_array_equal(first, answers())
    np.random.seed(1)  # noqa: NPY002
    assert drawn == np.random.random()  # noqa: NPY002


@pytest.mark.parametrize("method", SEEDED)
def test_the_seed_counts(method: Callable[..., Tracks], items: np.ndarray) -> None:
    few = [method(random_state=s, trials=1).fit(items[TRAIN], CODES[TRAIN]) for s in (0, 1)]
    a, b = (fitted.predict_proba(items[TEST]) for fitted in few)
    assert np.abs(a - b).max() > 0


class Spy(Standardised):
    """Remembers what it was fitted on."""

    seen: list[np.ndarray] = []  # noqa: RUF012

    def fit(self, X: np.ndarray, y: object = None) -> Any:
        Spy.seen.append(np.array(X))
        return super().fit(X)


def test_the_scaler_sees_training_items_only(numbers: Callable[..., np.ndarray]) -> None:
    rng = np.random.default_rng(0)
    rows = np.abs(rng.normal(size=(16, 2)))
    groups = [f"g{k % 4}" for k in range(16)]
    X = numbers(rows, groups)
    Spy.seen.clear()
    model = Tracks(Extract(two_numbers, sr=10), svm(Spy()), trials=3)
    model.fit(X[:12], (rows[:12, 0] > rows[:12, 1]).astype(int))
    held = hold_out(groups[:12])
    assert [len(seen) for seen in Spy.seen] == [int((~held).sum())] * 3 + [12]
    assert not set(np.array(groups[:12])[held]) & set(np.array(groups[:12])[~held])
    for seen in Spy.seen[:3]:
        assert_allclose(seen, rows[:12][~held], atol=1e-6)
    before = Spy.seen[-1].copy()
    model.predict(X[12:])
    assert len(Spy.seen) == 4
    assert_allclose(before, rows[:12], atol=1e-6)
    assert_allclose(model.head_.prepare_.mean_, rows[:12].mean(axis=0), atol=1e-6)


def test_the_codebook_sees_training_items_only(items: np.ndarray) -> None:
    model = methods.codebook_lr(k=8, trials=1).fit(items[TRAIN], CODES[TRAIN])
    book = model.head_.prepare_[0]
    n = len(model.extract.transform(items[:1])[0])
    assert book.n_frames_ == 18 * min(n, 100)
    centres = book.clusters_.cluster_centers_.copy()
    model.predict(items[TEST])
    assert_array_equal(book.clusters_.cluster_centers_, centres)


def test_the_search_takes_the_first_of_the_best(numbers: Callable[..., np.ndarray]) -> None:
    rng = np.random.default_rng(1)
    rows = np.abs(rng.normal(size=(40, 2)))
    X = numbers(rows, [f"g{k // 2}" for k in range(40)])
    y = 3 * rows[:, :1] - rows[:, 1:]
    alphas = [{"alpha": 1e6}, {"alpha": 1e-3}, {"alpha": 1e-3}, {"alpha": 0.0}]
    head = Head(LogisticRegression(), Ridge(), regressor_settings=alphas)
    model = Tracks(Extract(two_numbers, sr=10), head, trials=3).fit(X, y)
    assert model.best_params_ == {"alpha": 1e-3}
    assert [setting for setting, _ in model.search_] == alphas[:3]
    (_, far), (_, near), _ = model.search_
    assert far < 0.6
    assert near == pytest.approx(1, abs=1e-3)
    assert chosen_params(model) == {"alpha": 1e-3}
    assert len(said_of_training(model)["search"]) == 3


@pytest.mark.parametrize(("groups", "trials"), [(["a"] * 8, 3), ([f"g{k}" for k in range(8)], 1)])
def test_without_groups_or_trials_the_first_setting_is_used(
    groups: list[str], trials: int, numbers: Callable[..., np.ndarray]
) -> None:
    rows = np.abs(np.random.default_rng(2).normal(size=(8, 2)))
    tags = (rows > np.median(rows, axis=0)).astype(int)
    model = Tracks(Extract(two_numbers, sr=10), linear(), trials).fit(numbers(rows, groups), tags)
    assert model.best_params_ == {"C": 0.1}
    assert model.search_ == []
    assert model.thresholds_ is None


def test_no_trial_is_refused(items: np.ndarray) -> None:
    with pytest.raises(MethodError, match="trials=0"):
        methods.mfcc_lr(trials=0).fit(items[TRAIN], CODES[TRAIN])


def test_bands_that_do_not_fit_are_refused() -> None:
    with pytest.raises(MethodError, match="divisor of 40"):
        methods.scale_transform(n_bands=3)


@pytest.mark.parametrize("head", [linear, svm, nearest, trees])
def test_a_class_that_the_hold_out_alone_has_is_no_error(
    head: Callable[..., Head], numbers: Callable[..., np.ndarray]
) -> None:
    rows = np.abs(np.random.default_rng(3).normal(size=(12, 2)))
    groups = [f"g{k // 3}" for k in range(12)]
    y = np.where(hold_out(groups), 1, 0)
    model = Tracks(Extract(two_numbers, sr=10), head()).fit(numbers(rows, groups), y)
    assert model.predict_proba(numbers(rows[:2], [None, None])).shape == (2, 2)
    assert [score for _, score in model.search_] == [0.0] * 3


@pytest.mark.parametrize("head", [linear, svm, nearest, trees])
def test_one_class_is_certain(head: Callable[..., Head]) -> None:
    rows = np.random.default_rng(4).normal(size=(5, 2))
    assert_array_equal(head().fit(rows, np.full(5, 3)).predict_proba(rows), np.ones((5, 1)))


def test_values_come_back_in_their_units() -> None:
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(200, 3))
    values = 1e4 + 50 * rows @ np.array([[1.0, 0], [0, 2], [1, 1]])
    told = linear().fit(rows, values, {"alpha": 1e-6}).predict(rows)
    assert_allclose(told, values, atol=1e-3)
    one = linear().fit(rows, values[:, 0], {"alpha": 1e-6}).predict(rows)
    assert_allclose(one[:, 0], told[:, 0])


def test_a_far_away_item_is_cut() -> None:
    rows = np.random.default_rng(6).normal(size=(50, 2))
    found = Standardised().fit(rows).transform(np.array([[1e9, rows[:, 1].mean()]]))
    assert_allclose(found, [[LIMIT, 0]], atol=1e-12)


def test_steps_hold_equally_many_training_items() -> None:
    rows = np.random.default_rng(7).normal(size=(320, 2))
    steps = Steps(32).fit(rows)
    for column in steps.transform(rows).T:
        assert_array_equal(np.bincount(column.astype(int)), np.full(32, 10))
    assert_array_equal(steps.transform(np.array([[-9.0, 9.0]])), [[0, 31]])
    order = np.argsort(rows[:, 0])
    assert (np.diff(steps.transform(rows)[order, 0]) >= 0).all()


@pytest.mark.parametrize(
    ("y", "kind"),
    [([0, 1], "classes"), ([[0, 1]], "tags"), ([0.5, 1], "values"), ([[0.5], [1.0]], "values")],
)
def test_the_target_says_what_it_asks_for(y: list[Any], kind: str) -> None:
    assert kind_of(y) == kind


@pytest.mark.parametrize("y", [["a", "b"], np.zeros((2, 2, 2)), 3])
def test_other_targets_are_refused(y: Any) -> None:
    with pytest.raises(MethodError, match="give codes"):
        kind_of(y)


def test_prior_of_every_kind(items: np.ndarray) -> None:
    shares = methods.track_prior().fit(items[:4], np.array([0, 2, 2, 2]))
    assert_allclose(shares.predict_proba(items[:2]), [[0.25, 0.75]] * 2)
    assert_array_equal(shares.predict(items[:2]), [2, 2])
    tags = methods.track_prior().fit(items, TAGS)
    assert_allclose(tags.predict_proba(items[:1]), [[1 / 3, 2 / 3, 0, 1]])
    assert_array_equal(tags.predict(items[:1]), [[0, 1, 0, 1]])
    values = methods.track_prior().fit(items, VALUES)
    assert_allclose(values.predict(items[:3]), [VALUES.mean(axis=0)] * 3)


@pytest.mark.parametrize("method", [methods.track_prior, *LISTENING, methods.essentia_track_svm])
def test_cards(method: Callable[..., Any]) -> None:
    loaded = load_method(method)
    assert loaded.family == ("baseline" if method is methods.track_prior else "hand-crafted")
    assert loaded.seeded == (method in SEEDED)
    assert loaded.title.endswith(".")
    assert len(loaded.title) < 80
    clone(loaded.build(0))


def test_essentia_is_optional() -> None:
    there = importlib.util.find_spec("essentia") is not None
    reason = load_method(methods.essentia_track_svm).skip()
    assert (reason is None) == there
