"""Prior, and MFCC statistics with an SVM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.svm import SVC

from baselines.mfcc_svm import (
    MarginSVC,
    mfcc_of_last_second,
    mfcc_statistics,
    mfcc_svm,
    mfcc_svm_frames,
)
from baselines.prior import prior, prior_frames
from mirbench.features.spectral import mfcc
from mirbench.items import Item, as_items

SR = 22_050


def sound(label: int, seed: int, seconds: float = 7.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * SR)) / SR
    if label:
        return (0.1 * rng.standard_normal(len(t)) * (np.sin(5 * t) > 0)).astype(np.float32)
    return (0.1 * np.sin(2 * np.pi * rng.uniform(200, 800) * t)).astype(np.float32)


@pytest.fixture(scope="module")
def items() -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(16) % 2
    made = [Item.from_array(sound(label, k), SR, group=f"g{k}") for k, label in enumerate(y)]
    return as_items(made), y


def test_prior_is_the_share_of_each_class(items: tuple[np.ndarray, np.ndarray]) -> None:
    X, _ = items
    shares = prior().fit(X[:4], np.array([0, 0, 0, 1])).predict_proba(X[4:6])
    assert_allclose(shares, [[0.75, 0.25]] * 2)


def test_prior_of_frames(items: tuple[np.ndarray, np.ndarray]) -> None:
    X, _ = items
    rows = prior_frames().fit(X[:4], np.array([0, 0, 0, 1])).predict_proba(X[4:6])
    assert [part.shape for part in rows] == [(350, 2)] * 2
    assert_allclose(rows[0][0], [0.75, 0.25])


def test_clip_method_tells_two_sounds(items: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = items
    scores = mfcc_svm().fit(X[:12], y[:12]).predict_proba(X[12:])
    assert scores.shape == (4, 2)
    assert_array_equal(scores.argmax(axis=1), y[12:])


def test_frame_method_tells_two_sounds(items: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = items
    for rows, label in zip(mfcc_svm_frames().fit(X[:12], y[:12]).predict_proba(X[12:]), y[12:]):
        assert rows.shape == (350, 2)
        assert_allclose(rows.sum(axis=1), 1)
        assert np.mean(rows[250:].argmax(axis=1) == label) > 0.95


@pytest.mark.parametrize("method", [mfcc_svm, mfcc_svm_frames])
def test_scores_do_not_depend_on_the_other_test_items(
    method: Callable[[], Any], items: tuple[np.ndarray, np.ndarray]
) -> None:
    X, y = items
    fitted = method().fit(X[:12], y[:12])
    alone = [fitted.predict_proba(X[i : i + 1])[0] for i in range(12, 16)]
    for together, single in zip(fitted.predict_proba(X[12:]), alone, strict=True):
        assert_allclose(together, single, atol=1e-6)


def test_statistics_of_an_item() -> None:
    signal = sound(1, 0)
    signal *= 0.1 / np.sqrt(np.mean(signal**2))
    rows = mfcc(signal, SR, n_mfcc=20, amin=1e-6, deltas=1, hop_length=441)
    values = mfcc_statistics(signal, SR)
    assert values.shape == (60,)
    assert_allclose(values[:20], rows[:, :20].mean(axis=0), rtol=1e-3, atol=1e-2)
    assert_allclose(values[20:], rows.std(axis=0), rtol=1e-3, atol=1e-2)


def test_statistics_of_the_last_second() -> None:
    rows = mfcc(sound(1, 0), SR, n_mfcc=20, amin=1e-6, hop_length=441)[:, 1:].astype(np.float64)
    values = mfcc_of_last_second(sound(1, 0), SR)
    for i in (60, 200, 349):
        window, steps = rows[i - 49 : i + 1], np.diff(rows[i - 50 : i + 1], axis=0)
        expected = np.r_[window.mean(axis=0), window.std(axis=0), steps.std(axis=0)]
        assert_allclose(values[i], expected, rtol=1e-3, atol=1e-3)


def test_gain_does_not_matter() -> None:
    hiss = np.random.default_rng(1).standard_normal(7 * SR)
    signal = (sound(0, 3) + 0.03 * hiss).astype(np.float32)
    for function in (mfcc_statistics, mfcc_of_last_second):
        assert_allclose(function(signal, SR), function(0.5 * signal, SR), atol=0.05)


@settings(max_examples=20, deadline=None)
@given(n=st.integers(1, 30_000))
def test_a_row_a_frame(n: int) -> None:
    values = mfcc_of_last_second(sound(1, 0)[:n], SR)
    assert values.shape == (n // 441, 57)
    assert np.isfinite(values).all()
    assert np.isfinite(mfcc_statistics(sound(1, 0)[:n], SR)).all()


@pytest.mark.parametrize("n_classes", [2, 4])
def test_margins_give_the_decision_of_an_svm(n_classes: int) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(120) % n_classes
    X = rng.normal(size=(120, 2)) + 1.5 * np.stack([np.cos(y), np.sin(y)], axis=1)
    model, plain = MarginSVC().fit(X, y), SVC(break_ties=True).fit(X, y)
    scores = model.predict_proba(X)
    assert_allclose(scores.sum(axis=1), 1)
    assert_array_equal(scores.argmax(axis=1), plain.predict(X))
