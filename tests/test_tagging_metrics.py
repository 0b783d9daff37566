"""Metrics of tags against scikit-learn, value by value and derivative by derivative."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from mirbench.errors import MethodError
from mirbench.frames import Grid
from mirbench.metrics import metrics_for
from mirbench.metrics.tagging import (
    Marks,
    area,
    linear_area,
    macro_area,
    precision_counts,
    roc_counts,
)
from mirbench.stats import Grouping, grouped_interval, interval_of_sums
from mirbench.tasks import Task
from mirbench.testing.metrics import check_metric

N_TAGS = 7
TASK = Task("tags", "tags", tuple(f"t{i}" for i in range(N_TAGS)), column="tags")
METRICS = {m.name: m for m in metrics_for(TASK, Grid())}
REFERENCES = {"PR-AUC": average_precision_score, "ROC-AUC": roc_auc_score}
COUNTS = {"PR-AUC": precision_counts, "ROC-AUC": roc_counts}


def made(n=120, n_tests=1, seed=0, levels=None, signal=1.0):
    """Truth, scores and test set of each item; few ``levels`` of scores tie."""
    rng = np.random.default_rng(seed)
    tags = (rng.random((n, N_TAGS)) < np.linspace(0.05, 0.6, N_TAGS)).astype(int)
    scores = 1 / (1 + np.exp(-signal * tags - rng.normal(size=tags.shape)))
    if levels:
        scores = np.round(scores * levels) / levels
    tests = rng.integers(0, n_tests, n)
    return tags, scores.astype(np.float32), tests


def marks(tags, tests):
    return [Marks(row, int(test)) for row, test in zip(tags, tests)]


def reference(score, tags, scores, tests, weights=None):
    """Mean over tags of the mean over test sets weighted by their positives."""
    weights = np.ones(len(tags)) if weights is None else weights
    of_tags = []
    for tag in range(tags.shape[1]):
        values, positives = [], []
        for test in np.unique(tests):
            at = tests == test
            held, w = tags[at, tag], weights[at]
            if held.sum() == 0 or (score is roc_auc_score and held.sum() == len(held)):
                continue
            values.append(score(held, scores[at, tag], sample_weight=w))
            positives.append((w * held).sum())
        if positives:
            of_tags.append(np.average(values, weights=positives))
    return 100 * np.mean(of_tags)


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("levels", [None, 4, 1])
def test_an_area_is_scikit_learns_in_each_test_set(name, levels):
    tags, scores, tests = made(n_tests=3, levels=levels)
    counts = COUNTS[name](marks(tags, tests), scores, TASK)
    for test in range(3):
        at = tests == test
        values = area(counts[at].sum(axis=0))
        for tag in range(N_TAGS):
            held = tags[at, tag]
            if held.any():
                expected = 100 * REFERENCES[name](held, scores[at, tag])
                assert values[tag] == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("name", REFERENCES)
def test_several_test_sets_are_weighted_by_positives_and_never_ranked_together(name):
    tags, scores, tests = made(n_tests=4)
    value = METRICS[name].score(marks(tags, tests), list(scores), TASK, None)
    assert value == pytest.approx(reference(REFERENCES[name], tags, scores, tests), abs=1e-9)
    # another scale in one test set changes no order within it
    moved = np.where(tests[:, None] == 0, scores / 10, scores)
    assert METRICS[name].score(marks(tags, tests), list(moved), TASK, None) == pytest.approx(value)


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("levels", [None, 4])
def test_counts_have_the_derivative_of_the_weighted_area(name, levels):
    tags, scores, tests = made(n=60, n_tests=2, levels=levels, seed=3)
    counts = COUNTS[name](marks(tags, tests), scores, TASK)
    h = 1e-5
    for k in range(0, 60, 7):
        ends = []
        for sign in (1, -1):
            weights = np.ones(60)
            weights[k] += sign * h
            ends.append(reference(REFERENCES[name], tags, scores, tests, weights))
        total = counts.sum(axis=0)
        ours = [float(macro_area(total + sign * h * counts[k])) for sign in (1, -1)]
        numerical, linear = ((a - b) / (2 * h) for a, b in (ends, ours))
        assert linear == pytest.approx(numerical, abs=1e-5)


def test_f1_is_scikit_learns():
    tags, scores, tests = made(n_tests=2)
    truth, decided = marks(tags, tests), scores >= 0.5
    f1 = {"macro F1": "macro", "micro F1": "micro"}
    for name, average in f1.items():
        expected = 100 * f1_score(tags, decided, average=average)
        assert METRICS[name].score(truth, list(scores), TASK, None) == pytest.approx(expected)
    for i, label in enumerate(TASK.labels):
        value = METRICS[f"F1 ({label})"].score(truth, list(scores), TASK, None)
        assert value == pytest.approx(100 * f1_score(tags[:, i], decided[:, i]))


def test_what_says_nothing_has_the_prevalence_and_a_half():
    tags, _, tests = made(n_tests=2)
    scores = list(np.full(tags.shape, 0.3, np.float32))
    for i, label in enumerate(TASK.labels):
        pr, roc = (METRICS[f"{m} ({label})"] for m in ("PR-AUC", "ROC-AUC"))
        own = [tags[tests == t, i] for t in (0, 1)]
        expected = 100 * np.average([o.mean() for o in own], weights=[o.sum() for o in own])
        assert pr.score(marks(tags, tests), scores, TASK, None) == pytest.approx(expected)
        assert roc.score(marks(tags, tests), scores, TASK, None) == pytest.approx(50)


def test_tags_that_no_item_has_or_lacks_are_left_out():
    tags, scores, tests = made()
    tags[:, 0], tags[:, 1] = 0, 1
    truth = marks(tags, tests)
    every = {name: m.score(truth, list(scores), TASK, None) for name, m in METRICS.items()}
    assert np.isnan(every["PR-AUC (t0)"])
    assert every["PR-AUC (t1)"] == pytest.approx(100)
    assert np.isnan(every["ROC-AUC (t0)"])
    assert np.isnan(every["ROC-AUC (t1)"])
    assert np.isnan(every["F1 (t0)"])
    for name, first in (("PR-AUC", 1), ("ROC-AUC", 2)):
        expected = 100 * REFERENCES[name](tags[:, first:], scores[:, first:], average="macro")
        assert every[name] == pytest.approx(expected)


def test_a_lone_item_and_none_at_all():
    one = marks(np.array([[1] + [0] * (N_TAGS - 1)]), [0])
    answer = [np.full(N_TAGS, 0.4)]
    assert METRICS["PR-AUC"].score(one, answer, TASK, None) == pytest.approx(100)
    assert np.isnan(METRICS["ROC-AUC"].score(one, answer, TASK, None))
    for metric in METRICS.values():
        assert metric.counts([], [], TASK, None).shape[0] == 0


def test_the_linear_form_is_the_macro_area():
    tags, scores, tests = made(n_tests=2)
    tags[:, 0] = 0
    counts = roc_counts(marks(tags, tests), scores, TASK)
    weights, short = linear_area(macro_area, counts.sum(axis=0)[::2])
    assert short(counts.sum(axis=0) @ weights) == pytest.approx(float(macro_area(counts.sum(0))))
    assert linear_area(area, counts.sum(axis=0)[::2]) is None


def test_wrong_answers_are_named():
    tags, scores, tests = made(n=4)
    truth = marks(tags, tests)
    metric = METRICS["PR-AUC"]
    with pytest.raises(MethodError, match="3 outputs"):
        metric.counts(truth, list(scores[:3]), TASK, None)
    with pytest.raises(MethodError, match="item 2 have shape"):
        metric.counts(truth, [*scores[:2], scores[2, :3], scores[3]], TASK, None)
    scores[1, 0] = np.nan
    with pytest.raises(MethodError, match="item 1 hold NaN"):
        metric.counts(truth, list(scores), TASK, None)


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda m: m.name)
def test_the_contract_of_metrics(metric):
    failed = [c for c in check_metric(metric, TASK) if not c.passed]
    assert not failed, failed


@pytest.mark.slow
@pytest.mark.parametrize("name", REFERENCES)
def test_intervals_cover_the_value_of_the_population(name):
    """Groups of four alike items, 16 of them; 300 draws: 95 % +- 2.5 points by chance alone."""
    task = dataclasses.replace(TASK, labels=("a", "b"))

    def draw(n_groups, rng):
        own = rng.normal(size=(n_groups, 1, 2))
        tags = (rng.random((n_groups, 4, 2)) < 1 / (1 + np.exp(1 - own))).astype(int)
        scores = expit(tags + rng.normal(size=tags.shape) + rng.normal(size=(n_groups, 1, 2)))
        groups = np.repeat(np.arange(n_groups), 4).astype(str)
        return tags.reshape(-1, 2), scores.reshape(-1, 2), groups

    rng = np.random.default_rng(0)
    tags, scores, _ = draw(20_000, rng)
    value = REFERENCES[name]
    true = 100 * np.mean([value(tags[:, t], scores[:, t]) for t in (0, 1)])
    held = 0
    for _ in range(300):
        tags, scores, groups = draw(16, rng)
        counts = COUNTS[name](marks(tags, np.zeros(len(tags))), scores, task)
        found = grouped_interval(counts, groups, macro_area, limits=(0, 100))
        held += found.lo <= true <= found.hi
    assert 0.90 <= held / 300 <= 0.99


def test_intervals_of_areas_cover_where_tags_are_rare():
    """Resampled mean areas of rare tags sit below the value; the linearised interval covers."""
    task = SimpleNamespace(labels=tuple(f"t{i}" for i in range(30)), name="x", kind="tags")
    prevalence = np.linspace(0.05, 0.4, 30)
    found = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        artists = rng.random((50, 30)) < prevalence
        y = np.repeat(artists, 3, axis=0).astype(int)
        noise = np.repeat(rng.normal(0, 0.7, (50, 30)), 3, axis=0) + rng.normal(0, 0.8, y.shape)
        counts = precision_counts([Marks(row) for row in y], list(expit(y + noise)), task)
        sums = Grouping.of(np.repeat(np.arange(50), 3).astype(str)).sum(counts)
        one = interval_of_sums(sums, macro_area, limits=(0, 100), linear=True)
        assert one.method == "t"
        found.append((one.value, one.lo, one.hi))
    values, lo, hi = np.array(found).T
    assert 0.91 <= np.mean((lo <= values.mean()) & (values.mean() <= hi)) <= 1
