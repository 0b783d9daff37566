"""The classifiers and the methods of Scheirer & Slaney (1997)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scheirer_slaney_helpers import RECIPES, SR, noise
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.mixture import GaussianMixture

from baselines.scheirer_slaney.__main__ import paper_table, spec_of, systems
from baselines.scheirer_slaney.classifiers import GaussianMAP, GMMClassifier
from baselines.scheirer_slaney.descriptors import (
    SETS,
)
from baselines.scheirer_slaney.methods import gaussian, gmm, kd, knn
from baselines.scheirer_slaney.published import FIGURES
from mirbench.items import Item, as_items
from mirbench.methods import load_method


@pytest.fixture(scope="module")
def cloud() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    skew = rng.normal(size=(3, 3))
    X = np.concatenate([rng.normal(size=(300, 3)) @ skew, rng.normal(1.0, 2.0, size=(900, 3))])
    return X, np.repeat([0, 1], [300, 900])


def test_gaussian_map_is_bayes_rule(cloud: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = cloud
    logs = []
    for part in (X[y == 0], X[y == 1]):
        centred = part - part.mean(axis=0)
        covariance = centred.T @ centred / len(part) + 0.1 * np.eye(3)
        away = X - part.mean(axis=0)
        distance = np.sum(away @ np.linalg.inv(covariance) * away, axis=1)
        logs.append(-0.5 * (distance + np.log(np.linalg.det(covariance))))
    expected = 1 / (1 + np.exp(logs[1] - logs[0]))
    model = GaussianMAP(reg_covar=0.1).fit(X, y)
    assert_allclose(model.predict_proba(X)[:, 0], expected, atol=1e-10)


def test_gaussian_map_is_a_quadratic_discriminant(cloud: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = cloud
    twin = QuadraticDiscriminantAnalysis(priors=[0.5, 0.5]).fit(X, y)
    model = GaussianMAP(reg_covar=0).fit(X, y)  # the twin divides by n - 1
    assert_allclose(model.predict_proba(X), twin.predict_proba(X), atol=0.01)


def test_gaussian_map_bears_constant_features_and_few_frames(
    cloud: tuple[np.ndarray, np.ndarray],
) -> None:
    X, y = cloud
    for columns in (np.column_stack([X, np.zeros(len(X))]), X[:, :1]):
        posteriors = GaussianMAP().fit(columns, y).predict_proba(columns)
        assert np.isfinite(posteriors).all()
    assert np.isfinite(GaussianMAP().fit(X[:2], [0, 1]).predict_proba(1e3 * X)).all()


def test_gmm_is_a_mixture_per_class(cloud: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = cloud
    model = GMMClassifier(n_components=4, random_state=3).fit(X, y)
    logs = [
        GaussianMixture(4, covariance_type="diag", reg_covar=1e-3, random_state=3)
        .fit(X[y == c])
        .score_samples(X)
        for c in (0, 1)
    ]
    expected = 1 / (1 + np.exp(logs[1] - logs[0]))
    assert_allclose(model.predict_proba(X)[:, 0], expected, rtol=1e-9)
    assert_array_equal(model.predict(X), (expected < 0.5).astype(int))


def test_gmm_posteriors_are_finite_far_out(cloud: tuple[np.ndarray, np.ndarray]) -> None:
    model = GMMClassifier().fit(*cloud)
    posteriors = model.predict_proba(np.full((2, 3), 1e6))
    assert np.isfinite(posteriors).all()
    assert_allclose(posteriors.sum(axis=1), 1)


def test_gmm_with_few_frames() -> None:
    X = np.arange(10.0)[:, None]
    assert np.isfinite(GMMClassifier(8).fit(X, [0] * 9 + [1]).predict_proba(X)).all()


@pytest.fixture(scope="module")
def items() -> tuple[np.ndarray, np.ndarray]:
    """Noise modulated at 4 Hz, and steady chords."""
    t = np.arange(8 * SR) / SR
    signals = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        if seed % 2:
            wave = noise(8, seed) * (1 + np.sin(2 * np.pi * rng.uniform(3, 5) * t))
        else:
            wave = sum(np.sin(2 * np.pi * f * t) for f in rng.uniform(100, 2000, 4)) * 0.05
        signals.append(Item.from_array(np.float32(wave) + 1e-4 * noise(8, seed), SR))
    return as_items(signals), np.arange(8) % 2


@pytest.mark.parametrize("method", [gaussian, gmm, knn, kd])
def test_methods_answer_every_frame(method, items: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = items
    answers = method(features="best8").fit(X[:6], y[:6]).predict_proba(X[6:])
    for rows, code in zip(answers, y[6:]):
        assert rows.shape == (400, 2)
        assert np.isfinite(rows).all()
        assert rows[250:].mean(axis=0).argmax() == code
    assert method.__doc__
    assert method.cite == "scheirer1997construction"


def test_all_systems_share_one_extraction() -> None:
    keys = {method(features=f).steps[0][1].key() for method in (gaussian, kd) for f in SETS}
    assert len(keys) == 1


def test_specs_load() -> None:
    for features, classifier in systems():
        for recipe in RECIPES:
            spec = spec_of(classifier, features, recipe)
            assert load_method(spec).spec == spec


def test_published_figures_belong_to_rows() -> None:
    rows = systems()
    assert len(rows) == 13 + 16
    known = {features for features, _ in rows}
    assert all(figure.features in known for figure in FIGURES)
    assert all(figure.source in "SM" for figure in FIGURES)


def test_paper_table_lists_what_ran() -> None:
    names = ["frame error", "2.4-s error"]
    row = {f"{name}{end}": 6.25 for name in names for end in ("", " lo", " hi")}
    board = pd.DataFrame([{"method": "scheirer-slaney-kd:features=best3", **row}])
    table = paper_table(board, "robust")
    assert len(table) == 1
    assert table.at[0, "frame error %"] == "6.2 [6.2, 6.2]"
    assert table.at[0, "published frame error %"] == "6.7 ± 1.9 (from memory)"
